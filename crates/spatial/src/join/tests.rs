use super::*;
use whitespot_testkit::reference;
use whitespot_testkit::scene::{SCENE_CRS, Scene, push_polygon};

/// Joins a scene, layer `i` as bit `i`.
fn join(scene: &Scene, snap_m: f64) -> Reached {
    let crs = Crs::from_code(SCENE_CRS).unwrap();
    let layer_crs: Vec<Crs> = scene.layers.iter().map(|_| crs.clone()).collect();
    let offer_bits = scene.offer_bits();
    let joiner = Joiner::new(JoinInput {
        settlements_crs: &crs,
        analysis_crs: &crs,
        layers: &scene.layers,
        layer_crs: &layer_crs,
        offer_bits: &offer_bits,
        n_bits: scene.layers.len(),
        areas: Some((&scene.areas, &crs)),
        snap_m,
        find_invalid: false,
    })
    .unwrap();
    joiner.join(&scene.settlements)
}

#[test]
fn a_settlement_on_the_edge_is_covered_and_counted_once() {
    let scene = Scene::new()
        .square_layer("a", 0..10)
        .square_layer("b", 10..20)
        .settlement(10, 10, 1) // a corner of both
        .settlement(0, 5, 2) // a vertical edge
        .settlement(5, 10, 4) // a horizontal edge
        .settlement(5, 5, 8)
        .settlement(10.0_f64.next_up(), 5, 16);
    let r = join(&scene, 0.0);
    assert_eq!(r.offers, [3, 1, 1, 1, 0]);
    assert_eq!(r.notes.n_on_coverage_edge, 3);
}

#[test]
fn a_hole_is_not_covered_but_its_edge_is() {
    let shell: &[(f64, f64)] = &[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)];
    // The hole touches the shell at (0, 5) and winds like it.
    let hole: &[(f64, f64)] = &[(0.0, 5.0), (5.0, 2.0), (5.0, 8.0), (0.0, 5.0)];
    let scene = Scene::new()
        .polygon_layer("a", &[shell, hole])
        .settlement(4, 5, 1)
        .settlement(5, 5, 2)
        .settlement(0, 5, 4)
        .settlement(1, 9, 8)
        .settlement(2.5, 3.5, 16);
    assert_eq!(join(&scene, 0.0).offers, [0, 1, 1, 1, 1]);
}

#[test]
fn the_lower_code_wins_on_a_shared_border() {
    let scene = Scene::new()
        .area("01", 0.0..10.0, 0.0..10.0)
        .area("02", 10.0..20.0, 0.0..10.0)
        .settlement(10, 5, 1)
        .settlement(10.0_f64.next_up(), 5, 2)
        .settlement(20, 10, 4);
    let r = join(&scene, 0.0);
    assert_eq!(r.areas, [0, 1, 1]);
    assert_eq!(r.notes.hairline.count, 0);
    assert_eq!(r.notes.outside.count, 0);
}

#[test]
fn shapes_on_top_of_one_another_reach_a_settlement_once() {
    let mut shapes = Shapes::default();
    for k in 0..5 {
        let (lo, hi) = (f64::from(k), 10.0 + f64::from(k));
        push_polygon(&mut shapes, &[&[(lo, lo), (hi, lo), (hi, hi), (lo, hi), (lo, lo)]]);
    }
    let scene =
        Scene::new().layer("a", shapes, 0.0).settlement(7, 7, 1).settlement(0, 0, 2).settlement(14, 14, 4);
    let r = join(&scene, 0.0);
    assert_eq!(r.offers, [1, 1, 1]);
    assert_eq!(r.notes.n_on_coverage_edge, 2);
}

#[test]
fn a_settlement_in_a_hairline_gap_goes_to_the_nearer_area_and_is_noted() {
    let scene = Scene::new()
        .area("01", 0.0..10.0, 0.0..10.0)
        .area("02", 10.008..20.0, 0.0..10.0)
        .area("03", 20.02..30.0, 0.0..10.0)
        .settlement(10.002, 5, 1)
        .settlement(10.006, 5, 2)
        .settlement(20.01, 5, 4) // this gap is 2 cm wide
        .settlement(-0.002, 5, 8); // beside the rim there is no neighbour
    let r = join(&scene, 0.0);
    assert_eq!(r.areas, [0, 1, OUTSIDE, OUTSIDE]);
    assert_eq!((r.notes.hairline.count, r.notes.hairline.persons), (2, 3));
    assert_eq!((r.notes.outside.count, r.notes.outside.persons), (2, 12));
}

