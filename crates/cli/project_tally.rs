//! Counting settlements by project: a second, small join beside that of areas and coverage.

use crate::{failure::Failure, messages::thousands};
use rayon::prelude::*;
use std::{collections::HashMap, path::Path};
use whitespot_load::projects::{Extent, Projects};
use whitespot_model::{
    area::OUTSIDE,
    finding::Finding,
    gap::Tally,
    reached::{JoinNotes, Reached},
    settlement::SettlementBatch,
};
use whitespot_spatial::{
    crs::Crs,
    join::{JoinInput, Joiner},
};

/// Settlements of a file of projects, counted by project and area.
#[derive(Default)]
pub(crate) struct ProjectTally {
    /// Project and area of each entry of the tally; the area may be [`OUTSIDE`].
    pub(crate) pairs: Vec<(u32, u32)>,
    /// Counts by index into `pairs`, class and offers.
    pub(crate) tally: Tally,
}

/// Counts one file's projects batch by batch.
pub(crate) struct ProjectCounter<'a> {
    file: &'a str,
    projects: &'a Projects,
    joiner: Option<Joiner<'a>>,
    number_of: HashMap<(u32, u32), u32>,
    counted: ProjectTally,
    /// Of a list: whether each building's id has come.
    n_found: u64,
    missing: HashMap<&'a str, ()>,
}

impl<'a> ProjectCounter<'a> {
    /// Prepares the join with project polygons, or the look-up of listed buildings.
    pub(crate) fn new(
        file: &'a str,
        projects: &'a Projects,
        settlements_crs: &Crs,
        analysis_crs: &Crs,
    ) -> Result<ProjectCounter<'a>, Failure> {
        let mut missing = HashMap::new();
        let joiner = match &projects.extent {
            Extent::Polygons { areas, crs } => {
                let input = JoinInput {
                    settlements_crs,
                    analysis_crs,
                    layers: &[],
                    layer_crs: &[],
                    offer_bits: &[],
                    n_bits: 0,
                    areas: Some((areas, crs)),
                    snap_m: 0.0,
                    find_invalid: false,
                };
                Some(Joiner::new(input).map_err(|e| Failure::Bug(e.into()))?)
            }
            Extent::Buildings(project_of) => {
                missing.extend(project_of.keys().map(|id| (id.as_str(), ())));
                None
            }
        };
        Ok(ProjectCounter {
            file,
            projects,
            joiner,
            number_of: HashMap::new(),
            counted: ProjectTally::default(),
            n_found: 0,
            missing,
        })
    }

    /// Counts a batch; `reached` is its join with areas and coverage.
    pub(crate) fn add(&mut self, batch: &SettlementBatch, reached: &Reached) {
        let projects: Vec<u32> = match (&self.joiner, &self.projects.extent) {
            (Some(joiner), _) => joiner.join(batch).areas,
            (None, Extent::Buildings(project_of)) => {
                let id = |i: usize| batch.ids.as_ref().and_then(|ids| ids.get(i));
                let found: Vec<u32> = (0..batch.len())
                    .into_par_iter()
                    .map(|i| id(i).and_then(|id| project_of.get(id)).copied().unwrap_or(OUTSIDE))
                    .collect();
                for i in (0..batch.len()).filter(|&i| found[i] != OUTSIDE) {
                    self.n_found += u64::from(id(i).is_some_and(|id| self.missing.remove(id).is_some()));
                }
                found
            }
            (None, Extent::Polygons { .. }) => return,
        };
        let mut numbers = Vec::with_capacity(projects.len());
        for (&project, &area) in projects.iter().zip(&reached.areas) {
            if project == OUTSIDE {
                numbers.push(OUTSIDE);
                continue;
            }
            let next = self.counted.pairs.len() as u32;
            let number = *self.number_of.entry((project, area)).or_insert(next);
            if number == next {
                self.counted.pairs.push((project, area));
            }
            numbers.push(number);
        }
        let by_project = Reached {
            areas: numbers,
            n_words: reached.n_words,
            offers: reached.offers.clone(),
            notes: JoinNotes::default(),
        };
        self.counted.tally.add(batch, &by_project, 0..batch.len());
    }

    /// The counts, with what was noticed.
    pub(crate) fn finish(self) -> (ProjectTally, Option<Finding>) {
        let n = self.missing.len() as u64;
        let mut ids: Vec<&str> = self.missing.into_keys().collect();
        ids.sort_unstable();
        let file = Path::new(self.file).display().to_string();
        let finding = (n > 0).then(|| {
            Finding::warning(
                "unknown_buildings",
                &file,
                format!(
                    "{} of {} buildings of `{file}` are no settlement of this analysis, and nobody is counted for them",
                    thousands(n),
                    thousands(n + self.n_found)
                ),
            )
            .with_count(n)
            .with_examples(ids.into_iter().take(5).map(str::to_string))
            .with_hint("check that both use the same ids, with leading zeros, and that `settlements.columns.id` names their column")
        });
        (self.counted, finding)
    }
}
