//! Every code that ships against PROJ: forward and inverse within 1 cm up to the edge of its area of use.
//!
//! `data/proj_reference.csv` holds PROJ's answers, `data/proj_reference_utm.csv` those for every zone of UTM
//! (`data/make_proj_reference.py` made them, with PROJ 9.5.1).

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use geo_types::Coord;
use std::collections::BTreeMap;
use whitespot_spatial::crs::{Crs, Transform};

struct Row {
    code: String,
    degrees: Coord<f64>,
    projected: Coord<f64>,
}

fn reference(csv: &str) -> Vec<Row> {
    csv.lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            let number = |i: usize| fields[i].parse::<f64>().unwrap();
            Row {
                code: fields[0].to_string(),
                degrees: Coord { x: number(1), y: number(2) },
                projected: Coord { x: number(3), y: number(4) },
            }
        })
        .collect()
}

/// Metres between two points given in degrees, near enough for errors of centimetres.
fn metres_between(a: Coord<f64>, b: Coord<f64>) -> f64 {
    const METRES_A_DEGREE: f64 = 111_320.0;
    let turn = (a.x - b.x).rem_euclid(360.0);
    let east = turn.min(360.0 - turn) * METRES_A_DEGREE * a.y.to_radians().cos();
    east.hypot((a.y - b.y) * METRES_A_DEGREE)
}

#[test]
fn every_code_agrees_with_proj_within_a_centimetre_both_ways() {
    agrees(include_str!("data/proj_reference.csv"), 82, 25);
}

#[test]
fn every_zone_of_utm_agrees_with_proj_within_a_centimetre_to_its_edges() {
    agrees(include_str!("data/proj_reference_utm.csv"), 120, 10);
}

/// Compares all of a table of so many codes, each with so many points at least.
fn agrees(csv: &str, n_codes: usize, n_points: usize) {
    let wgs84 = Crs::from_code("OGC:CRS84").unwrap();
    let mut worst: BTreeMap<String, (f64, f64, usize)> = BTreeMap::new();
    for row in reference(csv) {
        let crs = Crs::from_code(&row.code).unwrap();
        let there = Transform::new(&wgs84, &crs).apply(row.degrees);
        let there = there.unwrap_or_else(|| panic!("{}: no answer at {:?}", row.code, row.degrees));
        let back = Transform::new(&crs, &wgs84).apply(row.projected);
        let back = back.unwrap_or_else(|| panic!("{}: no inverse of {:?}", row.code, row.degrees));
        let forward_m = if crs.is_geographic() {
            metres_between(there, row.projected)
        } else {
            (there.x - row.projected.x).hypot(there.y - row.projected.y)
        };
        let entry = worst.entry(row.code).or_default();
        entry.0 = entry.0.max(forward_m);
        entry.1 = entry.1.max(metres_between(back, row.degrees));
        entry.2 += 1;
    }
    for (code, (forward_m, inverse_m, n)) in &worst {
        println!("{code:12} {n:3} points: forward {forward_m:.2e} m, inverse {inverse_m:.2e} m");
    }
    assert_eq!(worst.len(), n_codes);
    for (code, (forward_m, inverse_m, n)) in worst {
        assert!(n >= n_points, "{code} has {n} points only");
        assert!(forward_m < 0.01, "{code}: forward {forward_m} m from PROJ");
        assert!(inverse_m < 0.01, "{code}: inverse {inverse_m} m from PROJ");
    }
}