#[test]
fn a_settlement_in_a_hairline_overlap_goes_to_the_lower_code_and_is_noted() {
    let scene = Scene::new()
        .area("01", 0.0..10.0, 0.0..10.0)
        .area("02", 9.995..20.0, 0.0..10.0)
        .settlement(9.997, 5, 1)
        .settlement(9.0, 5, 2);
    let r = join(&scene, 0.0);
    assert_eq!(r.areas, [0, 0]);
    assert_eq!(r.notes.hairline.examples, [0]);
}

#[test]
fn outside_settlements_go_to_the_nearest_area_within_snap_m_only() {
    let scene = Scene::new()
        .area("01", 0.0..10.0, 0.0..10.0)
        .area("02", 30.0..40.0, 0.0..10.0)
        .settlement(15, 5, 1)
        .settlement(26, 5, 2)
        .settlement(20, 5, 4) // as near to both
        .settlement(20, 50, 8);
    let r = join(&scene, 10.0);
    assert_eq!(r.areas, [0, 1, 0, OUTSIDE]);
    assert_eq!((r.notes.snapped.persons, r.notes.outside.persons), (7, 8));
    assert_eq!(join(&scene, 0.0).areas, [OUTSIDE; 4]);
    assert_eq!(join(&scene, f64::NAN).notes.outside.count, 4);
}

#[test]
fn features_without_an_offer_and_offers_nobody_asks_for_are_left_out() {
    let scene =
        Scene::new().square_layer("a", 0..10).without_offer().square_layer("b", 0..10).settlement(5, 5, 1);
    assert_eq!(join(&scene, 0.0).offers, [2]);
    let crs = Crs::from_code(SCENE_CRS).unwrap();
    let bits = [vec![Some(0)], vec![None]];
    let r = with(&scene, &crs, &[crs.clone(), crs.clone()], &bits, 1).join(&scene.settlements);
    assert_eq!(r.offers, [0]);
}

#[test]
fn a_self_crossing_ring_covers_what_it_encloses_an_odd_number_of_times() {
    // A pentagram: its core is enclosed twice.
    let star: &[(f64, f64)] =
        &[(0.0, 60.0), (100.0, 60.0), (20.0, 0.0), (50.0, 100.0), (80.0, 0.0), (0.0, 60.0)];
    let backwards: Vec<(f64, f64)> = star.iter().rev().copied().collect();
    let scene = Scene::new()
        .polygon_layer("a", &[star])
        .polygon_layer("b", &[&backwards])
        .settlement(50, 45, 1)
        .settlement(50, 80, 2)
        .settlement(50, 60, 4) // on the edge between arm and core
        .settlement(5, 5, 8);
    assert_eq!(join(&scene, 0.0).offers, [0, 3, 3, 0]);
}

#[test]
fn spikes_and_repeated_points_change_nothing_and_broken_rings_cover_nothing() {
    let spike: &[(f64, f64)] = &[
        (0.0, 0.0),
        (0.0, 0.0),
        (10.0, 0.0),
        (20.0, 0.0),
        (10.0, 0.0),
        (10.0, 10.0),
        (0.0, 10.0),
        (0.0, 0.0),
    ];
    let open: &[(f64, f64)] = &[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)];
    let broken: &[(f64, f64)] = &[(0.0, 0.0), (f64::NAN, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)];
    let flat: &[(f64, f64)] = &[(0.0, 0.0), (10.0, 0.0), (0.0, 0.0)];
    let scene = Scene::new()
        .polygon_layer("a", &[spike])
        .polygon_layer("b", &[open])
        .polygon_layer("c", &[broken])
        .polygon_layer("d", &[flat])
        .polygon_layer("e", &[])
        .polygon_layer("f", &[&[], &[(3.0, 3.0)]])
        .settlement(5, 5, 1)
        .settlement(15, 0, 2) // on the spike
        .settlement(15, 1, 4)
        .settlement(5, 0, 8);
    assert_eq!(join(&scene, 0.0).offers, [1, 1, 0, 9]);
}

