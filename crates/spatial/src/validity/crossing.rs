//! Edges of one polygon that cross or run along one another.

use crate::index::orient::orient;
use geo_types::Coord;

/// A place where a polygon's outline crosses itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Crossing {
    /// Coordinate where one of the edges starts, in its layer.
    pub(crate) coord: u32,
    /// Where they meet, about.
    pub(crate) at: Coord<f64>,
}

/// An edge with the number of its first coordinate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub(crate) number: u32,
    pub(crate) a: Coord<f64>,
    pub(crate) b: Coord<f64>,
}

/// The first crossing among the edges of one polygon that share a cell; quadratic in their number.
pub(crate) fn first_among(edges: &[Edge]) -> Option<Crossing> {
    for (i, e) in edges.iter().enumerate() {
        let (lo_x, hi_x) = (e.a.x.min(e.b.x), e.a.x.max(e.b.x));
        let (lo_y, hi_y) = (e.a.y.min(e.b.y), e.a.y.max(e.b.y));
        for f in &edges[i + 1..] {
            let apart = (f.a.x < lo_x && f.b.x < lo_x)
                || (f.a.x > hi_x && f.b.x > hi_x)
                || (f.a.y < lo_y && f.b.y < lo_y)
                || (f.a.y > hi_y && f.b.y > hi_y);
            if apart || e.b == f.a || f.b == e.a {
                // Consecutive edges meet; whether they turn back is told by going round the ring.
                if apart || !runs_along(*e, *f) || e.number.abs_diff(f.number) == 1 {
                    continue;
                }
            }
            if let Some(at) = meeting(*e, *f) {
                return Some(Crossing { coord: e.number, at });
            }
        }
    }
    None
}

/// Whether two edges lie on one line.
fn runs_along(e: Edge, f: Edge) -> bool {
    orient(e.a, e.b, f.a) == 0.0 && orient(e.a, e.b, f.b) == 0.0
}

/// Where two edges cross or begin to run along one another; touching in one point does not count.
fn meeting(e: Edge, f: Edge) -> Option<Coord<f64>> {
    let (c, d) = (orient(e.a, e.b, f.a), orient(e.a, e.b, f.b));
    if c == 0.0 && d == 0.0 {
        // On one line: they share more than a point if the later start lies before the earlier end.
        let key = |p: Coord<f64>| (p.x, p.y);
        let (start, end) = (lesser(e.a, e.b), greater(e.a, e.b));
        let (other_start, other_end) = (lesser(f.a, f.b), greater(f.a, f.b));
        let (from, to) = (greater(start, other_start), lesser(end, other_end));
        return (key(from) < key(to)).then_some(from);
    }
    let (a, b) = (orient(f.a, f.b, e.a), orient(f.a, f.b, e.b));
    let crosses =
        ((c > 0.0 && d < 0.0) || (c < 0.0 && d > 0.0)) && ((a > 0.0 && b < 0.0) || (a < 0.0 && b > 0.0));
    crosses.then(|| {
        let t = a / (a - b);
        Coord { x: e.a.x + t * (e.b.x - e.a.x), y: e.a.y + t * (e.b.y - e.a.y) }
    })
}

fn lesser(a: Coord<f64>, b: Coord<f64>) -> Coord<f64> {
    if (a.x, a.y) <= (b.x, b.y) { a } else { b }
}

fn greater(a: Coord<f64>, b: Coord<f64>) -> Coord<f64> {
    if (a.x, a.y) <= (b.x, b.y) { b } else { a }
}
