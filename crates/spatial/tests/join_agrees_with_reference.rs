//! The join against the slow reference: random and adversarial settlements, polygons with holes and crossings,
//! neighbours that share borders; shuffled, split into batches, on any number of threads.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use geo_types::Coord;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rayon::prelude::*;
use whitespot_model::area::OUTSIDE;
use whitespot_model::reached::{JoinNotes, Reached};
use whitespot_model::settlement::SettlementBatch;
use whitespot_model::shapes::{Part, Shapes};
use whitespot_spatial::crs::Crs;
use whitespot_spatial::join::{JoinInput, Joiner};
use whitespot_testkit::reference::{self, Position};
use whitespot_testkit::region::{Frame, Region, Size};
use whitespot_testkit::scene::{SCENE_CRS, Scene};

fn join(scene: &Scene, batches: &[SettlementBatch]) -> Vec<Reached> {
    let crs = Crs::from_code(SCENE_CRS).unwrap();
    let joiner = Joiner::new(JoinInput {
        settlements_crs: &crs,
        analysis_crs: &crs,
        layers: &scene.layers,
        layer_crs: &vec![crs.clone(); scene.layers.len()],
        offer_bits: &scene.offer_bits(),
        n_bits: scene.layers.len(),
        areas: Some((&scene.areas, &crs)),
        snap_m: 0.0,
        find_invalid: false,
    })
    .unwrap();
    batches.iter().map(|b| joiner.join(b)).collect()
}

/// Points where a wrong rule shows: at and one ulp beside vertices, in the middle of edges, level with vertices.
fn adversarial(shapes: &Shapes) -> Vec<Coord<f64>> {
    let largest = shapes.coords.iter().fold(0.0_f64, |m, c| m.max(c.x.abs()).max(c.y.abs()));
    // Beside zero the next number is so small that the reference's products vanish.
    let above = |v: f64| if v == 0.0 { largest * f64::EPSILON } else { v.next_up() };
    let below = |v: f64| if v == 0.0 { -largest * f64::EPSILON } else { v.next_down() };
    let mut points = Vec::new();
    for r in 0..shapes.ring_ends.len() {
        for w in shapes.ring(r).windows(2) {
            let (a, b) = (w[0], w[1]);
            points.push(a);
            points.push(Coord { x: 0.5 * (a.x + b.x), y: 0.5 * (a.y + b.y) });
            points.push(Coord { x: above(a.x), y: a.y });
            points.push(Coord { x: a.x, y: below(a.y) });
            points.push(Coord { x: a.x, y: b.y });
        }
    }
    points
}

fn check(scene: &Scene) {
    assert_agrees(scene);
}

/// Number of adversarial points that lie on an edge.
fn assert_agrees(scene: &Scene) -> u64 {
    let reached = &join(scene, std::slice::from_ref(&scene.settlements))[0];
    let mut n_on_edge = 0;
    for (i, p) in scene.settlements.points.iter().enumerate() {
        let mut expected = 0;
        let mut on_edge = false;
        for (l, layer) in scene.layers.iter().enumerate() {
            expected |= u64::from(reference::covered(&layer.shapes, *p).contains(&true)) << l;
            on_edge |= (0..layer.shapes.n_features()).any(|f| reference::is_on_edge(&layer.shapes, f, *p));
        }
        assert_eq!(reached.offers[i], expected, "settlement {i} at {p:?}");
        n_on_edge += u64::from(on_edge);
        let covering: Vec<Position> = (0..scene.areas.shapes.n_parts())
            .map(|part| reference::position(&scene.areas.shapes, part, *p))
            .filter(|position| *position != Position::Outside)
            .collect();
        if !covering.is_empty() {
            assert_eq!(reached.areas[i], reference::area(&scene.areas.shapes, *p), "settlement {i} at {p:?}");
        }
    }
    assert_eq!(reached.notes.n_on_coverage_edge, n_on_edge);
    n_on_edge
}