#[test]
fn shapes_across_the_antimeridian_cover_both_sides() {
    let degrees = Crs::from_code("EPSG:4326").unwrap();
    let metric = Crs::from_code("EPSG:32660").unwrap();
    let beyond: &[(f64, f64)] = &[(178.0, 0.0), (182.0, 0.0), (182.0, 2.0), (178.0, 2.0), (178.0, 0.0)];
    let west: &[(f64, f64)] = &[(-182.0, 5.0), (-178.0, 5.0), (-178.0, 7.0), (-182.0, 7.0), (-182.0, 5.0)];
    let scene = Scene::new()
        .polygon_layer("a", &[beyond])
        .polygon_layer("b", &[west])
        .settlement(179, 1, 1)
        .settlement(-179, 1, 2)
        .settlement(179, 6, 4)
        .settlement(-179, 6, 8)
        .settlement(177, 1, 16)
        .settlement(181, 1, 32); // a longitude beyond 180° itself
    let joiner = Joiner::new(JoinInput {
        settlements_crs: &degrees,
        analysis_crs: &metric,
        layers: &scene.layers,
        layer_crs: &[degrees.clone(), degrees.clone()],
        offer_bits: &scene.offer_bits(),
        n_bits: 2,
        areas: None,
        snap_m: 0.0,
        find_invalid: false,
    })
    .unwrap();
    assert_eq!(joiner.join(&scene.settlements).offers, [1, 1, 2, 2, 0, 1]);
}

#[test]
fn edges_are_straight_in_the_crs_of_their_source() {
    // The parallel 65° N bows by more than a kilometre between 10° and 20° E in SWEREF 99 TM.
    let degrees = Crs::from_code("EPSG:4326").unwrap();
    let sweref = Crs::from_code("EPSG:3006").unwrap();
    let band: &[(f64, f64)] = &[(10.0, 60.0), (20.0, 60.0), (20.0, 65.0), (10.0, 65.0), (10.0, 60.0)];
    let to_sweref = Transform::new(&degrees, &sweref);
    let just_below = to_sweref.apply(geo_types::Coord { x: 11.0, y: 64.9999 }).unwrap();
    let just_above = to_sweref.apply(geo_types::Coord { x: 11.0, y: 65.0001 }).unwrap();
    let scene = Scene::new()
        .polygon_layer("a", &[band])
        .settlement(just_below.x, just_below.y, 1)
        .settlement(just_above.x, just_above.y, 2);
    let r = with(&scene, &sweref, &[degrees], &scene.offer_bits(), 1).join(&scene.settlements);
    assert_eq!(r.offers, [1, 0]);
}

#[test]
fn lines_points_and_polygons_reach_as_far_as_their_reach_exactly() {
    let mut point = Shapes::default();
    point.push_point(0.0, 100.0);
    let mut square = Shapes::default();
    push_polygon(&mut square, &[&[(0.0, 200.0), (10.0, 200.0), (10.0, 210.0), (0.0, 210.0), (0.0, 200.0)]]);
    let scene = Scene::new()
        .line_layer("line", &[(0.0, 0.0), (100.0, 0.0)], 50.0)
        .layer("point", point, 5.0)
        .layer("square", square, 5.0)
        .line_layer("touch", &[(0.0, 300.0), (100.0, 300.0)], 0.0)
        .settlement(50, -50, 1)
        .settlement(50, -50.000_001, 2)
        .settlement(3, 104, 4)
        .settlement(13, 214, 8)
        .settlement(5, 205, 16)
        .settlement(14, 214, 32)
        .settlement(50, 300, 64);
    let r = join(&scene, 0.0);
    assert_eq!(r.offers, [1, 0, 2, 4, 4, 0, 8]);
}

#[test]
fn coverage_keyed_by_settlement_id_counts_without_shapes() {
    let mut scene = Scene::new().square_layer("a", 0..10).settlement(50, 5, 1).settlement(5, 5, 2);
    scene.layers[0].keyed = vec![("p0".into(), 0), ("p9".into(), 0)];
    assert_eq!(join(&scene, 0.0).offers, [1, 1]);
    scene.settlements.ids = None;
    assert_eq!(join(&scene, 0.0).offers, [0, 1]);
}

#[test]
fn more_than_sixty_four_offers_take_more_words() {
    let mut scene = Scene::new();
    for i in 0..150 {
        scene = scene.square_layer(&format!("l{i}"), 0..10 + i);
    }
    let r = join(&scene.settlement(5, 5, 1).settlement(100, 5, 1).settlement(159, 159, 1), 0.0);
    assert_eq!(r.n_words, 3);
    assert_eq!(r.offers_of(0).iter().map(|w| w.count_ones()).sum::<u32>(), 150);
    assert_eq!(r.offers_of(1), [0, !0 << (90 - 64), (1 << 22) - 1]);
    assert_eq!(r.offers_of(2), [0, 0, 1 << (149 - 128)]);
}

