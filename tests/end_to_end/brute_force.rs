//! Every number of the demo's `areas.csv`, computed again the plain way: every settlement against every polygon with
//! geo's predicates, sums by a group-by of polars, distances from every unreached settlement to every reached one.

use crate::{
    demo::run,
    world::{read_areas, root},
};
use geo::{BoundingRect as _, Intersects as _};
use std::collections::{BTreeMap, BTreeSet};
use whitespot_spatial::crs::{Crs, Transform};

/// One polygon of a layer with its attributes.
struct Covering {
    polygon: geo::Polygon<f64>,
    rect: geo::Rect<f64>,
    operator: String,
    technology: String,
    basis: String,
    mbps: f64,
    is_planned: bool,
}

/// A settlement with all that covers it.
struct Row<'a> {
    area: String,
    persons: f64,
    households: f64,
    workplaces: f64,
    class: String,
    metres: (f64, f64),
    covering: Vec<&'a Covering>,
}

fn json(name: &str) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(root().join("data/vasterbotten").join(name)).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    json["features"].as_array().unwrap().clone()
}

fn read_layer(name: &str) -> Vec<Covering> {
    let mut layer = Vec::new();
    for feature in json(name) {
        let text = |name: &str| feature["properties"][name].as_str().unwrap_or("").to_string();
        for polygon in multi_polygon(&feature["geometry"]) {
            layer.push(Covering {
                rect: polygon.bounding_rect().unwrap(),
                polygon,
                operator: text("operator"),
                technology: text("technology"),
                basis: text("basis"),
                mbps: feature["properties"]["download_mbps"].as_f64().unwrap(),
                is_planned: text("status") == "planned",
            });
        }
    }
    layer
}

fn multi_polygon(geometry: &serde_json::Value) -> Vec<geo::Polygon<f64>> {
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
        "Polygon" => vec![polygon(coordinates)],
        _ => coordinates.as_array().unwrap().iter().map(polygon).collect(),
    }
}

fn read_rows(layers: &[Covering]) -> Vec<Row<'_>> {
    let mut areas: Vec<(String, Vec<geo::Polygon<f64>>)> = json("municipalities.geojson")
        .iter()
        .map(|f| (f["properties"]["kommun_kod"].as_str().unwrap().to_string(), multi_polygon(&f["geometry"])))
        .collect();
    areas.sort_by(|a, b| a.0.cmp(&b.0));
    let to_metres =
        Transform::new(&Crs::from_code("EPSG:4326").unwrap(), &Crs::from_code("EPSG:3006").unwrap());
    let mut reader = csv::Reader::from_path(root().join("data/vasterbotten/settlements.csv")).unwrap();
    let row = |row: BTreeMap<String, String>| {
        let number = |name: &str| row[name].parse::<f64>().unwrap_or(0.0);
        let point = geo::Point::new(number("lon"), number("lat"));
        let metres = to_metres.apply(point.0).unwrap();
        Row {
            area: areas
                .iter()
                .find(|(_, parts)| parts.iter().any(|polygon| polygon.intersects(&point)))
                .map_or(String::new(), |(code, _)| code.clone()),
            persons: number("persons"),
            households: number("households"),
            workplaces: number("workplaces"),
            class: row["class"].clone(),
            metres: (metres.x, metres.y),
            // The boxes are the only shortcut, so that the test ends today.
            covering: layers
                .iter()
                .filter(|c| c.rect.intersects(&point) && c.polygon.intersects(&point))
                .collect(),
        }
    };
    reader.deserialize().map(|r| row(r.unwrap())).collect()
}

/// Whether a polygon of a layer satisfies a service.
type Rule = fn(&Covering) -> bool;

/// The services of the demo, said again: which coverage satisfies each.
const SERVICES: [(&str, Rule); 5] = [
    ("fixed_100", |c| c.technology == "fibre" && c.mbps >= 100.0),
    ("gigabit", |c| c.technology == "fibre" && c.mbps >= 1000.0),
    ("mobile_30", |c| c.technology != "fibre" && c.mbps >= 30.0),
    ("mobile_5g", |c| c.technology == "5g"),
    ("either", |c| if c.technology == "fibre" { c.mbps >= 100.0 } else { c.mbps >= 30.0 }),
];