/// Rings on a coarse lattice (many shared points, collinear and horizontal edges) or of any numbers.
fn ring() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let lattice = prop::collection::vec((0..12_i32, 0..12_i32), 3..9)
        .prop_map(|v| v.into_iter().map(|(x, y)| (f64::from(x), f64::from(y))).collect::<Vec<_>>());
    let any = prop::collection::vec((0.0..12.0_f64, 0.0..12.0_f64), 3..9);
    prop_oneof![lattice, any].prop_map(|mut ring| {
        ring.push(ring[0]);
        ring
    })
}

fn shapes() -> impl Strategy<Value = Shapes> {
    let polygon = prop::collection::vec(ring(), 1..3);
    let feature = prop::collection::vec(polygon, 1..3);
    prop::collection::vec(feature, 0..8).prop_map(|features| {
        let mut shapes = Shapes::default();
        for polygons in features {
            for rings in polygons {
                shapes.begin_part(Part::Polygon);
                for ring in rings {
                    shapes.push_ring(ring);
                }
                shapes.end_part();
            }
            shapes.end_feature();
        }
        shapes
    })
}

fn scene_of(layers: Vec<Shapes>, free: &[(f64, f64)], shift: f64, scale: f64) -> Scene {
    let moved = |c: Coord<f64>| Coord { x: shift + scale * c.x, y: 3.0 * shift + scale * c.y };
    let mut scene = Scene::new();
    let mut points: Vec<Coord<f64>> = free.iter().map(|(x, y)| moved(Coord { x: *x, y: *y })).collect();
    for (i, mut shapes) in layers.into_iter().enumerate() {
        shapes.map_coords(moved);
        points.extend(adversarial(&shapes));
        scene = scene.layer(&format!("l{i}"), shapes, 0.0);
    }
    scene.settlements.persons = vec![1; points.len()];
    scene.settlements.points = points;
    scene.settlements.ids = None;
    scene
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn every_settlement_is_covered_exactly_as_the_reference_says(
        layers in prop::collection::vec(shapes(), 1..4),
        free in prop::collection::vec((-1.0..13.0_f64, -1.0..13.0_f64), 0..60),
        shift in prop_oneof![Just(0.0), Just(500_000.1), Just(-1e-3), Just(1e12)],
        scale in prop_oneof![Just(1.0), Just(0.1), Just(1e-7), Just(1e5), Just(1e-90), Just(1e90)],
    ) {
        check(&scene_of(layers, &free, shift, scale));
    }

    #[test]
    fn the_order_of_features_and_the_direction_of_rings_change_nothing(
        shapes in shapes(),
        free in prop::collection::vec((-1.0..13.0_f64, -1.0..13.0_f64), 1..60),
    ) {
        let scene = scene_of(vec![shapes.clone()], &free, 0.0, 1.0);
        let mut turned = Shapes::default();
        for f in (0..shapes.n_features()).rev() {
            for p in shapes.parts_of(f) {
                turned.begin_part(Part::Polygon);
                for r in shapes.rings_of(p) {
                    turned.push_ring(shapes.ring(r).iter().rev().map(|c| (c.x, c.y)));
                }
                turned.end_part();
            }
            turned.end_feature();
        }
        let mut other = scene_of(vec![turned], &free, 0.0, 1.0);
        other.settlements = scene.settlements.clone();
        let all = std::slice::from_ref(&scene.settlements);
        prop_assert_eq!(join(&scene, all), join(&other, all));
    }

    #[test]
    fn more_coverage_never_reaches_fewer(a in shapes(), b in shapes()) {
        let mut both = a.clone();
        both.append(&b);
        let mut some = scene_of(vec![a], &[], 0.0, 1.0);
        let more = scene_of(vec![both], &[], 0.0, 1.0);
        some.settlements = more.settlements.clone();
        let all = std::slice::from_ref(&more.settlements);
        let (some, more) = (join(&some, all), join(&more, all));
        for (few, many) in some[0].offers.iter().zip(&more[0].offers) {
            prop_assert_eq!(few & many, *few);
        }
    }
}

