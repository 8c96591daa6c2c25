//! `whitespot init`: a commented analysis file; with `--demo` a small made-up county that runs at once.

use crate::{
    args::{Common, InitArgs},
    failure::Failure,
    messages::Messages,
};
use std::path::Path;
use whitespot_model::finding::Finding;

const COMMENTED: &str = include_str!("../templates/whitespot.toml");
const DEMO: &str = include_str!("../templates/demo.toml");

/// Writes the analysis file, and with `--demo` its data, beside one another.
pub(crate) fn run(args: &InitArgs, common: &Common, messages: &Messages) -> Result<(), Failure> {
    let file = &common.config;
    let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut files = vec![(file.clone(), if args.demo { DEMO.to_string() } else { COMMENTED.to_string() })];
    if args.demo {
        let data = folder.join("demo");
        files.push((data.join("settlements.csv"), demo_settlements()));
        files.push((data.join("areas.geojson"), demo_areas()));
        files.push((data.join("fibre.geojson"), demo_fibre()));
    }
    if let Some((there, _)) = files.iter().find(|(path, _)| path.exists() && !args.force) {
        let name = there.display().to_string();
        return Err(Failure::Output(
            Finding::error("out_exists", &name, format!("`{name}` is already there"))
                .with_hint("`--force` replaces it, `-c FILE` names another"),
        ));
    }
    for (path, text) in &files {
        if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent).map_err(|e| Failure::unwritable(parent, e))?;
        }
        std::fs::write(path, text).map_err(|e| Failure::unwritable(path, e))?;
        messages.stage("Wrote", &path.display().to_string());
    }
    let next = if args.demo { "whitespot run" } else { "fill in the file, then: whitespot check" };
    messages.stage("Next", next);
    Ok(())
}

/// South-west corner of the made-up county, EPSG:3006.
const ORIGIN: (f64, f64) = (700_000.0, 7_100_000.0);
/// Side of an area in metres.
const SIDE_M: f64 = 10_000.0;
/// Areas a side.
const N: usize = 3;

/// Settlements on a lattice with a dense centre in each area; no randomness, so that all can be recounted.
fn demo_settlements() -> String {
    let mut csv = "id,easting_m,northing_m,persons,households,source\n".to_string();
    let mut id = 0;
    for area in 0..N * N {
        let (x0, y0) = corner(area);
        for k in 0..60usize {
            // The first third lives within 1.5 km of the centre, the rest is scattered.
            let (u, v) = ((k * 37 % 60) as f64 / 60.0, (k * 23 % 60) as f64 / 60.0);
            let (x, y, persons) = if k < 20 {
                (x0 + 3_500.0 + u * 3_000.0, y0 + 3_500.0 + v * 3_000.0, 20 + (k * 7 + area * 5) % 60)
            } else {
                (x0 + 200.0 + u * 9_600.0, y0 + 200.0 + v * 9_600.0, 1 + (k * 5 + area) % 6)
            };
            id += 1;
            let households = persons.div_ceil(2);
            csv.push_str(&format!("{id},{x:.1},{y:.1},{persons},{households},made up\n"));
        }
    }
    csv
}

fn demo_areas() -> String {
    let features: Vec<String> = (0..N * N)
        .map(|area| {
            let (x, y) = corner(area);
            let (code, parent) = (format!("{:02}", area + 1), if area < N { "A" } else { "B" });
            let properties =
                format!(r#"{{"code": "{code}", "name": "Area {code}", "municipality": "{parent}"}}"#);
            feature(&properties, &[(x, y), (x + SIDE_M, y), (x + SIDE_M, y + SIDE_M), (x, y + SIDE_M)])
        })
        .collect();
    collection(&features)
}

fn demo_fibre() -> String {
    let features: Vec<String> = (0..N * N)
        .map(|area| {
            // A hexagon around each centre; every other area has a slower, larger second operator.
            let (x, y) = corner(area);
            let (cx, cy) = (x + SIDE_M / 2.0, y + SIDE_M / 2.0);
            let radius = if area % 2 == 0 { 1_400.0 } else { 2_600.0 };
            let ring: Vec<(f64, f64)> = (0..6)
                .map(|k| {
                    let angle = f64::from(k) * std::f64::consts::PI / 3.0;
                    ((cx + radius * angle.cos()).round(), (cy + radius * angle.sin()).round())
                })
                .collect();
            let (operator, mbps) = if area % 2 == 0 { ("North Net", 1000) } else { ("Valley Fibre", 250) };
            let properties = format!(
                r#"{{"operator": "{operator}", "technology": "fibre", "download_mbps": {mbps}, "source": "made up"}}"#
            );
            feature(&properties, &ring)
        })
        .collect();
    collection(&features)
}

fn corner(area: usize) -> (f64, f64) {
    (ORIGIN.0 + (area % N) as f64 * SIDE_M, ORIGIN.1 + (area / N) as f64 * SIDE_M)
}

fn feature(properties: &str, ring: &[(f64, f64)]) -> String {
    let closed: Vec<String> =
        ring.iter().chain(ring.first()).map(|(x, y)| format!("[{x:.0}, {y:.0}]")).collect();
    format!(
        r#"{{"type": "Feature", "properties": {properties}, "geometry": {{"type": "Polygon", "coordinates": [[{}]]}}}}"#,
        closed.join(", ")
    )
}

fn collection(features: &[String]) -> String {
    format!(
        "{{\"type\": \"FeatureCollection\", \"synthetic\": true, \"features\": [\n{}\n]}}\n",
        features.join(",\n")
    )
}
