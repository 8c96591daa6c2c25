//! Raw values made comparable: more is need, 0 is none and 1 the most.
//!
//! With x the raw values of the areas that have one, each way gives (for "higher is more need"; for "lower is
//! more need" the result is 1 minus this, except for `bins`, whose points speak of need themselves):
//!
//! | way | need of a value x | note |
//! |---|---|---|
//! | `min_max` | (x − low) / (high − low) | low, high of the data, or frozen and then clamped |
//! | `percentile` | (b + (e − 1) / 2) / (n − 1) | b areas below, e areas equal (itself included): the mean rank, from 0 to 1 |
//! | `z_score` | 1/2 + z / 6, clamped to 0–1, z = (x − mean) / sd | sd of the population: the areas are all there are |
//! | `linear` | (x − low) / (high − low), clamped | goalposts from the file, so that years compare |
//! | `bins` | points of the first row that holds, over the most points of any row | plain points where the aggregate is `points` |
//! | `none` | x | the file vouches for 0–1 |
//!
//! Where all areas have the same value, `min_max` of the data, `percentile` and `z_score` give 1/2 to all: the
//! indicator tells nothing about who needs more, and a finding says so. Source: OECD/JRC, *Handbook on
//! Constructing Composite Indicators* (2008), step 5; mean ranks for ties as in Spearman's coefficient.

use crate::{NeedError, table::IndicatorSpec};
use whitespot_model::{
    config::need::{Bin, Direction},
    finding::Finding,
    need::Normalise,
};