/// The long run: `WHITESPOT_LONG=1 cargo test --release -p whitespot-spatial --test join_agrees_with_reference
/// many_worlds -- --nocapture`, some 10⁷ random and 10⁶ adversarial points; a small part of it otherwise.
#[test]
fn many_worlds_agree_with_the_reference() {
    let n_worlds = if std::env::var_os("WHITESPOT_LONG").is_some() { 24_000 } else { 60 };
    let strategy = (
        prop::collection::vec(shapes(), 1..4),
        prop::collection::vec((-1.0..13.0_f64, -1.0..13.0_f64), 450..500),
        prop_oneof![Just(0.0), Just(500_000.1), Just(-1e-3), Just(1e12)],
        prop_oneof![Just(1.0), Just(0.1), Just(1e-7), Just(1e5), Just(1e-90), Just(1e90)],
    );
    let counts: Vec<[u64; 3]> = (0..n_worlds)
        .into_par_iter()
        .map(|world: u64| {
            let mut seed = [7; 32];
            seed[..8].copy_from_slice(&world.to_le_bytes());
            let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
            let mut runner = TestRunner::new_with_rng(Config::default(), rng);
            let (layers, free, shift, scale) = strategy.new_tree(&mut runner).unwrap().current();
            let scene = scene_of(layers, &free, shift, scale);
            let n_on_edge = assert_agrees(&scene);
            [free.len() as u64, (scene.settlements.len() - free.len()) as u64, n_on_edge]
        })
        .collect();
    let sum = |k: usize| counts.iter().map(|c| c[k]).sum::<u64>();
    println!(
        "{} random and {} adversarial points, {} of them on edges: no disagreement",
        sum(0),
        sum(1),
        sum(2)
    );
    assert!(sum(2) > n_worlds, "the worlds hold points on edges");
}

fn region_scene(seed: u64) -> Scene {
    let region = Region::new(Size::TINY, Frame::Metres, seed);
    let mut scene = Scene::new();
    for (i, layer) in region.layers.iter().enumerate() {
        scene = scene.layer(&format!("l{i}"), layer.shapes.clone(), 0.0);
    }
    scene.areas = region.areas.clone();
    scene.settlements = region.settlements(0, 5_000);
    scene
}

#[test]
fn threads_and_batches_change_nothing() {
    let scene = region_scene(7);
    let whole = join(&scene, std::slice::from_ref(&scene.settlements)).remove(0);
    assert!(whole.areas.iter().all(|a| *a != OUTSIDE));
    for (threads, size) in [(1, 5_000), (2, 999), (7, 64)] {
        let mut batches = Vec::new();
        for first in (0..scene.settlements.len()).step_by(size) {
            let end = (first + size).min(scene.settlements.len());
            batches.push(SettlementBatch {
                first: first as u64,
                points: scene.settlements.points[first..end].to_vec(),
                persons: scene.settlements.persons[first..end].to_vec(),
                ..SettlementBatch::default()
            });
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let parts = pool.install(|| join(&scene, &batches));
        let mut together = Reached { n_words: whole.n_words, ..Reached::default() };
        let mut notes = JoinNotes::default();
        for part in parts {
            together.areas.extend(part.areas);
            together.offers.extend(part.offers);
            notes.merge(&part.notes);
        }
        together.notes = notes;
        assert_eq!(together, whole, "{threads} threads, batches of {size}");
    }
}

#[test]
fn a_region_with_points_on_its_borders_agrees_with_the_reference() {
    let mut scene = region_scene(11);
    let mut points: Vec<Coord<f64>> = scene.settlements.points.iter().step_by(25).copied().collect();
    for shapes in scene.layers.iter().map(|l| &l.shapes).chain([&scene.areas.shapes]) {
        points.extend(adversarial(shapes).into_iter().step_by(shapes.n_coords() / 8 + 1));
    }
    scene.settlements.persons = vec![1; points.len()];
    scene.settlements.points = points;
    check(&scene);
}
