//! The analysis file's sections, except need and funding.

use super::{
    clusters::ClustersConfig,
    funding::{CostConfig, ScenarioConfig, Targets},
    inputs::{AreasConfig, CoverageConfig, SettlementsConfig},
    need::{Actor, NeedConfig, Robustness},
    publication::Publication,
    source::Date,
};
use crate::coverage::{Basis, Kind, Status, Technology};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A whole analysis file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Analysis {
    /// Version of the grammar; 1.
    pub schema: u32,
    /// Title of the report, as one text or one a language.
    #[serde(default)]
    pub title: Title,
    /// Languages of the report; the first is used for messages.
    #[serde(default = "both_languages")]
    pub language: Vec<Lang>,
    /// Analysis CRS: metric; for distances, clusters, maps and the GeoPackage.
    pub crs: String,
    /// Rule profile of a real programme to start from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Results folder, relative to this file.
    #[serde(default = "default_out")]
    pub out: PathBuf,
    /// Where people live and work.
    pub settlements: SettlementsConfig,
    /// Reporting and ranking units.
    pub areas: AreasConfig,
    /// What is declared reached.
    #[serde(default)]
    pub coverage: Vec<CoverageConfig>,
    /// Named needs, in the order of their columns.
    #[serde(default)]
    pub services: IndexMap<String, ServiceConfig>,
    /// Which files to write.
    #[serde(default)]
    pub outputs: Outputs,
    /// Groups of neighbouring settlements that a service does not reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clusters: Option<ClustersConfig>,
    /// The need ranking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need: Option<NeedConfig>,
    /// How sure the ranking is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub robustness: Option<Robustness>,
    /// Weightings to consult about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actor: Vec<Actor>,
    /// Unit prices by name of the service or scenario that uses them.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub cost: IndexMap<String, CostConfig>,
    /// Share of people each service should reach, by service.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub targets: Targets,
    /// Funding scenarios.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenario: Vec<ScenarioConfig>,
    /// The report's own settings.
    #[serde(default)]
    pub report: ReportConfig,
    /// Who publishes the results, for open-data portals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publication: Option<Publication>,
}

fn both_languages() -> Vec<Lang> {
    vec![Lang::Sv, Lang::En]
}

fn default_out() -> PathBuf {
    PathBuf::from("results")
}

/// A language of messages and reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    /// Swedish.
    Sv,
    /// English.
    En,
}

impl Lang {
    /// The language's code: `sv`, `en`.
    pub fn code(self) -> &'static str {
        match self {
            Lang::Sv => "sv",
            Lang::En => "en",
        }
    }
}

/// Text in one or both languages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a title, or { sv = \"…\", en = \"…\" }")]
pub enum Title {
    /// The same in every language.
    One(String),
    /// One a language.
    ByLanguage(IndexMap<Lang, String>),
}

impl Default for Title {
    fn default() -> Self {
        Title::One("whitespot".to_string())
    }
}

impl Title {
    /// The title in a language, else in any.
    pub fn in_lang(&self, lang: Lang) -> &str {
        match self {
            Title::One(t) => t,
            Title::ByLanguage(map) => {
                map.get(&lang).or_else(|| map.values().next()).map_or("", String::as_str)
            }
        }
    }
}

/// One value or a list of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected one value or a list of values")]
pub enum OneOrMany<T> {
    /// One.
    One(T),
    /// A list.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// The values.
    pub fn as_slice(&self) -> &[T] {
        match self {
            OneOrMany::One(v) => std::slice::from_ref(v),
            OneOrMany::Many(v) => v,
        }
    }
}