#[test]
fn positions_that_are_nowhere_are_outside_and_noted() {
    let scene = Scene::new()
        .square_layer("a", 0..10)
        .area("01", 0.0..10.0, 0.0..10.0)
        .settlement(f64::NAN, 5, 1)
        .settlement(5, f64::INFINITY, 2)
        .settlement(5, 5, 4);
    let r = join(&scene, 0.0);
    assert_eq!(r.areas, [OUTSIDE, OUTSIDE, 0]);
    assert_eq!(r.offers, [0, 0, 1]);
    assert_eq!((r.notes.beyond_crs.persons, r.notes.outside.persons), (3, 3));
}

#[test]
fn crowds_and_stray_coordinates_are_joined_exactly_and_soon() {
    // 30,000 vertices within a few metres, one polygon the size of a country, one that reaches to 1e38.
    let mut shapes = Shapes::default();
    let wheel = |n: u32, cx: f64, cy: f64, size: f64| -> Vec<(f64, f64)> {
        let turn = |k: u32| std::f64::consts::TAU * f64::from(k % n) / f64::from(n);
        let radius = |k: u32| if (k % n).is_multiple_of(2) { size } else { 0.7 * size };
        (0..=n).map(|k| (cx + radius(k) * turn(k).cos(), cy + radius(k) * turn(k).sin())).collect()
    };
    push_polygon(&mut shapes, &[&wheel(30_000, 500_000.0, 7_000_000.0, 3.0)]);
    push_polygon(&mut shapes, &[&wheel(60, 500_000.0, 7_000_000.0, 400_000.0)]);
    push_polygon(&mut shapes, &[&wheel(600, 499_998.0, 7_000_000.0, 1.0)]);
    push_polygon(&mut shapes, &[&[(499_999.0, 7e6), (1e38, 7e6), (499_999.0, 7e6 + 2.0), (499_999.0, 7e6)]]);
    let n = shapes.n_features();
    let mut scene = Scene::new().layer("a", shapes, 0.0);
    scene.layers[0].offers = vec![scene.layers[0].offers[0].clone(); n];
    scene.layers[0].feature_offers = (0..n as u32).collect();
    let mut random = numbers(5);
    for k in 0..600 {
        let size = [4.0, 1.5, 500_000.0][k % 3];
        scene = scene.settlement(
            500_000.0 + size * (2.0 * random() - 1.0),
            7_000_000.0 + size * (2.0 * random() - 1.0),
            1,
        );
    }
    let crs = Crs::from_code(SCENE_CRS).unwrap();
    let bits = vec![(0..n as u32).map(Some).collect::<Vec<_>>()];
    let r = with(&scene, &crs, std::slice::from_ref(&crs), &bits, n).join(&scene.settlements);
    for (i, p) in scene.settlements.points.iter().enumerate() {
        let covered = reference::covered(&scene.layers[0].shapes, *p);
        let expected = covered.iter().enumerate().fold(0, |w, (f, c)| w | u64::from(*c) << f);
        assert_eq!(r.offers[i], expected, "{p:?}");
    }
}

