//! The nearest of many points.

use geo_types::Coord;

/// Points in an order that halves them again and again, along the longer side of what is left: the middle one
/// of each stretch divides the rest. Takes no memory but the points'.
#[derive(Debug)]
pub(super) struct KdTree {
    points: Vec<Coord<f64>>,
    lo: Coord<f64>,
    hi: Coord<f64>,
}

/// Stretches no longer than this are searched one by one.
const LEAF: usize = 8;
/// Stretches longer than this are built by two threads.
const PARALLEL: usize = 1 << 14;

impl KdTree {
    /// The tree of these points, all finite.
    pub(super) fn new(mut points: Vec<Coord<f64>>) -> KdTree {
        let mut lo = Coord { x: f64::INFINITY, y: f64::INFINITY };
        let mut hi = Coord { x: f64::NEG_INFINITY, y: f64::NEG_INFINITY };
        for p in &points {
            lo = Coord { x: lo.x.min(p.x), y: lo.y.min(p.y) };
            hi = Coord { x: hi.x.max(p.x), y: hi.y.max(p.y) };
        }
        arrange(&mut points, lo, hi);
        KdTree { points, lo, hi }
    }

    /// Squared distance to the nearest point if it is below `limit2`, else `limit2`.
    pub(super) fn nearest_distance2(&self, query: Coord<f64>, limit2: f64) -> f64 {
        let mut best = limit2;
        search(&self.points, self.lo, self.hi, query, &mut best);
        best
    }

    /// The nearest point within squared distance `limit2`; of equally near ones the first in the order of easting
    /// and northing, whatever order the points came in.
    pub(super) fn nearest(&self, query: Coord<f64>, limit2: f64) -> Option<(f64, Coord<f64>)> {
        let mut best = (limit2, None);
        search_place(&self.points, self.lo, self.hi, query, &mut best);
        best.1.map(|place| (best.0, place))
    }
}

fn arrange(points: &mut [Coord<f64>], lo: Coord<f64>, hi: Coord<f64>) {
    if points.len() <= LEAF {
        return;
    }
    let middle = points.len() / 2;
    let (left, right);
    let (left_hi, right_lo);
    if splits_x(lo, hi) {
        let (l, m, r) = points.select_nth_unstable_by(middle, |a, b| a.x.total_cmp(&b.x));
        (left_hi, right_lo) = (Coord { x: m.x, ..hi }, Coord { x: m.x, ..lo });
        (left, right) = (l, r);
    } else {
        let (l, m, r) = points.select_nth_unstable_by(middle, |a, b| a.y.total_cmp(&b.y));
        (left_hi, right_lo) = (Coord { y: m.y, ..hi }, Coord { y: m.y, ..lo });
        (left, right) = (l, r);
    }
    if left.len() > PARALLEL {
        rayon::join(|| arrange(left, lo, left_hi), || arrange(right, right_lo, hi));
    } else {
        arrange(left, lo, left_hi);
        arrange(right, right_lo, hi);
    }
}

fn search(points: &[Coord<f64>], lo: Coord<f64>, hi: Coord<f64>, query: Coord<f64>, best: &mut f64) {
    let distance2 = |p: &Coord<f64>| (p.x - query.x) * (p.x - query.x) + (p.y - query.y) * (p.y - query.y);
    if points.len() <= LEAF {
        *best = points.iter().map(distance2).fold(*best, f64::min);
        return;
    }
    let middle = points.len() / 2;
    let m = points[middle];
    let (left, right) = (&points[..middle], &points[middle + 1..]);
    let (beyond, left_hi, right_lo) = if splits_x(lo, hi) {
        (query.x - m.x, Coord { x: m.x, ..hi }, Coord { x: m.x, ..lo })
    } else {
        (query.y - m.y, Coord { y: m.y, ..hi }, Coord { y: m.y, ..lo })
    };
    *best = best.min(distance2(&m));
    if beyond < 0.0 {
        search(left, lo, left_hi, query, best);
        if beyond * beyond < *best {
            search(right, right_lo, hi, query, best);
        }
    } else {
        search(right, right_lo, hi, query, best);
        if beyond * beyond < *best {
            search(left, lo, left_hi, query, best);
        }
    }
}

fn search_place(
    points: &[Coord<f64>],
    lo: Coord<f64>,
    hi: Coord<f64>,
    query: Coord<f64>,
    best: &mut (f64, Option<Coord<f64>>),
) {
    let mut look_at = |p: Coord<f64>| {
        let d2 = (p.x - query.x) * (p.x - query.x) + (p.y - query.y) * (p.y - query.y);
        let is_first = |q: Coord<f64>| p.x.total_cmp(&q.x).then(p.y.total_cmp(&q.y)).is_lt();
        if d2 < best.0 || d2 == best.0 && best.1.is_none_or(is_first) {
            *best = (d2, Some(p));
        }
    };
    if points.len() <= LEAF {
        return points.iter().for_each(|p| look_at(*p));
    }
    let middle = points.len() / 2;
    let m = points[middle];
    look_at(m);
    let (left, right) = (&points[..middle], &points[middle + 1..]);
    let (beyond, left_hi, right_lo) = if splits_x(lo, hi) {
        (query.x - m.x, Coord { x: m.x, ..hi }, Coord { x: m.x, ..lo })
    } else {
        (query.y - m.y, Coord { y: m.y, ..hi }, Coord { y: m.y, ..lo })
    };
    let halves = [(left, lo, left_hi), (right, right_lo, hi)];
    let [near, far] = if beyond < 0.0 { halves } else { [halves[1], halves[0]] };
    search_place(near.0, near.1, near.2, query, best);
    // Also where it is just as far: an equally near point may come first.
    if beyond * beyond <= best.0 {
        search_place(far.0, far.1, far.2, query, best);
    }
}

fn splits_x(lo: Coord<f64>, hi: Coord<f64>) -> bool {
    hi.x - lo.x >= hi.y - lo.y
}
