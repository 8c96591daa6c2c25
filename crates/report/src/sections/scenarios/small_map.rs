//! Small maps of who is funded: the same shapes and the same signs in every scenario.

use super::{Pen, title};
use crate::{columns, format};
use serde::Serialize;
use std::collections::BTreeMap;
use whitespot_model::{
    funding::{ScenarioResult, Status},
    result::RunResult,
};

/// With more areas the page would grow by as many elements a scenario, too small to see.
const MOST_AREAS: usize = 1_000;

/// One scenario's map: a class an area, in the order of the areas.
#[derive(Serialize)]
pub(crate) struct SmallMap {
    title: String,
    label: String,
    classes: Vec<&'static str>,
}

/// Whether small maps keep the page light.
pub(crate) fn is_light(result: &RunResult) -> bool {
    columns::n_areas(result) <= MOST_AREAS
}

/// The map; `None` where the candidates are not the areas.
pub(crate) fn of(result: &RunResult, scenario: &ScenarioResult, pen: &Pen) -> Option<SmallMap> {
    let statuses: BTreeMap<&str, Status> =
        scenario.allocation.grants.iter().map(|g| (g.code.as_str(), g.status)).collect();
    let mut n_known = 0;
    let mut counts = [0_i64; 3];
    let classes = (0..columns::n_areas(result))
        .map(|i| match statuses.get(columns::text(&result.areas, "area_code", i)) {
            Some(status) => {
                n_known += 1;
                let (class, place) = match status {
                    Status::Funded => ("f", 0),
                    Status::Partial => ("h", 1),
                    Status::Rejected => ("r", 2),
                };
                counts[place] += 1;
                class
            }
            None => "o",
        })
        .collect();
    let allocation = &scenario.allocation;
    (n_known > 0).then(|| SmallMap {
        title: title(scenario, pen),
        label: pen.fill(
            "scenarios.map_label",
            &[
                ("funded", &pen.count(counts[0])),
                ("part", &pen.count(counts[1])),
                ("rejected", &pen.count(counts[2])),
                ("spent", &format::money(allocation.spent_sek, pen.lang)),
            ],
        ),
        classes,
    })
}
