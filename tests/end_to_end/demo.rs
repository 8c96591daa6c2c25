//! The demo: the same bytes on any number of threads, and the numbers of an independent computation.

use crate::world::{read_areas, root, whitespot};
use geo::{BoundingRect as _, Intersects as _};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

fn run(out: &Path, args: &[&str]) {
    let out = out.to_str().unwrap();
    let config = root().join("data/vasterbotten/whitespot.toml");
    let all = [&["run", "-q", "--force", "-c", config.to_str().unwrap(), "-o", out], args].concat();
    let output = whitespot(&root(), &all);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn results_do_not_depend_on_threads_or_batches() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("results");
    let mut first: Option<BTreeMap<String, Vec<u8>>> = None;
    for args in [&["-j", "1"][..], &["-j", "2", "--batch", "1000"], &["-j", "7", "--batch", "777"]] {
        run(&out, args);
        let mut now = files(&out);
        assert!(now.len() > 15, "a complete folder: {:?}", now.keys());
        now.remove("manifest.json");
        match &first {
            None => first = Some(now),
            Some(first) => {
                for (name, bytes) in first {
                    assert!(now.get(name) == Some(bytes), "{name} differs with {args:?}");
                }
                assert_eq!(first.len(), now.len());
            }
        }
    }
}

/// One polygon of a layer with its attributes.
struct Covering {
    polygon: geo::MultiPolygon<f64>,
    operator: String,
    technology: String,
    mbps: f64,
    is_planned: bool,
}

fn read_layer(name: &str) -> Vec<Covering> {
    let text = std::fs::read_to_string(root().join("data/vasterbotten").join(name)).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    json["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            let p = &f["properties"];
            Covering {
                polygon: multi_polygon(&f["geometry"]),
                operator: p["operator"].as_str().unwrap().to_string(),
                technology: p["technology"].as_str().unwrap().to_string(),
                mbps: p["download_mbps"].as_f64().unwrap(),
                is_planned: p["status"].as_str() == Some("planned"),
            }
        })
        .collect()
}

fn multi_polygon(geometry: &serde_json::Value) -> geo::MultiPolygon<f64> {
    let ring = |r: &serde_json::Value| {
        let points = r.as_array().unwrap().iter();
        geo::LineString::from_iter(points.map(|c| (c[0].as_f64().unwrap(), c[1].as_f64().unwrap())))
    };
    let polygon = |p: &serde_json::Value| {
        let mut rings: Vec<_> = p.as_array().unwrap().iter().map(ring).collect();
        let shell = rings.remove(0);
        geo::Polygon::new(shell, rings)
    };
    let coordinates = &geometry["coordinates"];
    match geometry["type"].as_str().unwrap() {
        "Polygon" => geo::MultiPolygon::new(vec![polygon(coordinates)]),
        _ => geo::MultiPolygon::new(coordinates.as_array().unwrap().iter().map(polygon).collect()),
    }
}