/// One service: a rule that any offer may satisfy, or a combination of layers and services.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceConfig {
    /// Name for people, as in the report; the service's own name where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Title>,
    /// Fixed or mobile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// One of these technologies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technology: Option<OneOrMany<Technology>>,
    /// At least so many Mbit/s downstream; an offer without a speed does not satisfy it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_download_mbps: Option<f64>,
    /// At least so many Mbit/s upstream; an offer without a speed does not satisfy it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_upload_mbps: Option<f64>,
    /// At least this level; an offer without a level does not satisfy it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_level: Option<f64>,
    /// One of these bases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<OneOrMany<Basis>>,
    /// One of these statuses; `existing` alone where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<OneOrMany<Status>>,
    /// Planned coverage counts only if it is promised for this day or earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_by: Option<Date>,
    /// One of these operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OneOrMany<String>>,
    /// Reached where any of these layers or services reaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any_of: Option<Vec<String>>,
    /// Reached where all of these layers or services reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all_of: Option<Vec<String>>,
    /// Adds persons in white (0 operators), grey (1) and black (2 or more).
    #[serde(default)]
    pub classes: bool,
    /// Adds persons reached by exactly 0, 1, … and by this many or more operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_operators: Option<u8>,
    /// Adds persons reached by basis.
    #[serde(default)]
    pub by_basis: bool,
    /// Adds persons in the gap whom planned coverage of the same rule would reach.
    #[serde(default)]
    pub by_planned: bool,
    /// Adds persons reached by exactly one pair of operator and technology.
    #[serde(default)]
    pub single_path: bool,
    /// Adds the distance of unreached settlements to the nearest reached settlement or network feature.
    #[serde(default)]
    pub distance: bool,
    /// Share of persons that should be reached, 0–1; the same as `targets.NAME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
}

/// `[outputs]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outputs {
    /// Whether to write `internal/` with one row a settlement.
    #[serde(default = "yes")]
    pub settlements: bool,
    /// Formats of tables and layers: `csv` always; `parquet`, `geojson`, `gpkg`, `flatgeobuf`,
    /// `geoparquet`, `html`, `xlsx`.
    #[serde(default = "all_formats")]
    pub formats: Vec<OutputFormat>,
    /// Household counts below this are suppressed in `public/`; 0 or 1 suppresses none.
    #[serde(default = "default_min_cell")]
    pub min_cell: u32,
    /// A database that the layers of `public/` are written to as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postgis: Option<PostgisOutput>,
}

/// `outputs.postgis`: a schema of a PostgreSQL database with PostGIS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostgisOutput {
    /// Address: `postgresql://user@host:port/database`; the password is best left to `PGPASSWORD` or `~/.pgpass`.
    pub url: String,
    /// The schema; it is made where it is not there, and its tables of an earlier run are replaced, all or none.
    #[serde(default = "default_schema")]
    pub schema: String,
}

fn default_schema() -> String {
    "whitespot".to_string()
}

fn default_min_cell() -> u32 {
    5
}

impl Default for Outputs {
    fn default() -> Self {
        Outputs { settlements: true, formats: all_formats(), min_cell: default_min_cell(), postgis: None }
    }
}

fn yes() -> bool {
    true
}

fn all_formats() -> Vec<OutputFormat> {
    vec![
        OutputFormat::Csv,
        OutputFormat::Parquet,
        OutputFormat::Geojson,
        OutputFormat::Gpkg,
        OutputFormat::Flatgeobuf,
        OutputFormat::Geoparquet,
        OutputFormat::Html,
        OutputFormat::Xlsx,
    ]
}

/// A format of the results folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutputFormat {
    /// Tables as CSV; always written.
    Csv,
    /// Tables as Parquet.
    Parquet,
    /// Areas as GeoJSON with a QGIS style beside it.
    Geojson,
    /// GeoPackages, and a QGIS project beside the public one.
    Gpkg,
    /// Layers as FlatGeobuf, for maps on the web.
    Flatgeobuf,
    /// Layers as GeoParquet in the analysis CRS, for Python, R and DuckDB.
    Geoparquet,
    /// The report.
    Html,
    /// `areas.xlsx`: ranking, decomposition, scenarios and method as a workbook.
    Xlsx,
}

/// `[report]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportConfig {
    /// The service shown on the map; the first where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}
