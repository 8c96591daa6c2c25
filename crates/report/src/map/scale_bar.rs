//! A bar of a round length.

use serde::Serialize;

/// A bar of 1, 2 or 5 times a power of ten metres, at most a quarter of the map's width.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ScaleBar {
    /// Left end, drawing units.
    pub(crate) x: i32,
    /// Height on the page, drawing units.
    pub(crate) y: i32,
    /// Length in drawing units.
    pub(crate) length: i32,
    /// Length in metres, or in kilometres from one kilometre on.
    pub(crate) value: i64,
    /// `m` or `km`.
    pub(crate) unit: &'static str,
}

impl ScaleBar {
    /// The bar for a map of so many units whose unit is so many metres; `None` where a unit has no length.
    pub(crate) fn new(unit_m: f64, width: i32, at: [i32; 2]) -> Option<ScaleBar> {
        let most_m = unit_m * f64::from(width) / 4.0;
        if !(most_m.is_finite() && most_m >= 1.0) {
            return None;
        }
        let power = 10f64.powi(most_m.log10().floor() as i32);
        let metres = [5.0, 2.0, 1.0].into_iter().map(|m| m * power).find(|&m| m <= most_m)?;
        let (value, unit) = if metres >= 1000.0 { (metres / 1000.0, "km") } else { (metres, "m") };
        Some(ScaleBar {
            x: at[0],
            y: at[1],
            length: (metres / unit_m).round() as i32,
            value: value.round() as i64,
            unit,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_is_round_and_at_most_a_quarter_of_the_map() {
        let bar = ScaleBar::new(100.0, 4000, [0, 0]).unwrap();
        assert_eq!((bar.value, bar.unit, bar.length), (100, "km", 1000));
        let bar = ScaleBar::new(10.0, 310, [0, 0]).unwrap();
        assert_eq!((bar.value, bar.unit, bar.length), (500, "m", 50));
        assert_eq!(ScaleBar::new(f64::NAN, 310, [0, 0]), None);
        assert_eq!(ScaleBar::new(0.001, 310, [0, 0]), None);
    }
}
