//! Classes of numbers: the same fixed limits on every map, run and scenario (UX §2.4).

use whitespot_model::config::Lang;

/// Limits of the classes of a share, 0–1.
pub const SHARE_LIMITS: [f64; 6] = [0.0, 0.10, 0.25, 0.50, 0.75, 1.0];

/// Fills of those classes; darker is more need.
pub const SHARE_COLOURS: [&str; 5] = ["#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"];

/// Fills of counts of those without the service, where they lie over a map of shares: from pale to dark vermilion.
pub const WITHOUT_COLOURS: [&str; 5] = ["#feedde", "#fdbe85", "#fd8d3c", "#e6550d", "#a63603"];

/// Lower limits of the classes of a count, in 1-2-5 steps; the last is open. Below the first is 0.
pub const COUNT_LIMITS: [u32; 5] = [1, 20, 50, 100, 200];

/// Higher than any count of people or households.
const OPEN_TOP: f64 = 1e12;

/// One class of a graduated style.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Class {
    /// Lowest value, in the class.
    pub(super) lower: f64,
    /// Lowest value of the class above; the highest value, in the class, for the last.
    pub(super) upper: f64,
    /// Fill as `#rrggbb`.
    pub(super) colour: &'static str,
    /// Words in the legend.
    pub(super) label: String,
}

pub(super) fn classes_of_shares() -> Vec<Class> {
    let percent = |share: f64| (share * 100.0).round();
    SHARE_COLOURS
        .iter()
        .zip(SHARE_LIMITS.windows(2))
        .map(|(colour, limits)| Class {
            lower: limits[0],
            upper: limits[1],
            colour,
            label: format!("{}–{} %", percent(limits[0]), percent(limits[1])),
        })
        .collect()
}

pub(super) fn classes_of_counts(colours: [&'static str; 5], lang: Lang) -> Vec<Class> {
    let none =
        Class { lower: 0.0, upper: f64::from(COUNT_LIMITS[0]), colour: "#ffffff", label: "0".to_string() };
    let counts = colours.into_iter().enumerate().map(|(i, colour)| {
        let lower = COUNT_LIMITS[i];
        match COUNT_LIMITS.get(i + 1) {
            Some(&upper) => Class {
                lower: f64::from(lower),
                upper: f64::from(upper),
                colour,
                label: format!("{lower}–{}", upper - 1),
            },
            None => Class {
                lower: f64::from(lower),
                upper: OPEN_TOP,
                colour,
                label: match lang {
                    Lang::Sv => format!("{lower} eller fler"),
                    Lang::En => format!("{lower} or more"),
                },
            },
        }
    });
    [none].into_iter().chain(counts).collect()
}
