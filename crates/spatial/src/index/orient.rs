//! Exact sides: on which side of a line a point lies, decided without rounding.

use geo_types::Coord;

/// Relative error of the plain evaluation (Shewchuk's `ccwerrboundA`, rounded up).
const ROUNDING: f64 = 3.330_669_062_177_373e-16;
/// Below this the products may have lost bits to underflow.
const UNDERFLOW: f64 = 1e-280;

/// Positive when `a`, `b`, `c` turn counter-clockwise, negative when clockwise, zero when they lie on one
/// line. The sign is exact for finite coordinates, unless those of both axes span some 150 orders of magnitude;
/// the size means nothing.
#[inline(always)]
pub(crate) fn orient(a: Coord<f64>, b: Coord<f64>, c: Coord<f64>) -> f64 {
    let left = (a.x - c.x) * (b.y - c.y);
    let right = (a.y - c.y) * (b.x - c.x);
    let det = left - right;
    // NaN and infinity from overflow fail the comparison, too.
    if det.abs() > ROUNDING * (left.abs() + right.abs()) + UNDERFLOW { det } else { orient_exactly(a, b, c) }
}

/// The determinant of [`orient`] as plain arithmetic has it, and how far it is above its largest rounding error: with
/// a positive margin its sign is right.
#[inline(always)]
pub(crate) fn plain_side(a: Coord<f64>, b: Coord<f64>, c: Coord<f64>) -> (f64, f64) {
    let left = (a.x - c.x) * (b.y - c.y);
    let right = (a.y - c.y) * (b.x - c.x);
    let det = left - right;
    (det, det.abs() - (ROUNDING * (left.abs() + right.abs()) + UNDERFLOW))
}

#[cold]
#[inline(never)]
fn orient_exactly(a: Coord<f64>, b: Coord<f64>, c: Coord<f64>) -> f64 {
    // Multiplying one axis by a power of two is exact and turns no side. Both are brought near 2⁴⁸⁰, so that
    // products neither overflow nor lose bits to underflow.
    let size = |of: fn(&Coord<f64>) -> f64| [a, b, c].iter().fold(0.0_f64, |m, p| m.max(of(p).abs()));
    let (x, y) = (scale(size(|p| p.x)), scale(size(|p| p.y)));
    let at = |p: Coord<f64>| robust::Coord { x: p.x * x, y: p.y * y };
    robust::orient2d(at(a), at(b), at(c))
}

/// The power of two that brings `size` near 2⁴⁸⁰.
fn scale(size: f64) -> f64 {
    let exponent = (size.to_bits() >> 52) as i64 & 0x7ff;
    let wanted = (1023 + 480 - exponent).clamp(-1000, 1000);
    f64::from_bits(((1023 + wanted) as u64) << 52)
}

/// The side of the line `a` → `b` on which a *reference point* lies: `c` moved by (ε², ε) for an ε smaller than
/// any difference of coordinates, so that a reference point never lies on an edge. `true` is left.
#[inline]
pub(crate) fn reference_is_left_of(a: Coord<f64>, b: Coord<f64>, c: Coord<f64>) -> bool {
    let side = orient(a, b, c);
    if side != 0.0 {
        side > 0.0
    } else if a.x != b.x {
        b.x > a.x
    } else {
        a.y > b.y
    }
}

/// Side of `a` seen from the reference point near `r` towards `p`: 1 left, −1 right; 0 only if `a` = `p`.
#[inline(always)]
pub(crate) fn side_of_path(r: Coord<f64>, p: Coord<f64>, a: Coord<f64>) -> i8 {
    // Differences from `r`, which is the same for many vertices.
    let side = orient(p, a, r);
    if side > 0.0 {
        1
    } else if side < 0.0 {
        -1
    } else {
        side_of_moved_path(p, a)
    }
}

#[cold]
fn side_of_moved_path(p: Coord<f64>, a: Coord<f64>) -> i8 {
    // Derivative of the determinant for the reference point's move by (ε², ε).
    if p.x != a.x {
        if p.x < a.x { 1 } else { -1 }
    } else if p.y != a.y {
        if p.y > a.y { 1 } else { -1 }
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn c(x: f64, y: f64) -> Coord<f64> {
        Coord { x, y }
    }

    #[test]
    fn one_ulp_beside_a_line_is_seen() {
        let (a, b) = (c(300_000.1, 6_100_000.3), c(900_000.7, 7_600_000.9));
        let m = c(0.5 * (a.x + b.x), 0.5 * (a.y + b.y));
        // From left to right over the line in steps of one ulp: at most one of them lies on it.
        let first = m.x.next_down().next_down();
        let walk = std::iter::successors(Some(first), |x| Some(x.next_up())).take(5);
        let sides: Vec<f64> = walk.map(|x| orient(a, b, c(x, m.y)).signum()).collect();
        assert_eq!((sides[0], sides[4]), (1.0, -1.0));
        assert!(sides.windows(2).all(|w| w[0] >= w[1]), "{sides:?}");
    }

    #[test]
    fn huge_and_tiny_triangles_keep_their_side() {
        for s in [1e-200, 1e-160, 1.0, 1e150, 1e200, 1e300] {
            assert!(orient(c(0.0, 0.0), c(s, 0.0), c(0.0, s)) > 0.0, "{s}");
            assert!(orient(c(0.0, 0.0), c(0.0, s), c(s, 0.0)) < 0.0, "{s}");
            assert!(orient(c(0.0, 0.0), c(s, s), c(2.0 * s, 2.0 * s)) == 0.0, "{s}");
        }
    }

    #[test]
    fn the_smallest_number_beside_a_line_is_seen() {
        let least = f64::from_bits(1);
        assert!(orient(c(0.0, 0.0), c(0.35, 0.0), c(2.0, -least)) < 0.0);
        assert!(orient(c(0.0, 0.0), c(0.35, 0.0), c(2.0, least)) > 0.0);
        assert!(orient(c(0.0, 0.1), c(0.0, 7.3), c(least, 3.1)) < 0.0);
    }

    #[test]
    fn a_reference_point_is_never_on_an_edge() {
        let (a, b) = (c(0.0, 0.0), c(2.0, 2.0));
        assert!(reference_is_left_of(a, b, c(1.0, 1.0)));
        assert!(!reference_is_left_of(b, a, c(1.0, 1.0)));
        assert!(!reference_is_left_of(c(1.0, 0.0), c(1.0, 2.0), c(1.0, 1.0)));
        assert!(reference_is_left_of(c(1.0, 2.0), c(1.0, 0.0), c(1.0, 1.0)));
    }
}
