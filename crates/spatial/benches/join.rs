//! The join against all layers and areas of a synthetic region: `cargo bench -p whitespot-spatial --bench join`.
//!
//! Arguments: sizes among `S`, `M`, `L` (default `M`), `metres` or `degrees` (default metres). Prints the time to
//! build the index, its memory, the time a settlement on one and two threads, and asserts the hits, so that a fast
//! wrong answer cannot win.
#![allow(clippy::print_stdout)]

use std::time::Instant;
use whitespot_model::area::OUTSIDE;
use whitespot_spatial::areas::find_overlaps;
use whitespot_spatial::crs::Crs;
use whitespot_spatial::join::{JoinInput, Joiner};
use whitespot_spatial::nearest::nearest_distances_m;
use whitespot_testkit::region::{Frame, Region, Size};

/// Settlements joined at a time.
const BATCH: usize = 1 << 20;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let has = |name: &str| arguments.iter().any(|a| a == name);
    let frame = if has("degrees") { Frame::Degrees } else { Frame::Metres };
    for (name, size) in [("S", Size::S), ("M", Size::M), ("L", Size::L)] {
        if has(name) || (name == "M" && !has("S") && !has("L")) {
            measure(name, size, frame);
            if name == "M" && frame == Frame::Metres {
                let fine = Size {
                    n_mobile_vertices: 2 * size.n_mobile_vertices,
                    n_side_vertices: 2 * size.n_side_vertices,
                    ..size
                };
                measure("M, twice the vertices", fine, frame);
            }
        }
    }
}

/// Seconds.
struct Times {
    wall: f64,
    cpu: f64,
}

fn measure(name: &str, size: Size, frame: Frame) {
    let region = Region::new(size, frame, 1);
    let crs = Crs::resolve(&frame.crs()).expect("a region's CRS is known");
    let analysis = Crs::from_code("EPSG:3006").expect("known");
    let layer_crs = vec![crs.clone(); region.layers.len()];
    let (offer_bits, n_bits) = region.offer_bits();
    let n = size.n_settlements.min(2 * BATCH as u64) as usize;
    let batch = region.settlements(0, n);
    println!("{name}: {} vertices, {n} settlements", region.n_vertices());
    let input = JoinInput {
        settlements_crs: &crs,
        analysis_crs: &analysis,
        layers: &region.layers,
        layer_crs: &layer_crs,
        offer_bits: &offer_bits,
        n_bits,
        areas: Some((&region.areas, &crs)),
        snap_m: 0.0,
        find_invalid: false,
    };
    let mut hits = Vec::new();
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start");
        pool.install(|| {
            for find_invalid in [false, true] {
                let (best, joiner) = best_of(5, || {
                    Joiner::new(JoinInput { find_invalid, ..input }).expect("a region fits together")
                });
                println!(
                    "  {threads} thread(s): build{} {:>6.1} ms ({:.1} cpu), index {:.1} MB, scratch {:.1} MB",
                    if find_invalid { " and check" } else { "" },
                    best.wall * 1e3,
                    best.cpu * 1e3,
                    joiner.index_bytes() as f64 / 1e6,
                    joiner.scratch_bytes() as f64 / 1e6,
                );
                if find_invalid {
                    let (best, invalid) = best_of(3, || joiner.invalid_parts());
                    println!("  {threads} thread(s): list invalid {:>6.1} ms ({:.1} cpu)", best.wall * 1e3, best.cpu * 1e3);
                    assert_eq!(invalid.iter().flatten().filter(|i| !i.kind.is_note()).count(), 0);
                }
            }
            let joiner = Joiner::new(input).expect("a region fits together");
            let (best, reached) = best_of(5, || joiner.join(&batch));
            let found: u64 = reached.offers.iter().map(|w| u64::from(w.count_ones())).sum();
            let in_areas = reached.areas.iter().filter(|a| **a != OUTSIDE).count();
            println!(
                "  {threads} thread(s): join {:>6.1} ns ({:.1} cpu) a settlement, {found} offers, {in_areas} in areas",
                best.wall * 1e9 / n as f64,
                best.cpu * 1e9 / n as f64,
            );
            hits.push((found, in_areas, reached));
        });
    }
    let reached = &hits[0].2;
    let (mut queries, mut targets) = (Vec::new(), Vec::new());
    for (i, p) in batch.points.iter().enumerate() {
        // The first three offers are fibre.
        if reached.offers_of(i)[0] & 7 == 0 { queries.push(*p) } else { targets.push(*p) }
    }
    let (best, distances) = best_of(2, || nearest_distances_m(&queries, &targets, &[]));
    println!(
        "  all threads: nearest of {} to each of {} in {:.1} ms ({:.1} cpu)",
        targets.len(),
        queries.len(),
        best.wall * 1e3,
        best.cpu * 1e3,
    );
    assert!(distances.iter().all(|d| d.is_some_and(|d| d > 0.0)));
    let (best, overlaps) = best_of(2, || find_overlaps(&region.areas, &crs, &analysis));
    println!("  all threads: overlaps of areas in {:.1} ms ({:.1} cpu)", best.wall * 1e3, best.cpu * 1e3);
    assert_eq!(overlaps.len(), 0);
    assert!(hits[0] == hits[1], "the answer depends on the number of threads");
    assert_eq!(hits[0].1, n, "the areas have no gaps");
    assert!(hits[0].0 > n as u64, "most settlements have several offers");
}

/// Processor seconds of all threads so far, which other work on the machine does not blur; 0 where the system does
/// not tell.
fn cpu_seconds() -> f64 {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return 0.0 };
    let spent = tasks.flatten().filter_map(|t| std::fs::read_to_string(t.path().join("schedstat")).ok());
    spent.filter_map(|text| text.split(' ').next()?.parse::<f64>().ok()).sum::<f64>() * 1e-9
}

/// Best time in seconds of some tries, as wall clock and as processor time, and the last answer.
fn best_of<T>(tries: u32, mut work: impl FnMut() -> T) -> (Times, T) {
    let mut best = Times { wall: f64::INFINITY, cpu: f64::INFINITY };
    let mut timed = || {
        let (start, cpu) = (Instant::now(), cpu_seconds());
        let answer = work();
        best.wall = best.wall.min(start.elapsed().as_secs_f64());
        best.cpu = best.cpu.min(cpu_seconds() - cpu);
        answer
    };
    let mut answer = timed();
    for _ in 1..tries {
        drop(answer);
        answer = timed();
    }
    (best, answer)
}
