//! Scores and orders of many draws over the same areas, from values normalised once.

use super::draws::Draw;
use crate::{
    normalise::normalise,
    score::tie_key,
    table::{IndicatorSpec, IndicatorTable},
};
use whitespot_model::{config::need::Aggregate, need::Normalise};

/// Scores draws; areas are numbered in tie order (larger gap in persons, then lower code, comes first).
#[derive(Clone, Debug)]
pub(crate) struct Scorer {
    /// Index in the table of each area.
    pub(crate) areas: Vec<u32>,
    /// One matrix per table, normalisation and whether bins stay points; `None` where no draw needs it.
    matrices: Vec<Option<Matrix>>,
    n_normalise: usize,
    /// Number of alternatives of each axis beyond normalisation and aggregation.
    table_axes: Vec<usize>,
    aggregates: Vec<Aggregate>,
    floor: f64,
    /// Sum of the weights as given, for points.
    given_total: f64,
}

/// Normalised values of one table, indicator by indicator.
#[derive(Clone, Debug)]
struct Matrix {
    /// 0 where missing.
    values: Vec<f64>,
    /// Logarithm of value over floor, for the geometric mean; empty where no draw needs it.
    logs: Vec<f64>,
    /// Areas with missing values, and which of theirs are present.
    gappy: Vec<(u32, Vec<bool>)>,
}

/// What may vary in how a table is scored; the first alternative of each is the published one.
#[derive(Clone, Debug)]
pub(crate) struct Choices<'a> {
    pub(crate) tables: Vec<&'a IndicatorTable>,
    /// Number of alternatives of each axis the tables are combinations of; the last varies fastest.
    pub(crate) table_axes: Vec<usize>,
    /// Per alternative one way an indicator.
    pub(crate) normalise: Vec<Vec<Normalise>>,
    pub(crate) aggregates: Vec<Aggregate>,
    pub(crate) floor: f64,
    pub(crate) given_total: f64,
}

impl Scorer {
    /// A scorer of the areas `ranked` (indices in the tables).
    pub(crate) fn new(choices: &Choices<'_>, ranked: &[u32]) -> Scorer {
        let published = choices.tables[0];
        let mut areas = ranked.to_vec();
        areas.sort_unstable_by(|a, b| {
            let (a, b) = (*a as usize, *b as usize);
            published.gap_persons[b]
                .cmp(&published.gap_persons[a])
                .then_with(|| published.codes[a].cmp(&published.codes[b]))
        });
        let uses = |wanted: &dyn Fn(&Aggregate) -> bool| choices.aggregates.iter().any(wanted);
        let mut matrices = Vec::new();
        for table in &choices.tables {
            for ways in &choices.normalise {
                for as_points in [false, true] {
                    let is_needed = uses(&|a| (*a == Aggregate::Points) == as_points);
                    let floor = uses(&|a| *a == Aggregate::Geometric).then_some(choices.floor);
                    matrices.push(is_needed.then(|| Matrix::new(table, ways, as_points, floor, &areas)));
                }
            }
        }
        Scorer {
            areas,
            matrices,
            n_normalise: choices.normalise.len(),
            table_axes: choices.table_axes.clone(),
            aggregates: choices.aggregates.clone(),
            floor: choices.floor,
            given_total: choices.given_total,
        }
    }

    /// Number of areas.
    pub(crate) fn n_areas(&self) -> usize {
        self.areas.len()
    }

