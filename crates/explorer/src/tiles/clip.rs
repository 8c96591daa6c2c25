//! Clipping rings to a square, so that a tile holds its own part only.

/// The part of a ring with both coordinates between `low` and `high` (Sutherland and Hodgman, side by side). A ring
/// that leaves and enters again runs along the side in between, outside what is drawn.
pub(crate) fn ring(points: &[[f64; 2]], low: f64, high: f64) -> Vec<[f64; 2]> {
    let mut ring = points.to_vec();
    for (axis, limit, keeps_above) in [(0, low, true), (0, high, false), (1, low, true), (1, high, false)] {
        if ring.is_empty() {
            return ring;
        }
        let is_in = |p: &[f64; 2]| if keeps_above { p[axis] >= limit } else { p[axis] <= limit };
        let mut kept = Vec::with_capacity(ring.len() + 4);
        for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            if is_in(a) {
                kept.push(*a);
            }
            if is_in(a) != is_in(b) {
                let share = (limit - a[axis]) / (b[axis] - a[axis]);
                let mut crossing = [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
                crossing[axis] = limit;
                kept.push(crossing);
            }
        }
        ring = kept;
    }
    ring
}

/// The stretches of a chain inside the square of coordinates between `low` and `high` (Liang and Barsky, step by step).
pub(crate) fn line(points: &[[f64; 2]], low: f64, high: f64) -> Vec<Vec<[f64; 2]>> {
    let mut stretches: Vec<Vec<[f64; 2]>> = Vec::new();
    let mut is_open = false;
    for pair in points.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let (mut from, mut to) = (0.0_f64, 1.0_f64);
        for axis in 0..2 {
            let step = b[axis] - a[axis];
            if step == 0.0 {
                if a[axis] < low || a[axis] > high {
                    to = -1.0;
                }
                continue;
            }
            let (p, q) = ((low - a[axis]) / step, (high - a[axis]) / step);
            from = from.max(p.min(q));
            to = to.min(p.max(q));
        }
        if from > to {
            is_open = false;
            continue;
        }
        let at = |t: f64| [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
        match stretches.last_mut().filter(|_| is_open && from == 0.0) {
            Some(open) => open.push(at(to)),
            None => stretches.push(vec![at(from), at(to)]),
        }
        is_open = to == 1.0;
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::{line, ring};

    fn area(ring: &[[f64; 2]]) -> f64 {
        let pairs = ring.iter().zip(ring.iter().cycle().skip(1));
        pairs.map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0
    }

    #[test]
    fn the_part_inside_stays_and_the_rest_goes() {
        let square = [[-10.0, -10.0], [5.0, -10.0], [5.0, 5.0], [-10.0, 5.0]];
        assert_eq!(area(&ring(&square, 0.0, 100.0)), 25.0);
        assert_eq!(ring(&square, 10.0, 100.0), Vec::<[f64; 2]>::new());
        assert_eq!(area(&ring(&square, -100.0, 100.0)), 225.0);
    }

    #[test]
    fn a_line_that_leaves_and_comes_back_is_two_stretches() {
        let there_and_back = [[1.0, 1.0], [5.0, 1.0], [15.0, 1.0], [15.0, 5.0], [5.0, 5.0]];
        let kept = [vec![[1.0, 1.0], [5.0, 1.0], [10.0, 1.0]], vec![[10.0, 5.0], [5.0, 5.0]]];
        assert_eq!(line(&there_and_back, 0.0, 10.0), kept);
        assert_eq!(line(&[[-5.0, 5.0], [20.0, 5.0]], 0.0, 10.0), [[[0.0, 5.0], [10.0, 5.0]]]);
        assert_eq!(line(&[[11.0, 5.0], [20.0, 5.0]], 0.0, 10.0), Vec::<Vec<[f64; 2]>>::new());
    }

    #[test]
    fn a_ring_around_the_tile_fills_it() {
        let around = [[-50.0, -50.0], [50.0, -50.0], [50.0, 50.0], [-50.0, 50.0]];
        assert_eq!(area(&ring(&around, 0.0, 10.0)), 100.0);
    }
}
