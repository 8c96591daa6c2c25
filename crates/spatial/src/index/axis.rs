//! One direction of a grid: which column a number falls into, and where columns begin, without contradiction.

/// Maps every number, however far out, to one of `n` columns. The map never decreases; the first and the last
/// column reach to infinity.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    origin: f64,
    per_unit: f64,
    last: u32,
    /// The smallest number of each column; −∞ for the first. One more than columns: +∞ ends the last.
    pub(super) starts: Vec<f64>,
    /// A number of each column near its middle.
    pub(super) middles: Vec<f64>,
}

impl Axis {
    /// `n` columns over `lo..=hi`; one column where the range is too small or too large for `n`.
    pub(super) fn over(lo: f64, hi: f64, n: u32) -> Axis {
        let width = hi - lo;
        let ulp = lo.abs().max(hi.abs()) * f64::EPSILON;
        let most = (width / (16.0 * ulp)).clamp(1.0, 65_536.0);
        let n =
            if width.is_finite() && width > 0.0 && most.is_finite() { n.clamp(1, most as u32) } else { 1 };
        let per_unit = f64::from(n) / width;
        if n == 1 || !per_unit.is_finite() || per_unit <= 0.0 {
            let middle = if width.is_finite() { lo + 0.5 * width } else { 0.0 };
            let middle = if middle.is_finite() { middle } else { 0.0 };
            let starts = vec![f64::NEG_INFINITY, f64::INFINITY];
            return Axis { origin: 0.0, per_unit: 0.0, last: 0, starts, middles: vec![middle] };
        }
        let mut axis = Axis { origin: lo, per_unit, last: n - 1, starts: Vec::new(), middles: Vec::new() };
        let step = width / f64::from(n);
        axis.starts.push(f64::NEG_INFINITY);
        for column in 1..n {
            let near = lo + f64::from(column) * step;
            let at = first_of(near - 0.5 * step, near + 0.5 * step, |v| axis.column(v) >= column);
            axis.starts.push(at);
        }
        axis.starts.push(f64::INFINITY);
        for column in 0..n as usize {
            let from = if column == 0 { lo } else { axis.starts[column] };
            let to = if column + 1 == n as usize { hi } else { axis.starts[column + 1] };
            let middle = from + 0.5 * (to - from);
            axis.middles.push(if axis.column(middle) as usize == column { middle } else { from });
        }
        axis
    }

    /// The column of `v`; anything that is no number falls into the first.
    #[inline(always)]
    pub(super) fn column(&self, v: f64) -> u32 {
        // A cast saturates: below zero to 0, beyond the range to the largest.
        (((v - self.origin) * self.per_unit) as u32).min(self.last)
    }

    /// Number of columns.
    pub(super) fn len(&self) -> u32 {
        self.last + 1
    }
}

/// The smallest number in `lo..=hi` from which on `holds`; it must hold for `hi`.
fn first_of(lo: f64, hi: f64, holds: impl Fn(f64) -> bool) -> f64 {
    // Numbers in the order of their size are consecutive integers under this map.
    let rank = |v: f64| {
        let bits = v.to_bits() as i64;
        if bits < 0 { i64::MIN.wrapping_sub(bits) } else { bits }
    };
    let number = |r: i64| f64::from_bits(if r < 0 { i64::MIN.wrapping_sub(r) } else { r } as u64);
    let (mut below, mut from) = (rank(lo), rank(hi));
    while below < from {
        let middle = ((i128::from(below) + i128::from(from)) >> 1) as i64;
        if holds(number(middle)) { from = middle } else { below = middle + 1 }
    }
    number(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_begin_where_the_map_says_so() {
        for (lo, hi, n) in
            [(0.0, 10.0, 3), (264_000.3, 918_000.7, 1021), (-1e-9, 1e-9, 64), (1e300, 2e300, 7)]
        {
            let a = Axis::over(lo, hi, n);
            assert_eq!(a.len(), n);
            for i in 1..n as usize {
                assert_eq!(a.column(a.starts[i]) as usize, i);
                assert_eq!(a.column(a.starts[i].next_down()) as usize, i - 1);
            }
            for (i, m) in a.middles.iter().enumerate() {
                assert_eq!(a.column(*m) as usize, i);
            }
            assert_eq!(a.column(f64::NEG_INFINITY), 0);
            assert_eq!(a.column(f64::INFINITY), n - 1);
        }
    }

    #[test]
    fn a_range_without_room_has_one_column() {
        for (lo, hi) in [(5.0, 5.0), (5.0, 5.0_f64.next_up()), (-1.7e308, 1.7e308), (0.0, 0.0)] {
            let a = Axis::over(lo, hi, 100);
            assert_eq!(a.len(), 1);
            assert_eq!(a.column(1e9), 0);
            assert!(a.middles[0].is_finite());
        }
    }
}