/// One indicator made comparable.
#[derive(Clone, Debug, PartialEq)]
pub struct Normalised {
    /// One value an area; NaN where missing. 0–1, except for `none` and for points.
    pub values: Vec<f64>,
    /// Lowest and highest value, mean and standard deviation, or goalposts; see
    /// [`whitespot_model::need::IndicatorUsed::scale`].
    pub scale: Option<[f64; 2]>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// Makes the values of one indicator comparable. `as_points` leaves `bins` as points instead of bringing
/// them to 0–1.
///
/// Missing (NaN) and infinite values stay missing. The result for an area depends on the other areas'
/// values only as the formulas say, never on their order.
pub fn normalise(spec: &IndicatorSpec, raw: &[f64], as_points: bool) -> Normalised {
    let mut present: Vec<f64> = raw.iter().copied().filter(|v| v.is_finite()).collect();
    present.sort_unstable_by(f64::total_cmp);
    let mut findings = Vec::new();
    let n_infinite = raw.iter().filter(|v| v.is_infinite()).count();
    if n_infinite > 0 {
        let message = format!("{n_infinite} values of `{}` are infinite and count as missing", spec.id);
        findings.push(Finding::warning("infinite_values", "", message).with_count(n_infinite as u64));
    }
    let (mut values, scale) = match &spec.normalise {
        Normalise::MinMax { bounds } => rescale(raw, &present, *bounds),
        Normalise::Percentile => (percentiles(raw, &present), None),
        Normalise::ZScore => z_scores(raw, &present),
        Normalise::Linear { goalposts } => rescale(raw, &present, Some(*goalposts)),
        Normalise::Bins { bins } => (points(raw, bins, as_points), None),
        Normalise::None => (as_they_stand(raw), None),
    };
    if spec.direction == Direction::LowerIsMoreNeed && !matches!(spec.normalise, Normalise::Bins { .. }) {
        values.iter_mut().for_each(|v| *v = 1.0 - *v);
    }
    findings.extend(notice(spec, raw, &present, scale, as_points));
    Normalised { values, scale, findings }
}

/// Tells whether the parameters of a normalisation can be used.
///
/// # Errors
/// Bounds or goalposts that are not two finite numbers in ascending order; a `bins` table that is empty or has
/// a row without exactly one finite limit and points from 0.
pub fn check(id: &str, normalise: &Normalise) -> Result<(), NeedError> {
    let ascending = |[low, high]: [f64; 2]| low.is_finite() && high.is_finite() && low < high;
    match normalise {
        Normalise::MinMax { bounds: Some([low, high]) } if !ascending([*low, *high]) => {
            Err(NeedError::BadBounds { id: id.to_string(), low: *low, high: *high })
        }
        Normalise::Linear { goalposts: [low, high] } if !ascending([*low, *high]) => {
            Err(NeedError::BadGoalposts { id: id.to_string(), low: *low, high: *high })
        }
        Normalise::Bins { bins } if bins.is_empty() => {
            Err(NeedError::MissingParameter { id: id.to_string(), normalise: "bins", key: "bins" })
        }
        Normalise::Bins { bins } => bins.iter().enumerate().try_for_each(|(i, bin)| {
            let bad = |what| Err(NeedError::BadBin { id: id.to_string(), row: i + 1, what });
            let limits: Vec<f64> =
                [bin.below, bin.up_to, bin.above, bin.from].into_iter().flatten().collect();
            match limits[..] {
                [limit] if !limit.is_finite() => bad("the limit is no finite number"),
                [_] if !bin.points.is_finite() || bin.points < 0.0 => bad("points are numbers from 0"),
                [_] => Ok(()),
                _ => bad("give exactly one of `below`, `up_to`, `above` and `from`"),
            }
        }),
        _ => Ok(()),
    }
}

/// Whether a row of a `bins` table holds for a value.
fn holds(bin: &Bin, value: f64) -> bool {
    bin.below.is_none_or(|limit| value < limit)
        && bin.up_to.is_none_or(|limit| value <= limit)
        && bin.above.is_none_or(|limit| value > limit)
        && bin.from.is_none_or(|limit| value >= limit)
}

fn as_they_stand(raw: &[f64]) -> Vec<f64> {
    // So far from 0–1 only their sign matters; within this, no sum or product of scores overflows.
    raw.iter().map(|v| if v.is_finite() { v.clamp(-1e100, 1e100) } else { f64::NAN }).collect()
}

fn points(raw: &[f64], bins: &[Bin], as_points: bool) -> Vec<f64> {
    let most = bins.iter().map(|bin| bin.points).fold(0.0, f64::max);
    let unit = if as_points || most == 0.0 { 1.0 } else { most };
    let of = |value: f64| bins.iter().find(|bin| holds(bin, value)).map_or(0.0, |bin| bin.points) / unit;
    raw.iter().map(|v| if v.is_finite() { of(*v) } else { f64::NAN }).collect()
}

fn rescale(raw: &[f64], present: &[f64], frozen: Option<[f64; 2]>) -> (Vec<f64>, Option<[f64; 2]>) {
    let ends = match (frozen, present) {
        (Some(ends), _) => Some(ends),
        (None, [low, .., high]) => Some([*low, *high]),
        (None, [only]) => Some([*only, *only]),
        (None, []) => None,
    };
    let of = |value: f64| match ends {
        // Halves, since the difference of two finite numbers may be infinite.
        Some([low, high]) if low < high => {
            ((value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0)).clamp(0.0, 1.0)
        }
        _ => 0.5,
    };
    (raw.iter().map(|v| if v.is_finite() { of(*v) } else { f64::NAN }).collect(), ends)
}

fn percentiles(raw: &[f64], present: &[f64]) -> Vec<f64> {
    let n = present.len();
    let of = |value: f64| {
        let below = present.partition_point(|v| *v < value);
        let up_to = present.partition_point(|v| *v <= value);
        match n {
            1 => 0.5,
            _ => (below as f64 + (up_to - below - 1) as f64 / 2.0) / (n - 1) as f64,
        }
    };
    raw.iter().map(|v| if v.is_finite() { of(*v) } else { f64::NAN }).collect()
}

fn z_scores(raw: &[f64], present: &[f64]) -> (Vec<f64>, Option<[f64; 2]>) {
    let n = present.len() as f64;
    if present.is_empty() {
        return (raw.iter().map(|_| f64::NAN).collect(), None);
    }
    // Sums over sorted values do not depend on the order of the areas; dividing first keeps them finite.
    let mean: f64 = present.iter().map(|v| v / n).sum();
    let largest = present.iter().map(|v| (v - mean).abs()).fold(0.0, f64::max);
    let sd = match largest > 0.0 && present[0] < present[present.len() - 1] {
        true => largest * (present.iter().map(|v| ((v - mean) / largest).powi(2)).sum::<f64>() / n).sqrt(),
        false => 0.0,
    };
    let of = |value: f64| match sd > 0.0 && sd.is_finite() {
        true => (0.5 + (value - mean) / sd / 6.0).clamp(0.0, 1.0),
        false => 0.5,
    };
    (raw.iter().map(|v| if v.is_finite() { of(*v) } else { f64::NAN }).collect(), Some([mean, sd]))
}

/// What is worth knowing about the values of one indicator.
fn notice(
    spec: &IndicatorSpec,
    raw: &[f64],
    present: &[f64],
    scale: Option<[f64; 2]>,
    as_points: bool,
) -> Vec<Finding> {
    let id = &spec.id;
    let mut findings = Vec::new();
    let n = present.len() as u64;
    if let ([first, .., last], Normalise::MinMax { bounds: None } | Normalise::Percentile | Normalise::ZScore) =
        (present, &spec.normalise)
        && first == last
    {
        let message = format!("`{id}` is {first} in all {n} areas that have a value: it tells none apart");
        findings.push(Finding::note("constant_indicator", "", message).with_count(n));
    }
    let outside = |low: f64, high: f64| present.iter().filter(|v| **v < low || **v > high).count() as u64;
    match (&spec.normalise, scale) {
        (Normalise::MinMax { bounds: Some([low, high]) }, _) if outside(*low, *high) > 0 => {
            let count = outside(*low, *high);
            let message = format!(
                "{count} values of `{id}` lie beyond its bounds {low} … {high} and count as the bound"
            );
            findings.push(Finding::note("beyond_bounds", "", message).with_count(count));
        }
        (Normalise::ZScore, Some([mean, sd])) if outside(mean - 3.0 * sd, mean + 3.0 * sd) > 0 => {
            let count = outside(mean - 3.0 * sd, mean + 3.0 * sd);
            let message = format!(
                "{count} values of `{id}` lie more than 3 standard deviations from the mean and count as 3"
            );
            findings.push(Finding::note("beyond_three_sd", "", message).with_count(count));
        }
        (Normalise::None, _) if !as_points && outside(0.0, 1.0) > 0 => {
            let count = outside(0.0, 1.0);
            let message = format!("{count} values of `{id}` lie outside 0 … 1 and are taken as they stand");
            findings.push(
                Finding::warning("not_normalised", "", message)
                    .with_count(count)
                    .with_hint("scores will not lie between 0 and 1; choose another `normalise`"),
            );
        }
        (Normalise::Bins { bins }, _) => {
            let count =
                raw.iter().filter(|v| v.is_finite() && !bins.iter().any(|bin| holds(bin, **v))).count()
                    as u64;
            if count > 0 {
                let message = format!("{count} values of `{id}` fall in no row of `bins` and get 0 points");
                findings.push(Finding::note("no_bin", "", message).with_count(count));
            }
        }
        _ => {}
    }
    findings
}