#[test]
fn every_area_equals_a_brute_force_join_and_a_group_by() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("results");
    // Without snapping, so that the plain predicates alone decide who is where.
    run(&out, &["--set", "areas.snap_m=0", "--set", "outputs.settlements=false"]);
    let published = read_areas(&out);

    let areas: Vec<(String, geo::MultiPolygon<f64>)> = {
        let text = std::fs::read_to_string(root().join("data/vasterbotten/municipalities.geojson")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let features = json["features"].as_array().unwrap().iter();
        let mut areas: Vec<_> = features
            .map(|f| {
                (f["properties"]["kommun_kod"].as_str().unwrap().to_string(), multi_polygon(&f["geometry"]))
            })
            .collect();
        areas.sort_by(|a, b| a.0.cmp(&b.0));
        areas
    };
    // Parts with their boxes: the only shortcut, so that the test ends today.
    let parts: Vec<(usize, geo::Rect<f64>, geo::Polygon<f64>)> = Vec::new();
    let mut parts = parts;
    let layers: Vec<Covering> =
        [read_layer("fibre.geojson"), read_layer("mobile.geojson")].into_iter().flatten().collect();
    for (i, covering) in layers.iter().enumerate() {
        for polygon in &covering.polygon {
            parts.push((i, polygon.bounding_rect().unwrap(), polygon.clone()));
        }
    }

    let mut keys: Vec<String> = Vec::new();
    let mut columns: BTreeMap<&str, Vec<Option<f64>>> = BTreeMap::new();
    let mut reader = csv::Reader::from_path(root().join("data/vasterbotten/settlements.csv")).unwrap();
    for row in reader.deserialize() {
        let row: BTreeMap<String, String> = row.unwrap();
        let number = |name: &str| row[name].parse::<f64>().unwrap_or(0.0);
        let point = geo::Point::new(number("lon"), number("lat"));
        let area = areas.iter().find(|(_, polygon)| polygon.intersects(&point)).map_or("", |(code, _)| code);
        let covering: Vec<&Covering> = parts
            .iter()
            .filter(|(_, rect, polygon)| rect.intersects(&point) && polygon.intersects(&point))
            .map(|(i, ..)| &layers[*i])
            .filter(|c| !c.is_planned)
            .collect();
        let is_fixed = |c: &&&Covering| c.technology == "fibre" && c.mbps >= 100.0;
        let fixed: BTreeSet<&str> = covering.iter().filter(is_fixed).map(|c| c.operator.as_str()).collect();
        let is_mobile = |c: &&&Covering| c.technology != "fibre" && c.mbps >= 30.0;
        let mobile: BTreeSet<&str> = covering.iter().filter(is_mobile).map(|c| c.operator.as_str()).collect();
        let mobile_5g: BTreeSet<&str> =
            covering.iter().filter(|c| c.technology == "5g").map(|c| c.operator.as_str()).collect();
        let gigabit = covering.iter().any(|c| c.technology == "fibre" && c.mbps >= 1000.0);
        let (persons, households) = (number("persons"), number("households"));
        let mut add = |name: &'static str, counts: bool, value: f64| {
            columns.entry(name).or_default().push(Some(if counts { value } else { 0.0 }));
        };
        add("persons", true, persons);
        add("households", true, households);
        add("workplaces", true, number("workplaces"));
        add("fixed_100_reached_persons", !fixed.is_empty(), persons);
        add("fixed_100_gap_persons", fixed.is_empty(), persons);
        add("fixed_100_gap_households", fixed.is_empty(), households);
        add("fixed_100_white_persons", fixed.is_empty(), persons);
        add("fixed_100_grey_persons", fixed.len() == 1, persons);
        add("fixed_100_black_persons", fixed.len() >= 2, persons);
        add("gigabit_gap_persons", !gigabit, persons);
        add("mobile_30_gap_persons", mobile.is_empty(), persons);
        add("mobile_30_operators_1_persons", mobile.len() == 1, persons);
        add("mobile_30_operators_4_persons", mobile.len() >= 4, persons);
        add("mobile_5g_gap_households", mobile_5g.is_empty(), households);
        add("mobile_5g_operators_2_persons", mobile_5g.len() == 2, persons);
        add("either_gap_persons", fixed.is_empty() && mobile.is_empty(), persons);
        keys.push(area.to_string());
    }
    let names: Vec<&str> = columns.keys().copied().collect();
    let values: Vec<&[Option<f64>]> = columns.values().map(Vec::as_slice).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let sums = whitespot_table::reference::sum_by(&keys, &values);
    assert_eq!(sums.len(), published.len());
    for (area, sums) in sums {
        for (name, sum) in names.iter().zip(sums) {
            let there: f64 = published[&area][*name].parse().unwrap();
            assert_eq!(there, sum, "{name} of `{area}`");
        }
    }
}
