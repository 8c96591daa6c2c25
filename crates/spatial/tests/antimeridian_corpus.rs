//! Unwrapped rings hold the same points as the split geometry that gadomski/antimeridian makes of the same input.
//!
//! Its test data is not part of this project; the test says so and passes where the folder is absent.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use geo_types::Coord;
use serde_json::Value;
use std::{fs, path::PathBuf};
use whitespot_model::shapes::{Part, Shapes};
use whitespot_spatial::antimeridian;

/// Inputs that we answer differently, with the reason.
const DIFFERENT: [(&str, &str); 6] = [
    (
        "both-poles.json",
        "direction alone tells that it holds both poles and not what lies between; we trust none",
    ),
    ("force-north-pole.json", "made with an option that forces a pole"),
    ("issues-124.json", "crosses the equator and holds one pole: which one, only a rule can tell"),
    ("issues-164.json", "as issues-124"),
    ("issues-171.json", "theirs loses the hole at longitude 0"),
    ("overlap.json", "overlaps itself, which even-odd counts as outside"),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/test-only/formats/antimeridian")
}

fn push_rings(shapes: &mut Shapes, part: Part, rings: &Value) {
    shapes.begin_part(part);
    for ring in rings.as_array().unwrap() {
        let number = |v: &Value| v.as_f64().unwrap();
        let mut ring: Vec<(f64, f64)> =
            ring.as_array().unwrap().iter().map(|c| (number(&c[0]), number(&c[1]))).collect();
        if part == Part::Polygon && ring.first() != ring.last() {
            ring.push(ring[0]);
        }
        shapes.push_ring(ring);
    }
    shapes.end_part();
}

fn push_geometry(shapes: &mut Shapes, value: &Value) {
    let members = |key: &str| value[key].as_array().unwrap();
    match value["type"].as_str().unwrap() {
        "FeatureCollection" => members("features").iter().for_each(|f| push_geometry(shapes, f)),
        "Feature" => push_geometry(shapes, &value["geometry"]),
        "GeometryCollection" => members("geometries").iter().for_each(|g| push_geometry(shapes, g)),
        "Polygon" => push_rings(shapes, Part::Polygon, &value["coordinates"]),
        "MultiPolygon" => members("coordinates").iter().for_each(|p| push_rings(shapes, Part::Polygon, p)),
        kind => assert!(kind.ends_with("LineString"), "{kind}"),
    }
}

fn read(path: &std::path::Path) -> Shapes {
    let mut shapes = Shapes::default();
    push_geometry(&mut shapes, &serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap());
    shapes.end_feature();
    shapes
}

/// Even-odd within a part, union over parts.
fn holds(shapes: &Shapes, x: f64, y: f64) -> bool {
    shapes.parts_of(0).any(|p| {
        let crosses = |e: &&[Coord<f64>]| {
            (e[0].y > y) != (e[1].y > y) && x < (e[1].x - e[0].x) * (y - e[0].y) / (e[1].y - e[0].y) + e[0].x
        };
        shapes.rings_of(p).map(|r| shapes.ring(r).windows(2).filter(crosses).count()).sum::<usize>() % 2 == 1
    })
}

#[test]
fn unwrapped_rings_hold_what_split_geometry_holds() {
    let (inputs, outputs) = (folder().join("input"), folder().join("output/flat"));
    let Ok(entries) = fs::read_dir(&inputs) else {
        println!("skipped: the antimeridian test data is not here");
        return;
    };
    let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name()).collect();
    names.sort();
    let mut different = Vec::new();
    let mut n_compared = 0;
    for name in names {
        let (input, output) = (inputs.join(&name), outputs.join(&name));
        if !output.exists() {
            continue;
        }
        let (mut ours, theirs) = (read(&input), read(&output));
        antimeridian::unwrap(&mut ours);
        let mut n_different = 0;
        // Off the whole degrees that the data is made of, so that no point lies on an edge.
        for i in (-180..180).step_by(2) {
            for j in (-90..90).step_by(2) {
                let (x, y) = (f64::from(i) + 0.377, f64::from(j) + 0.531);
                let is_ours = [0.0, 360.0, -360.0].iter().any(|turn| holds(&ours, x + turn, y));
                n_different += usize::from(is_ours != holds(&theirs, x, y));
            }
        }
        let cut = antimeridian::split(&ours);
        assert!(cut.coords.iter().all(|c| c.x.abs() <= 180.0), "{}", name.display());
        for i in (-180..180).step_by(2) {
            for j in (-90..90).step_by(2) {
                let (x, y) = (f64::from(i) + 0.377, f64::from(j) + 0.531);
                // A ring that overlaps itself a turn away is one part less after the cut.
                let is_ours = [0.0, 360.0, -360.0].iter().any(|turn| holds(&ours, x + turn, y));
                assert_eq!(holds(&cut, x, y), is_ours, "{}: {x} {y}", name.display());
            }
        }
        n_compared += 1;
        if n_different > 0 {
            println!("{}: {n_different} of 16200 points differ", name.display());
            different.push(name.to_string_lossy().into_owned());
        }
    }
    assert!(n_compared >= 25, "{n_compared}");
    let expected: Vec<&str> = DIFFERENT.iter().map(|(name, _)| *name).collect();
    assert_eq!(different, expected);
}
