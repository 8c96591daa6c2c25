//! The result of a run: plain data, versioned, and the only input of report, explorer, allocate and compare.

use crate::{
    clusters::ClustersResult,
    config::{Analysis, Lang, OutputFormat, ServiceConfig, Title},
    finding::Finding,
    funding::Comparison,
    need::{Consultation, RankRobustness, Ranking},
    provenance::Provenance,
    settlement::Counts,
    shapes::{Part, Shapes},
    table::Table,
};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// Version of [`RunResult`].
pub const SCHEMA: u32 = 1;

/// Everything a run found out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunResult {
    /// Version of this structure; [`SCHEMA`].
    pub schema: u32,
    /// Id derived from inputs, analysis and version: equal ids mean equal results.
    pub run_id: String,
    /// Version of whitespot.
    pub version: String,
    /// Title of the report.
    pub title: Title,
    /// Languages of the report.
    pub language: Vec<Lang>,
    /// Code of the analysis CRS.
    pub crs: String,
    /// The inputs.
    pub inputs: Vec<Provenance>,
    /// What was noticed in them.
    pub findings: Vec<Finding>,
    /// The services in the order of the analysis file, with their rules.
    pub services: IndexMap<String, ServiceConfig>,
    /// The service the map shows.
    pub shown_service: Option<String>,
    /// Everyone.
    pub total: Counts,
    /// Whether the settlements have households and workplaces.
    pub has_households: bool,
    /// Whether the settlements have workplaces.
    pub has_workplaces: bool,
    /// One row an area, the last for what lies outside all (code `""`).
    pub areas: Table,
    /// One row a parent.
    pub parents: Table,
    /// One row: everything, with the measures of the tables above.
    pub totals: Table,
    /// Outlines of the areas for maps, in the order of `areas` without the outside; `None` without shapes.
    pub map: Option<MapShapes>,
    /// The need ranking, where the analysis has one.
    pub ranking: Option<Ranking>,
    /// How sure the ranking and the funding are, where the analysis asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub robustness: Option<RankRobustness>,
    /// Several weightings side by side, where the analysis names any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consultation: Option<Consultation>,
    /// Clusters of unreached settlements, where the analysis asks for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clusters: Option<ClustersResult>,
    /// The scenarios.
    pub scenarios: Vec<crate::funding::ScenarioResult>,
    /// The scenarios side by side, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// Formats that were asked for.
    pub formats: Vec<OutputFormat>,
    /// Household counts below this are withheld in what is published.
    #[serde(default = "default_min_cell")]
    pub min_cell: u32,
    /// Only in a published result: what was withheld from it (`suppress::public_result`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<crate::suppress::Withheld>,
    /// The analysis file with everything filled in, without where its results go; so that two runs can be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analysis: Option<Box<Analysis>>,
}

fn default_min_cell() -> u32 {
    5
}

impl RunResult {
    /// Whether any input is made up, which every page then says.
    pub fn is_synthetic(&self) -> bool {
        self.inputs.iter().any(|p| p.synthetic)
    }
}

/// Outlines on a lattice, light enough for a page: shared borders stay shared because equal coordinates go
/// to equal lattice points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapShapes {
    /// Easting and northing of lattice point (0, 0), metres of the analysis CRS.
    pub origin_m: [f64; 2],
    /// Distance of lattice points in metres.
    pub step_m: f64,
    /// Largest lattice coordinates.
    pub size: [i32; 2],
    /// Per area its rings (shells and holes alike, filled even-odd); a ring is closed, without repeating its
    /// first point.
    pub areas: Vec<Vec<Vec<[i32; 2]>>>,
}

impl MapShapes {
    /// Brings polygons in the analysis CRS to a lattice of at most `max_steps` steps a side.
    ///
    /// `None` where there is no polygon with an extent. Rings that collapse to fewer than three points are
    /// left out, except that the largest ring of an area always stays as at least a point.
    pub fn from_shapes(shapes: &Shapes, max_steps: u32) -> Option<MapShapes> {
        let (lo, hi) = shapes.bounds()?;
        let extent = (hi.x - lo.x).max(hi.y - lo.y);
        if !(extent.is_finite() && extent > 0.0) {
            return None;
        }
        let step = extent / f64::from(max_steps);
        let to_lattice = |v: f64, origin: f64| ((v - origin) / step).round() as i32;
        let areas = (0..shapes.n_features())
            .map(|f| {
                let mut rings: Vec<Vec<[i32; 2]>> = Vec::new();
                for p in shapes.parts_of(f).filter(|&p| shapes.parts[p] == Part::Polygon) {
                    for r in shapes.rings_of(p) {
                        let mut ring: Vec<[i32; 2]> = shapes
                            .ring(r)
                            .iter()
                            .map(|c| [to_lattice(c.x, lo.x), to_lattice(c.y, lo.y)])
                            .collect();
                        ring.dedup();
                        if ring.len() > 1 && ring.first() == ring.last() {
                            ring.pop();
                        }
                        if ring.len() >= 3 || rings.is_empty() {
                            rings.push(ring);
                        }
                    }
                }
                rings
            })
            .collect();
        Some(MapShapes {
            origin_m: [lo.x, lo.y],
            step_m: step,
            size: [to_lattice(hi.x, lo.x), to_lattice(hi.y, lo.y)],
            areas,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_borders_stay_shared_on_the_lattice() {
        let mut shapes = Shapes::default();
        for x in [0.0, 10.4] {
            shapes.begin_part(Part::Polygon);
            shapes.push_ring([(x, 0.0), (x + 10.4, 0.0), (x + 10.4, 7.7), (x, 7.7), (x, 0.0)]);
            shapes.end_part();
            shapes.end_feature();
        }
        let map = MapShapes::from_shapes(&shapes, 100).unwrap();
        let right_of_first: Vec<_> = map.areas[0][0].iter().filter(|p| p[0] == 50).collect();
        let left_of_second: Vec<_> = map.areas[1][0].iter().filter(|p| p[0] == 50).collect();
        assert_eq!(right_of_first.len(), 2);
        assert_eq!(left_of_second.len(), 2);
    }
}
