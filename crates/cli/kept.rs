//! Settlements kept after the join: for clusters, and for prices per metre.

use geo_types::Coord;
use whitespot_model::{
    area::OUTSIDE, config::Analysis, reached::Reached, service::Service, settlement::SettlementBatch,
};

/// Settlement class of settlements whose source has none, as in the tally.
const NO_CLASS: u8 = u8::MAX;

/// All settlements of a run in their order, with what the join says of them. About 40 bytes each.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Counts, classes and extra columns; the points are in the analysis CRS.
    pub(crate) settlements: SettlementBatch,
    /// Area and offers.
    pub(crate) reached: Reached,
}

/// Whether a run needs its settlements after the join.
pub(crate) fn is_wanted(analysis: &Analysis) -> bool {
    use whitespot_model::config::funding::{CandidatesConfig, CandidatesOf};
    let of_clusters =
        |c: &Option<CandidatesConfig>| matches!(c, Some(CandidatesConfig::Of(CandidatesOf::Clusters)));
    analysis.areas.clusters.is_some()
        || analysis.clusters.as_ref().is_some_and(|c| c.service.is_some())
        || analysis.scenario.iter().any(|s| of_clusters(&s.candidates))
        || analysis.cost.values().any(|model| whitespot_funding::cost::tier(model) > 0)
}

impl Kept {
    /// Adds a batch; `points` are its positions in the analysis CRS.
    pub(crate) fn append(&mut self, batch: &SettlementBatch, reached: &Reached, points: &[Coord<f64>]) {
        let all = &mut self.settlements;
        all.points.extend_from_slice(points);
        all.persons.extend_from_slice(&batch.persons);
        extend(&mut all.households, batch.households.as_ref());
        extend(&mut all.workplaces, batch.workplaces.as_ref());
        extend(&mut all.classes, batch.classes.as_ref());
        match (&mut all.ids, &batch.ids) {
            (Some(all), Some(ids)) => all.append(ids),
            (all @ None, Some(ids)) => *all = Some(ids.clone()),
            (_, None) => {}
        }
        all.extra.resize(batch.extra.len(), Vec::new());
        for (all, column) in all.extra.iter_mut().zip(&batch.extra) {
            all.extend_from_slice(column);
        }
        self.reached.n_words = reached.n_words;
        self.reached.areas.extend_from_slice(&reached.areas);
        self.reached.offers.extend_from_slice(&reached.offers);
    }

    /// Number of settlements.
    pub(crate) fn len(&self) -> usize {
        self.settlements.len()
    }

    /// Class of settlement `i`, `u8::MAX` where the source has none.
    pub(crate) fn class(&self, i: usize) -> u8 {
        self.settlements.classes.as_ref().map_or(NO_CLASS, |c| c[i])
    }

    /// Area of settlement `i`; `None` outside all.
    pub(crate) fn area(&self, i: usize) -> Option<u32> {
        Some(self.reached.areas[i]).filter(|a| *a != OUTSIDE)
    }

    /// Settlements a service does not reach, or reaches, in their order.
    pub(crate) fn rows_where(&self, service: &Service, is_reached: bool) -> Vec<u32> {
        (0..self.len() as u32)
            .filter(|&i| service.is_reached(self.reached.offers_of(i as usize)) == is_reached)
            .collect()
    }

    /// Positions of some settlements, in the analysis CRS.
    pub(crate) fn points_of(&self, rows: &[u32]) -> Vec<Coord<f64>> {
        rows.iter().map(|&i| self.settlements.points[i as usize]).collect()
    }
}

fn extend<T: Copy>(all: &mut Option<Vec<T>>, more: Option<&Vec<T>>) {
    if let Some(more) = more {
        all.get_or_insert_with(Vec::new).extend_from_slice(more);
    }
}
