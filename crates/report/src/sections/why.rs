//! Why each area has its rank: every contribution to its score, side by side.

use super::{Pen, method};
use crate::{columns, format};
use serde::Serialize;
use whitespot_model::{need::Ranking, result::RunResult};

/// Longer rankings show their first areas; `why_this_rank.csv` holds all.
const MOST_ROWS: usize = 300;

/// The table below the ranking.
#[derive(Serialize)]
pub(crate) struct Why {
    heads: Vec<Head>,
    rows: Vec<Row>,
    n_left_out: Option<String>,
    is_sum: bool,
}

#[derive(Serialize)]
struct Head {
    label: String,
    weight: String,
}

#[derive(Serialize)]
struct Row {
    /// Number of the area, as in the ranking.
    i: usize,
    rank: u32,
    name: String,
    parts: Vec<Part>,
    score: String,
}

#[derive(Serialize)]
struct Part {
    contribution: String,
    raw: String,
    /// 0–100 of the largest contribution of any area, for the bar.
    percent: f64,
}

/// `None` without a ranking.
pub(crate) fn table(result: &RunResult, pen: &Pen) -> Option<Why> {
    let ranking = result.ranking.as_ref().filter(|r| !r.indicators.is_empty() && !r.order.is_empty())?;
    let shown = || ranking.order.iter().take(MOST_ROWS).map(|&i| i as usize);
    let parts = shown().filter_map(|i| ranking.areas.get(i)).flat_map(|a| &a.parts);
    let most = parts.map(|p| p.contribution).fold(0.0, f64::max);
    let n = ranking.order.len();
    Some(Why {
        heads: ranking
            .indicators
            .iter()
            .map(|i| Head {
                label: result.indicator_label(&i.id, pen.lang),
                weight: pen.share(share_of(i.weight, ranking)),
            })
            .collect(),
        rows: shown().filter_map(|i| row(result, ranking, i, most, pen)).collect(),
        n_left_out: (n > MOST_ROWS).then(|| pen.count((n - MOST_ROWS) as i64)),
        is_sum: ranking.aggregate != whitespot_model::config::need::Aggregate::Geometric,
    })
}

/// An indicator's weight among all, as it stands in the decomposition of an area without missing values.
fn share_of(weight: f64, ranking: &Ranking) -> f64 {
    let all: f64 = ranking.indicators.iter().map(|i| i.weight).sum();
    if all > 0.0 { weight / all } else { 0.0 }
}

fn row(result: &RunResult, ranking: &Ranking, i: usize, most: f64, pen: &Pen) -> Option<Row> {
    let area = ranking.areas.get(i)?;
    let three = |v: f64| format::real(v, 3, pen.lang);
    let name = match columns::text(&result.areas, "area_name", i) {
        "" => columns::text(&result.areas, "area_code", i),
        name => name,
    };
    Some(Row {
        i,
        rank: area.rank?,
        name: name.to_string(),
        parts: ranking
            .indicators
            .iter()
            .zip(&area.parts)
            .map(|(indicator, part)| Part {
                contribution: three(part.contribution),
                raw: part
                    .raw
                    .map_or_else(|| pen.text("word.missing"), |v| method::raw(v, &indicator.unit, pen)),
                percent: if most > 0.0 { (part.contribution / most * 1000.0).round() / 10.0 } else { 0.0 },
            })
            .collect(),
        score: three(area.score?),
    })
}
