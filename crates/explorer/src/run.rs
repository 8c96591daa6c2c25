//! The run as the explorer holds it: ready to be scored and allocated again.

use crate::{
    error::ExplorerError,
    ogc::Dataset,
    tiles::{Outlines, Plane},
};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Mutex, OnceLock},
};
use whitespot_funding::Scenario;
use whitespot_io::PointReader;
use whitespot_model::{
    coverage_map::CoverageMap,
    result::RunResult,
    table::{Table, Values},
};
use whitespot_need::{Aggregation, IndicatorSpec, IndicatorTable};

/// One finished run, ready to be explored.
pub struct ExploredRun {
    /// The whole result.
    pub(crate) result: RunResult,
    /// Codes of the areas, in the order of the tables, without the outside.
    pub(crate) codes: Vec<String>,
    /// Their names.
    pub(crate) names: Vec<String>,
    /// The indicators as they went into the ranking; `None` without a ranking.
    pub(crate) table: Option<IndicatorTable>,
    /// How they become one score.
    pub(crate) aggregation: Aggregation,
    /// The scenarios, ready to be tried.
    pub(crate) scenarios: Vec<Ready>,
    /// Where the areas are; `None` without outlines.
    pub(crate) plane: Option<Plane>,
    folder: PathBuf,
    points: OnceLock<Option<Mutex<PointReader>>>,
    dataset: OnceLock<Option<Dataset>>,
    clusters: OnceLock<Option<Outlines>>,
    coverage: OnceLock<Option<Coverage>>,
}

/// The coverage that settlements were joined with, laid out.
pub(crate) struct Coverage {
    pub(crate) map: CoverageMap,
    /// One a group, one outline a part.
    pub(crate) outlines: Vec<Outlines>,
}

/// A scenario ready to be tried with another budget, rule or weighting.
pub(crate) struct Ready {
    pub(crate) scenario: Scenario,
    /// Area of each candidate, where candidates are areas.
    pub(crate) area_of: Vec<Option<u32>>,
}

impl ExploredRun {
    /// Prepares a finished run; `folder` is its results folder.
    ///
    /// # Errors
    /// Where the parts of the result do not fit together.
    pub fn new(folder: PathBuf, result: RunResult) -> Result<ExploredRun, ExplorerError> {
        let n = result.areas.n_rows().saturating_sub(1);
        let codes = texts(&result.areas, "area_code", n);
        let names = texts(&result.areas, "area_name", n);
        if codes.len() != n || names.len() != n {
            return Err(ExplorerError::Result("the table of areas has no codes or names".to_string()));
        }
        let area_of: BTreeMap<&str, u32> = codes.iter().zip(0..).map(|(c, i)| (c.as_str(), i)).collect();
        let scenarios = result
            .scenarios
            .iter()
            .map(|s| {
                let scenario = Scenario::with_taken(&s.config, &s.taken)
                    .map_err(|e| ExplorerError::Result(e.to_string()))?;
                let rows = &s.candidates.rows;
                let area_of = rows.iter().map(|c| area_of.get(c.code.as_str()).copied()).collect();
                Ok(Ready { scenario, area_of })
            })
            .collect::<Result<_, ExplorerError>>()?;
        let table = indicator_table(&result, &codes, &names)?;
        let aggregation = result.ranking.as_ref().map_or_else(Aggregation::default, |r| Aggregation {
            aggregate: r.aggregate,
            geometric_floor: r.geometric_floor,
        });
        let plane = result.map.as_ref().filter(|m| m.areas.len() == n).map(Plane::of);
        Ok(ExploredRun {
            codes,
            names,
            table,
            aggregation,
            scenarios,
            plane,
            folder,
            points: OnceLock::new(),
            dataset: OnceLock::new(),
            clusters: OnceLock::new(),
            coverage: OnceLock::new(),
            result,
        })
    }

    /// The settlements, opened at the first question; `None` where the run wrote none as GeoPackage.
    pub(crate) fn points(&self) -> Option<&Mutex<PointReader>> {
        let open = || {
            let path = self.folder.join("internal").join("settlements.gpkg");
            PointReader::open(&path, "settlements").ok().map(Mutex::new)
        };
        self.points.get_or_init(open).as_ref()
    }

    /// The published layers, opened at the first question; `None` where the run wrote no GeoPackage.
    pub(crate) fn dataset(&self) -> Option<&Dataset> {
        let open = || {
            let path = self.folder.join("public").join("whitespot.gpkg");
            Dataset::open(&path, &self.result.crs)
        };
        self.dataset.get_or_init(open).as_ref()
    }

    /// Outlines of the clusters, in the order of their table; `None` where the run has none or no map.
    pub(crate) fn clusters(&self) -> Option<&Outlines> {
        let lay = || {
            let map = self.result.clusters.as_ref()?.map.as_ref()?;
            Some(self.plane.as_ref()?.outlines(map))
        };
        self.clusters.get_or_init(lay).as_ref()
    }

    /// Coverage, read at the first question; `None` where the run kept none or has no map.
    pub(crate) fn coverage(&self) -> Option<&Coverage> {
        let read = || {
            let bytes = std::fs::read(self.folder.join("internal").join("coverage.bin")).ok()?;
            let map = CoverageMap::from_bytes(&bytes)?;
            Some(Coverage { outlines: self.plane.as_ref()?.coverage(&map), map })
        };
        self.coverage.get_or_init(read).as_ref()
    }

    /// Index of a scenario by its name.
    pub(crate) fn scenario(&self, name: &str) -> Option<usize> {
        self.result.scenarios.iter().position(|s| s.name == name)
    }
}

/// The indicators as they were scored, read off the decomposition of the scores.
fn indicator_table(
    result: &RunResult,
    codes: &[String],
    names: &[String],
) -> Result<Option<IndicatorTable>, ExplorerError> {
    let Some(ranking) = &result.ranking else { return Ok(None) };
    let indicators = ranking
        .indicators
        .iter()
        .map(|i| IndicatorSpec {
            id: i.id.clone(),
            unit: i.unit.clone(),
            direction: i.direction,
            normalise: i.normalise.clone(),
            weight: i.weight,
        })
        .collect::<Vec<_>>();
    let values = (0..indicators.len())
        .map(|k| {
            ranking.areas.iter().map(|a| a.parts.get(k).and_then(|p| p.raw).unwrap_or(f64::NAN)).collect()
        })
        .collect();
    let table = IndicatorTable {
        codes: codes.to_vec(),
        names: names.to_vec(),
        indicators,
        values,
        gap_persons: ranking.areas.iter().map(|a| a.gap_persons).collect(),
    };
    table.check().map_err(|e| ExplorerError::Result(e.to_string()))?;
    Ok(Some(table))
}

/// The first `n` texts of a column.
pub(crate) fn texts(table: &Table, column: &str, n: usize) -> Vec<String> {
    match table.column(column).map(|c| &c.values) {
        Some(Values::Text(v)) => v.iter().take(n).map(|t| t.clone().unwrap_or_default()).collect(),
        _ => Vec::new(),
    }
}
