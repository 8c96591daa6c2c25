//! Sums over the draws: ranks, first places, pairwise wins, funding.

use super::{FundingRule, Outcome, changed_share};
use crate::table::IndicatorTable;
use rayon::prelude::*;
use whitespot_model::need::{
    AreaRobustness, Firmness, FundingFrequency, FundingRobustness, PairwiseWinning, RankRobustness,
};

/// Ranks told apart in all: with more areas, neighbouring ranks share a cell.
const MAX_CELLS: usize = 1 << 24;
/// Bands of ranks in the published acceptability.
const MAX_BANDS: usize = 100;
/// Areas compared pair by pair.
const MAX_PAIRWISE: usize = 100;
/// Areas counted by one task; independent of the number of threads.
const CHUNK: usize = 256;

/// Sums over draws; areas are numbered as in the scorer.
pub(crate) struct Tallies {
    published: Outcome,
    /// Areas in the published order.
    order: Vec<u32>,
    draws: u32,
    /// Ranks a cell spans.
    ranks_per_cell: usize,
    n_cells: usize,
    /// Draws per area and cell of ranks.
    histogram: Vec<u32>,
    rank_sum: Vec<u64>,
    rank_square_sum: Vec<u128>,
    shift_sum: u64,
    first: Vec<u32>,
    first_weights: Vec<f64>,
    n_indicators: usize,
    /// Areas compared pair by pair, and draws in which the one of the row comes first.
    paired: Vec<u32>,
    wins: Vec<u32>,
    /// Per funding rule.
    funded: Vec<Vec<u32>>,
    changed: Vec<f64>,
}

impl Tallies {
    pub(crate) fn new(published: &Outcome, n_indicators: usize, draws: u32) -> Tallies {
        let n = published.ranks.len();
        let most_cells = (MAX_CELLS / n.max(1)).max(MAX_BANDS);
        let ranks_per_cell = n.div_ceil(most_cells).max(1);
        let n_cells = n.div_ceil(ranks_per_cell);
        let mut order = vec![0; n];
        for (area, rank) in (0..).zip(&published.ranks) {
            order[*rank as usize] = area;
        }
        let paired: Vec<u32> = order.iter().copied().take(MAX_PAIRWISE).collect();
        Tallies {
            published: published.clone(),
            draws,
            ranks_per_cell,
            n_cells,
            histogram: vec![0; n * n_cells],
            rank_sum: vec![0; n],
            rank_square_sum: vec![0; n],
            shift_sum: 0,
            first: vec![0; n],
            first_weights: vec![0.0; n * n_indicators],
            n_indicators,
            wins: vec![0; paired.len() * paired.len()],
            paired,
            funded: vec![vec![0; n]; published.is_funded.len()],
            changed: vec![0.0; published.is_funded.len()],
            order,
        }
    }

    /// Adds the draws of one block, in their order.
    pub(crate) fn add(&mut self, outcomes: &[Outcome]) {
        if self.order.is_empty() {
            return;
        }
        let (n_cells, ranks_per_cell) = (self.n_cells, self.ranks_per_cell);
        self.histogram
            .par_chunks_mut(CHUNK * n_cells)
            .zip(self.rank_sum.par_chunks_mut(CHUNK))
            .zip(self.rank_square_sum.par_chunks_mut(CHUNK))
            .enumerate()
            .for_each(|(chunk, ((cells, sums), squares))| {
                for outcome in outcomes {
                    let ranks = &outcome.ranks[chunk * CHUNK..chunk * CHUNK + sums.len()];
                    for (i, rank) in ranks.iter().enumerate() {
                        cells[i * n_cells + *rank as usize / ranks_per_cell] += 1;
                        sums[i] += u64::from(*rank) + 1;
                        squares[i] += (u128::from(*rank) + 1).pow(2);
                    }
                }
            });
        let n_paired = self.paired.len();
        self.wins.par_chunks_mut(n_paired).zip(&self.paired).for_each(|(wins, row)| {
            for outcome in outcomes {
                let rank = outcome.ranks[*row as usize];
                for (win, column) in wins.iter_mut().zip(&self.paired) {
                    *win += u32::from(rank < outcome.ranks[*column as usize]);
                }
            }
        });
        for outcome in outcomes {
            let shifts =
                outcome.ranks.iter().zip(&self.published.ranks).map(|(a, b)| u64::from(a.abs_diff(*b)));
            self.shift_sum += shifts.sum::<u64>();
            if let Some(first) = outcome.ranks.iter().position(|rank| *rank == 0) {
                self.first[first] += 1;
                let sums =
                    &mut self.first_weights[first * self.n_indicators..(first + 1) * self.n_indicators];
                sums.iter_mut().zip(&outcome.weights).for_each(|(sum, w)| *sum += w);
            }
            for (rule, is_funded) in outcome.is_funded.iter().enumerate() {
                self.changed[rule] += changed_share(is_funded, &self.published.is_funded[rule]);
                self.funded[rule].iter_mut().zip(is_funded).for_each(|(n, funded)| *n += u32::from(*funded));
            }
        }
    }

