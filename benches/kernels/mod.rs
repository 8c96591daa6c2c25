//! What others do for one point: geo's plain predicate, an R-tree of edges, geo's interval tree.

use super::measure::{best_of, with_threads};
use geo::{Contains, MultiPolygon, indexed::IntervalTreeMultiPolygon};
use geo_types::Coord;
use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Line};
use whitespot_model::shapes::Shapes;
use whitespot_spatial::{
    crs::Crs,
    join::{JoinInput, Joiner},
};
use whitespot_testkit::{
    reference::{self, Position},
    region::Region,
};

/// Compares on the fibre layer and on one mobile layer, on one thread; every row asserts that it finds as many.
pub(crate) fn compare(region: &Region) {
    with_threads(1, || {
        for (name, layer) in [("fibre", 0), ("one mobile layer", 1)] {
            let shapes = &region.layers[layer].shapes;
            println!(
                "{name}: {} vertices in {} polygons, one thread, covered or not",
                shapes.n_coords(),
                shapes.n_parts()
            );
            let points = region.settlements(0, 1 << 18).points;
            let expected = cells(region, layer, &points);
            let row = |what: &str, build_s: f64, seconds: f64, covered: &[bool]| {
                let n = covered.len();
                assert_eq!(covered, &expected[..n], "{what}");
                let hits = covered.iter().filter(|c| **c).count();
                println!(
                    "  {what:<34} build {:>7.1} ms, {:>10.1} ns a point   hits {hits} of {n}",
                    build_s * 1e3,
                    seconds * 1e9 / n as f64
                );
            };
            let (build, tree) = best_of(1, || edge_tree(shapes));
            let some = &points[..1 << 14];
            let (t, covered) = best_of(2, || some.iter().map(|p| by_edges(&tree, *p)).collect::<Vec<_>>());
            row("rstar over edges, ray", build.cpu, t.cpu, &covered);
            let geometry =
                MultiPolygon((0..shapes.n_parts()).map(|p| reference::to_geo(shapes, p)).collect());
            let (build, tree) = best_of(1, || IntervalTreeMultiPolygon::new(&geometry));
            let (t, covered) = best_of(2, || some.iter().map(|p| tree.contains(p)).collect::<Vec<_>>());
            row("geo IntervalTreeMultiPolygon", build.cpu, t.cpu, &covered);
            let few = &points[..1 << 8];
            let (t, covered) = best_of(1, || few.iter().map(|p| plainly(shapes, *p)).collect::<Vec<_>>());
            row("every edge, geo's predicates", 0.0, t.cpu, &covered);
        }
    });
}

/// Our own, alone on the layer.
fn cells(region: &Region, layer: usize, points: &[Coord<f64>]) -> Vec<bool> {
    let crs = Crs::resolve(&region.frame.crs()).unwrap();
    let analysis = Crs::from_code("EPSG:3006").unwrap();
    let layers = &region.layers[layer..=layer];
    let bits = [vec![Some(0); layers[0].offers.len()]];
    let (build, joiner) = best_of(3, || {
        Joiner::new(JoinInput {
            settlements_crs: &crs,
            analysis_crs: &analysis,
            layers,
            layer_crs: std::slice::from_ref(&crs),
            offer_bits: &bits,
            n_bits: 1,
            areas: None,
            snap_m: 0.0,
            find_invalid: false,
        })
        .unwrap()
    });
    let batch = region.settlements(0, points.len());
    let (t, reached) = best_of(5, || joiner.join(&batch));
    let covered: Vec<bool> = reached.offers.iter().map(|o| *o != 0).collect();
    println!(
        "  {:<34} build {:>7.1} ms, {:>10.1} ns a point   hits {} of {}",
        "cell index, sorting included",
        build.cpu * 1e3,
        t.cpu * 1e9 / points.len() as f64,
        covered.iter().filter(|c| **c).count(),
        points.len()
    );
    covered
}

/// An edge with its polygon.
type Edge = GeomWithData<Line<[f64; 2]>, u32>;

fn edge_tree(shapes: &Shapes) -> RTree<Edge> {
    let mut edges = Vec::new();
    for part in 0..shapes.n_parts() {
        for r in shapes.rings_of(part) {
            edges.extend(
                shapes
                    .ring(r)
                    .windows(2)
                    .map(|w| GeomWithData::new(Line::new([w[0].x, w[0].y], [w[1].x, w[1].y]), part as u32)),
            );
        }
    }
    RTree::bulk_load(edges)
}

/// A ray to the right; the parity of what it crosses, by polygon.
fn by_edges(tree: &RTree<Edge>, p: Coord<f64>) -> bool {
    let ray = AABB::from_corners([p.x, p.y], [f64::INFINITY, p.y]);
    let mut crossed: Vec<u32> = Vec::new();
    for edge in tree.locate_in_envelope_intersecting(&ray) {
        let (a, b) = (edge.geom().from, edge.geom().to);
        if (a[1] <= p.y) != (b[1] <= p.y) {
            let (down, up) = if a[1] < b[1] { (a, b) } else { (b, a) };
            let c = |q: [f64; 2]| robust::Coord { x: q[0], y: q[1] };
            if robust::orient2d(c(down), c(up), robust::Coord { x: p.x, y: p.y }) > 0.0 {
                crossed.push(edge.data);
            }
        }
    }
    crossed.sort_unstable();
    crossed.chunk_by(|a, b| a == b).any(|same| same.len() % 2 == 1)
}

fn plainly(shapes: &Shapes, p: Coord<f64>) -> bool {
    (0..shapes.n_parts()).any(|part| reference::position(shapes, part, p) != Position::Outside)
}