    /// Scores all areas with these weights (sum 1) and the choices of a draw: normalisation, aggregation, then
    /// the axes of the tables. An area that has none of the weighted values in the chosen table comes last (−∞).
    pub(crate) fn score_into(&self, choices: &[usize], weights: &[f64], out: &mut [f64]) {
        let aggregate = self.aggregates[choices[1]];
        let table =
            choices[2..].iter().zip(&self.table_axes).fold(0, |index, (choice, n)| index * n + choice);
        let is_points = aggregate == Aggregate::Points;
        let Some(matrix) =
            &self.matrices[(table * self.n_normalise + choices[0]) * 2 + usize::from(is_points)]
        else {
            return out.fill(f64::NEG_INFINITY);
        };
        let columns = if aggregate == Aggregate::Geometric { &matrix.logs } else { &matrix.values };
        let unit = if is_points { self.given_total } else { 1.0 };
        let n = out.len();
        out.fill(0.0);
        for (column, weight) in columns.chunks_exact(n.max(1)).zip(weights) {
            let weight = weight * unit;
            if weight > 0.0 {
                out.iter_mut().zip(column).for_each(|(score, value)| *score += weight * value);
            }
        }
        for (area, is_present) in &matrix.gappy {
            let present: f64 = weights.iter().zip(is_present).filter(|(_, p)| **p).map(|(w, _)| w).sum();
            let score = &mut out[*area as usize];
            *score = if present > 0.0 { *score / present } else { f64::NEG_INFINITY };
        }
        if aggregate == Aggregate::Geometric {
            out.iter_mut().for_each(|score| *score = self.floor * score.exp());
            for (area, is_present) in &matrix.gappy {
                if !weights.iter().zip(is_present).any(|(w, p)| *p && *w > 0.0) {
                    out[*area as usize] = f64::NEG_INFINITY;
                }
            }
        }
    }

    /// Orders the areas by score, most need first; ties by the areas' numbering.
    pub(crate) fn order_into(&self, scores: &[f64], keys: &mut Vec<(u64, u32)>) {
        keys.clear();
        keys.extend(
            scores.iter().enumerate().map(|(area, score)| (descending_bits(tie_key(*score)), area as u32)),
        );
        keys.sort_unstable();
    }

    /// The ranks, from 0, of all areas in one draw.
    pub(crate) fn ranks_of(&self, draw: &Draw, scratch: &mut Scratch) {
        draw.weights_into(&mut scratch.weights);
        self.score_into(&draw.choices, &scratch.weights, &mut scratch.scores);
        self.order_into(&scratch.scores, &mut scratch.keys);
        for (rank, (_, area)) in scratch.keys.iter().enumerate() {
            scratch.ranks[*area as usize] = rank as u32;
        }
    }
}

/// Buffers of one thread.
#[derive(Clone, Debug)]
pub(crate) struct Scratch {
    pub(crate) weights: Vec<f64>,
    pub(crate) scores: Vec<f64>,
    pub(crate) keys: Vec<(u64, u32)>,
    pub(crate) ranks: Vec<u32>,
}

impl Scratch {
    pub(crate) fn new(n_areas: usize, n_indicators: usize) -> Scratch {
        Scratch {
            weights: vec![0.0; n_indicators],
            scores: vec![0.0; n_areas],
            keys: Vec::with_capacity(n_areas),
            ranks: vec![0; n_areas],
        }
    }
}

impl Matrix {
    fn new(
        table: &IndicatorTable,
        ways: &[Normalise],
        as_points: bool,
        floor: Option<f64>,
        areas: &[u32],
    ) -> Matrix {
        let n = areas.len();
        let mut values = Vec::with_capacity(n * ways.len());
        let mut is_present: Vec<Vec<bool>> = vec![Vec::with_capacity(ways.len()); n];
        for ((spec, way), raw) in table.indicators.iter().zip(ways).zip(&table.values) {
            let spec = IndicatorSpec { normalise: way.clone(), ..spec.clone() };
            let normalised = normalise(&spec, raw, as_points).values;
            for (present, area) in is_present.iter_mut().zip(areas) {
                let value = normalised[*area as usize];
                present.push(!value.is_nan());
                values.push(if value.is_nan() { 0.0 } else { value });
            }
        }
        let mut logs = Vec::new();
        if let (Some(floor), false) = (floor, as_points) {
            logs.extend(values.iter().map(|value| value.max(floor).ln() - floor.ln()));
        }
        let gappy = (0..).zip(is_present).filter(|(_, present)| present.contains(&false)).collect();
        Matrix { values, logs, gappy }
    }
}

/// Bits that sort ascending as the numbers sort descending.
fn descending_bits(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 { bits } else { !(bits | 1 << 63) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_sort_ascending_as_numbers_sort_descending() {
        let values = [f64::INFINITY, 2.0, 1.0, 0.5, 0.0, -0.5, -7.0, f64::NEG_INFINITY];
        assert!(values.windows(2).all(|w| descending_bits(w[0]) < descending_bits(w[1])));
    }
}
