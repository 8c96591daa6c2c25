//! Fractions of persons, rounded by largest remainder.

/// Which remainders round up, so that the sum of the rounded numbers is the rounded sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rounding {
    /// Remainders above this round up.
    threshold: f64,
    /// So many of those equal to it do too, the first in file order.
    ties_left: u64,
}

impl Rounding {
    pub(super) fn plan(mut remainders: Vec<f64>) -> Rounding {
        let sum: f64 = remainders.iter().sum();
        let n_up = (sum.round() as usize).min(remainders.len());
        if n_up == 0 {
            return Rounding { threshold: f64::INFINITY, ties_left: 0 };
        }
        remainders.sort_unstable_by(|a, b| b.total_cmp(a));
        let threshold = remainders[n_up - 1];
        let ties_left = remainders[..n_up].iter().filter(|r| **r == threshold).count() as u64;
        Rounding { threshold, ties_left }
    }

    pub(super) fn rounds_up(&mut self, remainder: f64) -> bool {
        if remainder > self.threshold {
            return true;
        }
        if remainder == self.threshold && self.ties_left > 0 {
            self.ties_left -= 1;
            return true;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_by_largest_remainder_keeps_the_total() {
        let values = [0.5, 0.25, 0.25, 2.75, 1.25, 0.5, 0.5];
        let remainders: Vec<f64> = values.iter().map(|v: &f64| v.fract()).collect();
        let mut rounding = Rounding::plan(remainders);
        let total: f64 =
            values.iter().map(|v| v.floor() + f64::from(u8::from(rounding.rounds_up(v.fract())))).sum();
        assert_eq!(total, 6.0, "the sum 6.0 is kept");
    }
}