#[test]
fn cells_divided_again_and_again_answer_as_the_reference_does() {
    // Clusters of clusters of small polygons: cells are divided several levels deep, at their rims too.
    let mut random = numbers(11);
    let mut shapes = Shapes::default();
    for k in 0..300 {
        let size = [400.0, 40.0, 4.0, 0.4][k % 4];
        let at = |r: f64| size * (2.0 * r - 1.0);
        let (x, y, radius) = (at(random()), at(random()), size * (0.05 + 0.3 * random()));
        let corner = |i: u32, r: f64| {
            let turn = f64::from(i) / 9.0 * std::f64::consts::TAU;
            (x + radius * (0.4 + r) * turn.cos(), y + radius * (0.4 + r) * turn.sin())
        };
        let mut ring: Vec<(f64, f64)> = (0..9).map(|i| corner(i, random())).collect();
        ring.push(ring[0]);
        push_polygon(&mut shapes, &[&ring]);
    }
    let n = shapes.n_features();
    let mut scene = Scene::new().layer("a", shapes, 0.0);
    scene.layers[0].offers = vec![scene.layers[0].offers[0].clone(); n];
    scene.layers[0].feature_offers = (0..n as u32).collect();
    for k in 0..2_000 {
        let size = [450.0, 45.0, 4.5, 0.45][k % 4];
        scene = scene.settlement(size * (2.0 * random() - 1.0), size * (2.0 * random() - 1.0), 1);
    }
    for i in (0..scene.layers[0].shapes.n_coords()).step_by(7) {
        let c = scene.layers[0].shapes.coords[i];
        scene = scene.settlement(c.x, c.y, 1).settlement(c.x.next_up(), c.y, 1);
    }
    let crs = Crs::from_code(SCENE_CRS).unwrap();
    let bits = vec![(0..n as u32).map(Some).collect::<Vec<_>>()];
    let r = with(&scene, &crs, std::slice::from_ref(&crs), &bits, n).join(&scene.settlements);
    for (i, p) in scene.settlements.points.iter().enumerate() {
        for (f, covered) in reference::covered(&scene.layers[0].shapes, *p).into_iter().enumerate() {
            assert_eq!(r.offers_of(i)[f / 64] >> (f % 64) & 1 == 1, covered, "{p:?} in {f}");
        }
    }
}

#[test]
fn invalid_polygons_are_told_by_layer_and_of_used_features_only() {
    let tie: &[(f64, f64)] = &[(0.0, 0.0), (4.0, 4.0), (4.0, 0.0), (0.0, 3.0), (0.0, 0.0)];
    let scene = Scene::new()
        .square_layer("a", 0..10)
        .polygon_layer("b", &[tie])
        .polygon_layer("c", &[tie])
        .without_offer()
        .polygon_area("01", &[tie]);
    let crs = Crs::from_code(SCENE_CRS).unwrap();
    let layer_crs = vec![crs.clone(); 3];
    let joiner = Joiner::new(JoinInput {
        settlements_crs: &crs,
        analysis_crs: &crs,
        layers: &scene.layers,
        layer_crs: &layer_crs,
        offer_bits: &scene.offer_bits(),
        n_bits: 3,
        areas: Some((&scene.areas, &crs)),
        snap_m: 0.0,
        find_invalid: true,
    })
    .unwrap();
    let n: Vec<usize> = joiner.invalid_parts().iter().map(Vec::len).collect();
    assert_eq!(n, [0, 1, 0]);
    assert_eq!(joiner.invalid_areas()[0].kind, crate::validity::InvalidKind::SelfCrossing);
}

#[test]
fn inputs_that_do_not_fit_together_are_errors() {
    let scene = Scene::new().square_layer("a", 0..10);
    let metric = Crs::from_code(SCENE_CRS).unwrap();
    let degrees = Crs::from_code("EPSG:4326").unwrap();
    let layer_crs = [metric.clone()];
    let input = |analysis_crs, offer_bits, n_bits| JoinInput {
        settlements_crs: &metric,
        analysis_crs,
        layers: &scene.layers,
        layer_crs: &layer_crs,
        offer_bits,
        n_bits,
        areas: None,
        snap_m: 0.0,
        find_invalid: false,
    };
    let bits = scene.offer_bits();
    assert!(matches!(Joiner::new(input(&degrees, &bits, 1)), Err(SpatialError::NotMetric { .. })));
    assert!(matches!(
        Joiner::new(input(&metric, &bits, 0)),
        Err(SpatialError::Inconsistent { layer: 0, .. })
    ));
    assert!(matches!(Joiner::new(input(&metric, &[], 1)), Err(SpatialError::Inconsistent { layer: 0, .. })));
}

fn with<'a>(
    scene: &'a Scene,
    crs: &Crs,
    layer_crs: &[Crs],
    offer_bits: &[Vec<Option<u32>>],
    n_bits: usize,
) -> Joiner<'a> {
    Joiner::new(JoinInput {
        settlements_crs: crs,
        analysis_crs: crs,
        layers: &scene.layers,
        layer_crs,
        offer_bits,
        n_bits,
        areas: None,
        snap_m: 0.0,
        find_invalid: false,
    })
    .unwrap()
}

/// Numbers in 0–1 that are the same in every run.
fn numbers(mut seed: u64) -> impl FnMut() -> f64 {
    move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as f64 / (1_u64 << 31) as f64
    }
}
