//! The box around a path, and edges that lie beside it.

use geo_types::Coord;

/// The smallest box that holds two points.
#[derive(Clone, Copy)]
pub(super) struct Around {
    #[cfg(target_arch = "x86_64")]
    lo: std::arch::x86_64::__m128d,
    #[cfg(target_arch = "x86_64")]
    hi: std::arch::x86_64::__m128d,
    #[cfg(not(target_arch = "x86_64"))]
    lo: Coord<f64>,
    #[cfg(not(target_arch = "x86_64"))]
    hi: Coord<f64>,
}

/// Both axes at once: left to itself the compiler makes four jumps of it, which took a quarter of a look-up.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
impl Around {
    #[inline(always)]
    pub(super) fn new(a: Coord<f64>, b: Coord<f64>) -> Around {
        use std::arch::x86_64::{_mm_max_pd, _mm_min_pd, _mm_set_pd};
        // SAFETY: every x86-64 has SSE2.
        unsafe {
            let (a, b) = (_mm_set_pd(a.y, a.x), _mm_set_pd(b.y, b.x));
            Around { lo: _mm_min_pd(a, b), hi: _mm_max_pd(a, b) }
        }
    }

    /// Whether the edge surely neither meets the box nor touches it.
    #[inline(always)]
    pub(super) fn is_beside(&self, a: Coord<f64>, b: Coord<f64>) -> bool {
        use std::arch::x86_64::{
            _mm_cmplt_pd, _mm_max_pd, _mm_min_pd, _mm_movemask_pd, _mm_or_pd, _mm_set_pd,
        };
        // SAFETY: every x86-64 has SSE2.
        unsafe {
            let (a, b) = (_mm_set_pd(a.y, a.x), _mm_set_pd(b.y, b.x));
            let below = _mm_cmplt_pd(_mm_max_pd(a, b), self.lo);
            let above = _mm_cmplt_pd(self.hi, _mm_min_pd(a, b));
            _mm_movemask_pd(_mm_or_pd(below, above)) != 0
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
impl Around {
    #[inline(always)]
    pub(super) fn new(a: Coord<f64>, b: Coord<f64>) -> Around {
        Around {
            lo: Coord { x: a.x.min(b.x), y: a.y.min(b.y) },
            hi: Coord { x: a.x.max(b.x), y: a.y.max(b.y) },
        }
    }

    /// Whether the edge surely neither meets the box nor touches it.
    #[inline(always)]
    pub(super) fn is_beside(&self, a: Coord<f64>, b: Coord<f64>) -> bool {
        let (lo, hi) = (self.lo, self.hi);
        (a.x < lo.x) & (b.x < lo.x)
            | (a.x > hi.x) & (b.x > hi.x)
            | (a.y < lo.y) & (b.y < lo.y)
            | (a.y > hi.y) & (b.y > hi.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_that_touches_the_box_is_not_beside_it() {
        let c = |x, y| Coord { x, y };
        let around = Around::new(c(4.0, 1.0), c(2.0, 3.0));
        for (a, b, expected) in [
            (c(4.0, 3.0), c(9.0, 9.0), false), // at a corner
            (c(4.0_f64.next_up(), 0.0), c(5.0, 9.0), true),
            (c(0.0, 0.0), c(9.0, 1.0_f64.next_down()), true),
            (c(0.0, 2.0), c(9.0, 2.0), false), // through it
            (c(2.0, 0.0), c(2.0, 1.0), false),
            (c(0.0, 2.0), c(2.0_f64.next_down(), 2.5), true),
            (c(3.0, 3.0_f64.next_up()), c(3.0, 9.0), true),
        ] {
            assert_eq!(around.is_beside(a, b), expected, "{a:?} {b:?}");
            assert_eq!(around.is_beside(b, a), expected, "{b:?} {a:?}");
        }
    }
}
