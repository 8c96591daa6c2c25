use super::*;
use whitespot_testkit::reference;
use whitespot_testkit::scene::{SCENE_CRS, Scene};

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
fn random_scenes_agree_with_the_reference() {
    let mut seed = 1_u64;
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as f64 / (1_u64 << 31) as f64
    };
    for round in 0..30 {
        let mut scene = Scene::new();
        let coarse = if round % 3 == 0 { 8.0 } else { 1e6 };
        for l in 0..3 {
            let mut shapes = whitespot_model::shapes::Shapes::default();
            for _ in 0..20 {
                let (cx, cy, size) = (random() * 100.0, random() * 100.0, 1.0 + random() * 30.0);
                let n = 3 + (random() * 12.0) as usize;
                let at = |v: f64| (v * coarse).round() / coarse;
                let mut ring: Vec<(f64, f64)> =
                    (0..n).map(|_| (at(cx + size * random()), at(cy + size * random()))).collect();
                ring.push(ring[0]);
                whitespot_testkit::scene::push_polygon(&mut shapes, &[&ring]);
            }
            scene = scene.layer(&format!("l{l}"), shapes, 0.0);
        }
        let mut points: Vec<(f64, f64)> = (0..300).map(|_| (random() * 130.0, random() * 130.0)).collect();
        for layer in &scene.layers {
            for w in layer.shapes.coords.windows(2) {
                points.push((w[0].x, w[0].y));
                points.push((0.5 * (w[0].x + w[1].x), 0.5 * (w[0].y + w[1].y)));
                points.push((w[0].x.next_up(), w[0].y));
                points.push((w[0].x, w[1].y));
            }
        }
        for (x, y) in points {
            scene = scene.settlement(x, y, 1);
        }
        let r = join(&scene, 0.0);
        for (i, p) in scene.settlements.points.iter().enumerate() {
            let mut expected = 0;
            for (l, layer) in scene.layers.iter().enumerate() {
                if reference::covered(&layer.shapes, *p).contains(&true) {
                    expected |= 1 << l;
                }
            }
            assert_eq!(r.offers[i], expected, "round {round}, {p:?}");
        }
    }
}