/// Values of each summed column, one a settlement.
fn summed_columns(rows: &[Row<'_>]) -> BTreeMap<String, Vec<Option<f64>>> {
    let mut columns: BTreeMap<String, Vec<Option<f64>>> = BTreeMap::new();
    let mut add = |name: String, is_counted: bool, value: f64| {
        columns.entry(name).or_default().push(Some(if is_counted { value } else { 0.0 }));
    };
    let classes: BTreeSet<&str> = rows.iter().map(|r| r.class.as_str()).collect();
    for row in rows {
        add("settlements".into(), true, 1.0);
        for (unit, value) in
            [("persons", row.persons), ("households", row.households), ("workplaces", row.workplaces)]
        {
            add(unit.into(), true, value);
        }
        for (name, satisfies) in SERVICES {
            let hits: Vec<&&Covering> =
                row.covering.iter().filter(|c| satisfies(c) && !c.is_planned).collect();
            let is_reached = !hits.is_empty();
            for (unit, value) in
                [("persons", row.persons), ("households", row.households), ("workplaces", row.workplaces)]
            {
                add(format!("{name}_reached_{unit}"), is_reached, value);
                add(format!("{name}_gap_{unit}"), !is_reached, value);
            }
            for class in &classes {
                let word = class.replace(['å', 'ä'], "a").replace('ö', "o").to_lowercase();
                add(format!("{name}_gap_persons_{word}"), !is_reached && row.class == *class, row.persons);
            }
            let operators: BTreeSet<&str> = hits.iter().map(|c| c.operator.as_str()).collect();
            for k in 0..=4 {
                let is_counted = if k == 4 { operators.len() >= 4 } else { operators.len() == k };
                add(format!("{name}_operators_{k}_persons"), is_counted, row.persons);
            }
            add(format!("{name}_white_persons"), operators.is_empty(), row.persons);
            add(format!("{name}_grey_persons"), operators.len() == 1, row.persons);
            add(format!("{name}_black_persons"), operators.len() >= 2, row.persons);
            for basis in ["connected", "passed", "modelled_signal", "measured"] {
                add(format!("{name}_{basis}_persons"), hits.iter().any(|c| c.basis == basis), row.persons);
            }
            let planned = row.covering.iter().any(|c| satisfies(c) && c.is_planned);
            add(format!("{name}_planned_persons"), !is_reached && planned, row.persons);
            let paths: BTreeSet<(&str, &str)> =
                hits.iter().map(|c| (c.operator.as_str(), c.technology.as_str())).collect();
            add(format!("{name}_single_path_persons"), paths.len() == 1, row.persons);
        }
    }
    columns
}

/// Mean, median and 90th percentile over persons of the distance to the nearest reached settlement.
fn distances(rows: &[Row<'_>]) -> BTreeMap<(String, &'static str), f64> {
    let is_reached = |row: &Row<'_>| row.covering.iter().any(|c| SERVICES[0].1(c) && !c.is_planned);
    let reached: Vec<(f64, f64)> = rows.iter().filter(|r| is_reached(r)).map(|r| r.metres).collect();
    let mut by_area: BTreeMap<String, Vec<(f64, u64)>> = BTreeMap::new();
    for row in rows.iter().filter(|r| !is_reached(r)) {
        let squared = |p: &(f64, f64)| (p.0 - row.metres.0).powi(2) + (p.1 - row.metres.1).powi(2);
        let nearest = reached.iter().map(squared).fold(f64::INFINITY, f64::min).sqrt();
        by_area.entry(row.area.clone()).or_default().push((nearest, row.persons as u64));
    }
    let mut found = BTreeMap::new();
    for (area, mut distances) in by_area {
        distances.sort_by(|a, b| a.0.total_cmp(&b.0));
        let persons: u64 = distances.iter().map(|d| d.1).sum();
        let mean = distances.iter().map(|d| d.0 * d.1 as f64).sum::<f64>() / persons as f64;
        // One entry a person: the plainest of all quantiles.
        let each: Vec<f64> = distances.iter().flat_map(|d| vec![d.0; d.1 as usize]).collect();
        let quantile = |share: f64| each[((share * persons as f64).ceil() as usize).max(1) - 1];
        found.insert((area.clone(), "fixed_100_distance_mean_m"), mean);
        found.insert((area.clone(), "fixed_100_distance_median_m"), quantile(0.5));
        found.insert((area, "fixed_100_distance_p90_m"), quantile(0.9));
    }
    found
}

/// Score of each area from the raw indicators: min-max over the areas, weights as the demo gives them.
fn scores(areas: &BTreeMap<String, BTreeMap<String, String>>) -> Vec<(String, f64)> {
    let weights = [
        ("fixed_gap_share", 0.35),
        ("no_service_share", 0.25),
        ("distance_m", 0.20),
        ("aged_65_share", 0.20),
    ];
    let codes: Vec<&String> = areas.keys().filter(|code| !code.is_empty()).collect();
    let value = |code: &String, name: &str| areas[code][name].parse::<f64>().unwrap();
    let mut scores: Vec<(String, f64)> = codes.iter().map(|code| ((*code).clone(), 0.0)).collect();
    for (name, weight) in weights {
        let values: Vec<f64> = codes.iter().map(|code| value(code, name)).collect();
        let (low, high) = (
            values.iter().copied().fold(f64::MAX, f64::min),
            values.iter().copied().fold(f64::MIN, f64::max),
        );
        for (score, value) in scores.iter_mut().zip(values) {
            score.1 += weight * (value - low) / (high - low);
        }
    }
    scores.sort_by(|a, b| b.1.total_cmp(&a.1));
    scores
}

fn statistics(value: &str) -> BTreeMap<String, f64> {
    let mut reader = csv::Reader::from_path(root().join("data/vasterbotten/statistics.csv")).unwrap();
    let rows = reader.deserialize().map(|row| row.unwrap());
    rows.map(|row: BTreeMap<String, String>| (row["kommun_kod"].clone(), row[value].parse().unwrap()))
        .collect()
}

fn assert_near(found: &str, expected: f64, what: &str) {
    let found: f64 = found.parse().unwrap_or_else(|_| panic!("{what} is `{found}`, not {expected}"));
    assert!((found - expected).abs() <= 1e-6 * expected.abs().max(1.0), "{what}: {found}, not {expected}");
}

#[test]
fn every_number_of_every_area_equals_a_brute_force_join_and_a_group_by() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("results");
    // Without snapping and suppression, so that the plain predicates alone decide who is where and all numbers show.
    let sets = ["areas.snap_m=0", "outputs.settlements=false", "outputs.min_cell=0"];
    run(&out, &sets.iter().flat_map(|set| ["--set", set]).collect::<Vec<_>>());
    let published = read_areas(&out);

    let layers: Vec<Covering> =
        [read_layer("fibre.geojson"), read_layer("mobile.geojson")].into_iter().flatten().collect();
    let rows = read_rows(&layers);
    let columns = summed_columns(&rows);
    let keys: Vec<&str> = rows.iter().map(|r| r.area.as_str()).collect();
    let values: Vec<&[Option<f64>]> = columns.values().map(Vec::as_slice).collect();
    let sums = whitespot_table::reference::sum_by(&keys, &values);
    assert_eq!(sums.len(), published.len());
    let mut expected: BTreeMap<String, BTreeMap<&str, f64>> = BTreeMap::new();
    for (area, sums) in sums {
        expected.insert(area, columns.keys().map(String::as_str).zip(sums).collect());
    }
    let distances = distances(&rows);
    let aged = statistics("share_65_plus_2023");
    let land_km2: BTreeMap<String, f64> = json("municipalities.geojson")
        .iter()
        .map(|f| &f["properties"])
        .map(|p| (p["kommun_kod"].as_str().unwrap().to_string(), p["land_km2"].as_f64().unwrap()))
        .collect();
    let scores = scores(&published);

    for (code, row) in &published {
        let sums = &expected[code];
        for (column, text) in row {
            let what = format!("{column} of `{code}`");
            let name = column.as_str();
            let service = SERVICES.iter().find(|(service, _)| name.starts_with(service)).map_or("", |s| s.0);
            let measure = name.strip_prefix(service).unwrap_or(name);
            let share_of = |gap: f64| gap / sums["persons"];
            match (name, measure) {
                ("area_code" | "area_name" | "parent_code", _) => {}
                ("score" | "rank", _) if code.is_empty() => assert_eq!(text, "", "{what}"),
                ("score", _) => {
                    assert_near(text, scores.iter().find(|s| s.0 == *code).unwrap().1, &what);
                }
                ("rank", _) => {
                    assert_eq!(
                        text,
                        &(scores.iter().position(|s| s.0 == *code).unwrap() + 1).to_string(),
                        "{what}"
                    );
                }
                (
                    "area_km2"
                    | "density_persons_per_km2"
                    | "aged_65_share"
                    | "fixed_gap_share"
                    | "no_service_share"
                    | "distance_m",
                    _,
                ) if code.is_empty() => {
                    assert_eq!(text, "", "{what}");
                }
                ("area_km2", _) => assert_near(text, land_km2[code], &what),
                ("density_persons_per_km2", _) => assert_near(text, sums["persons"] / land_km2[code], &what),
                ("aged_65_share", _) => assert_near(text, aged[code], &what),
                ("fixed_gap_share", _) => assert_near(text, share_of(sums["fixed_100_gap_persons"]), &what),
                ("no_service_share", _) => assert_near(text, share_of(sums["either_gap_persons"]), &what),
                ("distance_m", _) => {
                    assert_near(text, distances[&(code.clone(), "fixed_100_distance_median_m")], &what);
                }
                (_, "_gap_share") => {
                    assert_near(text, share_of(sums[format!("{service}_gap_persons").as_str()]), &what);
                }
                (_, "_shortfall_persons") => {
                    let target = match service {
                        "gigabit" => 0.98,
                        "fixed_100" => 0.999,
                        _ => 1.0,
                    };
                    let reached = sums[format!("{service}_reached_persons").as_str()];
                    let wanted = (target * sums["persons"] - 1e-6).ceil();
                    assert_near(text, (wanted - reached).max(0.0), &what);
                }
                (_, "_distance_mean_m" | "_distance_median_m" | "_distance_p90_m") => {
                    let of_area = |d: &&(String, &str)| d.0 == *code && d.1 == name;
                    assert_near(text, distances[distances.keys().find(of_area).unwrap()], &what);
                }
                _ => {
                    let expected =
                        sums.get(name).unwrap_or_else(|| panic!("{what} is computed nowhere else"));
                    assert_eq!(text, &expected.to_string(), "{what}");
                }
            }
        }
    }
}