    /// Fills in what the draws say. `areas` are the indices of the scorer's areas in the table.
    pub(crate) fn report(
        &self,
        areas: &[u32],
        table: &IndicatorTable,
        funding: &[FundingRule<'_>],
        result: &mut RankRobustness,
    ) {
        let n = self.order.len();
        let code = |area: u32| table.codes[areas[area as usize] as usize].clone();
        let cells_per_band = self.n_cells.div_ceil(MAX_BANDS).max(1);
        result.ranks_per_band = (cells_per_band * self.ranks_per_cell) as u32;
        if self.draws == 0 {
            return;
        }
        let draws = f64::from(self.draws);
        result.mean_rank_shift = self.shift_sum as f64 / draws / n.max(1) as f64;
        result.areas = self.order.iter().map(|area| self.area(*area, code(*area), cells_per_band)).collect();
        result.pairwise = PairwiseWinning {
            codes: self.paired.iter().map(|area| code(*area)).collect(),
            wins: self.wins.chunks(self.paired.len().max(1)).map(<[u32]>::to_vec).collect(),
        };
        for (r, rule) in funding.iter().enumerate() {
            let frequencies: Vec<FundingFrequency> =
                self.order.iter().map(|area| self.frequency(r, *area, code(*area))).collect();
            result.funding.push(FundingRobustness {
                scenario: rule.scenario.to_string(),
                n_funded: frequencies.iter().filter(|f| f.is_funded).count() as u32,
                n_firm: frequencies.iter().filter(|f| f.is_funded && f.firmness == Firmness::Firm).count()
                    as u32,
                mean_changed_share: self.changed[r] / draws,
                areas: frequencies,
            });
        }
    }

    fn area(&self, area: u32, code: String, cells_per_band: usize) -> AreaRobustness {
        let a = area as usize;
        let cells = &self.histogram[a * self.n_cells..(a + 1) * self.n_cells];
        let n = f64::from(self.draws);
        let mean = self.rank_sum[a] as f64 / n;
        // Integers: draws × Σr² − (Σr)² is exact and never negative.
        let spread = u128::from(self.draws) * self.rank_square_sum[a] - u128::from(self.rank_sum[a]).pow(2);
        let variance = if self.draws > 1 { spread as f64 / n / (n - 1.0) } else { 0.0 };
        let weights = &self.first_weights[a * self.n_indicators..(a + 1) * self.n_indicators];
        AreaRobustness {
            code,
            rank: self.published.ranks[a] + 1,
            rank_p05: self.rank_quantile(cells, 5),
            rank_p50: self.rank_quantile(cells, 50),
            rank_p95: self.rank_quantile(cells, 95),
            mean_rank: mean,
            mean_rank_error: (variance / n).sqrt(),
            acceptability: cells.chunks(cells_per_band).map(|band| band.iter().sum()).collect(),
            first: self.first[a],
            central_weights: (self.first[a] > 0)
                .then(|| weights.iter().map(|sum| sum / f64::from(self.first[a])).collect()),
        }
    }

    /// The lowest rank that this percentage of the draws does not exceed; the last rank of its cell.
    fn rank_quantile(&self, cells: &[u32], percent: u64) -> u32 {
        let wanted = (u64::from(self.draws) * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (cell, count) in cells.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= wanted {
                return ((cell + 1) * self.ranks_per_cell).min(self.order.len()) as u32;
            }
        }
        self.order.len() as u32
    }

    fn frequency(&self, rule: usize, area: u32, code: String) -> FundingFrequency {
        let draws_funded = self.funded[rule][area as usize];
        let is_funded = self.published.is_funded[rule][area as usize];
        let frequency = f64::from(draws_funded) / f64::from(self.draws);
        let (funded, draws) = (u64::from(draws_funded), u64::from(self.draws));
        let firmness = if funded * 10 >= draws * 9 {
            Firmness::Firm
        } else if !is_funded && funded * 10 <= draws {
            Firmness::NotFunded
        } else {
            Firmness::Sensitive
        };
        FundingFrequency {
            code,
            is_funded,
            draws_funded,
            frequency,
            error: (frequency * (1.0 - frequency) / f64::from(self.draws)).sqrt(),
            firmness,
        }
    }
}
