//! The join: settlements in random order against all layers and areas of a made-up region.
//!
//! `cargo bench -p whitespot-spatial --bench join -- [TINY|S|M|L]… [metres|degrees] [kinds] [twice] [kernels]`
//!
//! `kinds` measures each kind of layer alone, `twice` a region whose polygons have twice the vertices, `kernels` what
//! others do for one point. Without a size M is measured; without a word, all of them. Every row asserts its hits.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

mod kernels;
mod measure;

use measure::{arguments, best_of, with_threads};
use whitespot_model::{area::OUTSIDE, coverage::CoverageLayer, reached::Reached};
use whitespot_spatial::{
    areas::find_overlaps,
    crs::Crs,
    join::{JoinInput, Joiner},
    nearest::nearest_distances_m,
};
use whitespot_testkit::region::{Frame, Region, Size};

/// Settlements joined, at most.
const MOST: usize = 1 << 21;

/// Offers found in all, of regions of seed 1, by size and frame; the areas hold every settlement.
const HITS: [(&str, Frame, u64); 4] = [
    ("M", Frame::Metres, 5_492_614),
    ("M", Frame::Degrees, 5_492_651),
    ("M, twice the vertices", Frame::Metres, 5_489_660),
    ("S", Frame::Metres, 0),
];

fn main() {
    let arguments = arguments();
    let has = |name: &str| arguments.iter().any(|a| a == name);
    let has_no = |names: &[&str]| !names.iter().any(|n| has(n));
    let frame = if has("degrees") { Frame::Degrees } else { Frame::Metres };
    let does_all = has_no(&["kinds", "twice", "kernels", "only"]);
    for name in ["TINY", "S", "M", "L"] {
        if !(has(name) || name == "M" && has_no(&["TINY", "S", "L"])) {
            continue;
        }
        let size = Size::named(name).unwrap();
        let region = Region::new(size, frame, 1);
        measure(name, &region, true, true);
        if does_all || has("kinds") {
            let part = |layers: &[CoverageLayer]| {
                let mut part = region.clone();
                part.layers = layers.to_vec();
                part
            };
            measure(&format!("{name}, fibre alone"), &part(&region.layers[..1]), false, false);
            measure(&format!("{name}, mobile alone"), &part(&region.layers[1..]), false, false);
            measure(&format!("{name}, areas alone"), &part(&[]), true, false);
        }
        if does_all || has("kernels") {
            kernels::compare(&region);
        }
        if does_all || has("twice") {
            let fine = Size {
                n_mobile_vertices: 2 * size.n_mobile_vertices,
                n_side_vertices: 2 * size.n_side_vertices,
                ..size
            };
            measure(&format!("{name}, twice the vertices"), &Region::new(fine, frame, 1), true, false);
        }
    }
}

/// Builds, joins on one and on two threads, and asserts what was found.
fn measure(name: &str, region: &Region, with_areas: bool, in_full: bool) {
    let frame = region.frame;
    let crs = Crs::resolve(&frame.crs()).unwrap();
    let analysis = Crs::from_code("EPSG:3006").unwrap();
    let layer_crs = vec![crs.clone(); region.layers.len()];
    let (offer_bits, n_bits) = region.offer_bits();
    let n = region.size.n_settlements.min(MOST as u64) as usize;
    let batch = region.settlements(0, n);
    let n_vertices = vertices(&region.layers) + if with_areas { region.areas.shapes.n_coords() } else { 0 };
    println!("{name}: {n_vertices} vertices, {n} settlements in random order");
    let input = JoinInput {
        settlements_crs: &crs,
        analysis_crs: &analysis,
        layers: &region.layers,
        layer_crs: &layer_crs,
        offer_bits: &offer_bits,
        n_bits,
        areas: with_areas.then_some((&region.areas, &crs)),
        snap_m: 0.0,
        find_invalid: false,
    };
    let mut answers: Vec<Reached> = Vec::new();
    for threads in [1, 2] {
        with_threads(threads, || {
            let (t, joiner) = best_of(3, || Joiner::new(input).unwrap());
            println!(
                "  {threads} thread(s)  build {:>7.1} ms ({:>7.1} cpu)  index {:>6.1} MB, scratch {:>5.1} MB",
                t.wall * 1e3,
                t.cpu * 1e3,
                joiner.index_bytes() as f64 / 1e6,
                joiner.scratch_bytes() as f64 / 1e6,
            );
            let (t, reached) = best_of(5, || joiner.join(&batch));
            let ns = |seconds: f64| seconds * 1e9 / n as f64;
            println!(
                "  {threads} thread(s)  join  {:>7.1} ns ({:>7.1} cpu) a settlement   hits {} offers, {} in areas",
                ns(t.wall),
                ns(t.cpu),
                offers_in(&reached),
                in_areas(&reached),
            );
            answers.push(reached);
        });
    }
    assert!(answers[0] == answers[1], "the answer depends on the number of threads");
    if with_areas {
        assert_eq!(in_areas(&answers[0]), n, "the areas have no gaps");
    }
    for (_, _, hits) in
        HITS.iter().filter(|(of, in_frame, hits)| *of == name && *in_frame == frame && *hits > 0)
    {
        assert_eq!(offers_in(&answers[0]), *hits, "the hits of {name}");
    }
    if in_full {
        distances_and_checks(region, &input, &batch.points, &answers[0]);
    }
}

/// What else the index is for: invalid polygons, overlaps, nearest reached.
fn distances_and_checks(
    region: &Region,
    input: &JoinInput<'_, '_>,
    points: &[geo_types::Coord<f64>],
    reached: &Reached,
) {
    let joiner = Joiner::new(JoinInput { find_invalid: true, ..*input }).unwrap();
    let (t, invalid) = best_of(3, || joiner.invalid_parts());
    println!("  all threads  invalid polygons in {:.1} ms ({:.1} cpu)", t.wall * 1e3, t.cpu * 1e3);
    assert_eq!(invalid.iter().flatten().filter(|i| !i.kind.is_note()).count(), 0);
    let (t, overlaps) =
        best_of(2, || find_overlaps(&region.areas, input.settlements_crs, input.analysis_crs));
    println!("  all threads  overlaps of areas in {:.1} ms ({:.1} cpu)", t.wall * 1e3, t.cpu * 1e3);
    assert_eq!(overlaps.len(), 0);
    // The first three offers are fibre.
    let is_reached = |i: usize| reached.offers_of(i)[0] & 7 != 0;
    let pick = |wanted: bool| {
        let picked = points.iter().enumerate().filter(|(i, _)| is_reached(*i) == wanted);
        picked.map(|(_, p)| *p).collect::<Vec<_>>()
    };
    let (queries, targets) = (pick(false), pick(true));
    let (t, distances) = best_of(2, || nearest_distances_m(&queries, &targets, &[]));
    println!(
        "  all threads  nearest of {} reached to each of {} others in {:.1} ms ({:.1} cpu)",
        targets.len(),
        queries.len(),
        t.wall * 1e3,
        t.cpu * 1e3,
    );
    assert!(distances.iter().all(|d| d.is_some_and(|d| d > 0.0)));
}

fn vertices(layers: &[CoverageLayer]) -> usize {
    layers.iter().map(|l| l.shapes.n_coords()).sum()
}

fn offers_in(reached: &Reached) -> u64 {
    reached.offers.iter().map(|w| u64::from(w.count_ones())).sum()
}

fn in_areas(reached: &Reached) -> usize {
    reached.areas.iter().filter(|a| **a != OUTSIDE).count()
}
