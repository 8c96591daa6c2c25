//! The analysis file's sections, except need and funding.

use super::{
    clusters::ClustersConfig,
    funding::{CostConfig, ScenarioConfig, Targets},
    need::{Actor, NeedConfig, Robustness},
    publication::Publication,
    source::{
        Attribute, Control, Date, DuplicateIds, Invalid, Representation, SourceInfo, ValueOffer, Where,
    },
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

/// `[settlements]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SettlementsConfig {
    /// The file.
    pub file: PathBuf,
    /// The layer, where the file has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// CRS of the coordinates; wins over what the file declares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// Text encoding, such as `windows-1252`, where the file does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Column mapping that ships with whitespot, or a path to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Rows to read.
    #[serde(default, rename = "where", skip_serializing_if = "IndexMap::is_empty")]
    pub filter: Where,
    /// What to do with invalid polygons (grid cells).
    #[serde(default)]
    pub invalid: Invalid,
    /// Whose data, from when, under which licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceInfo>,
    /// Names of the columns.
    #[serde(default)]
    pub columns: SettlementColumns,
    /// Further numeric columns kept for indicators.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<String>,
    /// Numeric columns that are the parts of `persons` (sexes, ages); rows where they do not add up to it are told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
    /// How polygons become points.
    #[serde(default)]
    pub representation: Representation,
    /// Size in metres of the cells that `columns.cell` names, where their code does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell_m: Option<f64>,
    /// What to do when ids repeat.
    #[serde(default)]
    pub duplicate_ids: DuplicateIds,
    /// Published totals of the parent areas, to compare the sums with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Control>,
}

/// `settlements.columns`: whose values are in which column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SettlementColumns {
    /// Id, kept as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Easting or longitude.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// Northing or latitude.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// Code of a grid cell that tells its place, instead of `x` and `y`: `CRS3035RES1000mN2689000E4337000`,
    /// `1kmN2689E4337`, SCB's 13 digits, SSB's 14 digits, or a quadkey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// Persons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons: Option<String>,
    /// Households.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub households: Option<String>,
    /// Workplaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workplaces: Option<String>,
    /// Settlement class: tätort, småort, outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
}

/// `[areas]`: polygons of a file, or a grid, or a column of the settlements.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AreasConfig {
    /// The file with polygons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// The layer, where the file has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// CRS of the coordinates; wins over what the file declares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// Text encoding, where the file does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Column mapping that ships with whitespot, or a path to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Rows to read.
    #[serde(default, rename = "where", skip_serializing_if = "IndexMap::is_empty")]
    pub filter: Where,
    /// What to do with invalid polygons.
    #[serde(default)]
    pub invalid: Invalid,
    /// Whose data, from when, under which licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceInfo>,
    /// Names of the columns.
    #[serde(default)]
    pub columns: AreaColumns,
    /// Parents by location: the area belongs to the parent that its inner point lies in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parents>,
    /// Settlements outside every area go to the nearest within so many metres; 0 leaves them outside.
    #[serde(default)]
    pub snap_m: f64,
    /// Instead of a file: square cells of so many metres in the analysis CRS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid_m: Option<f64>,
    /// Instead of a file: the settlements' column that holds the area code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The clusters of what this service does not reach are the areas. `file`, `column` or `parent` then tell the
    /// parent areas that no cluster crosses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clusters: Option<String>,
    /// With `clusters`: the same as `clusters.link_m`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_m: Option<f64>,
}

/// `areas.columns`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AreaColumns {
    /// Unique code, kept as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Code (or name) of the parent area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Land area in km²; the shape's geodesic area where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub land_km2: Option<String>,
}

/// `areas.parent`: parent areas from a layer of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parents {
    /// The file with polygons.
    pub file: PathBuf,
    /// The layer, where the file has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// CRS of the coordinates; wins over what the file declares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// Text encoding, where the file does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Rows to read.
    #[serde(default, rename = "where", skip_serializing_if = "IndexMap::is_empty")]
    pub filter: Where,
    /// Names of the columns.
    #[serde(default)]
    pub columns: AreaColumns,
    /// Whose data, from when, under which licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceInfo>,
}

/// `[[coverage]]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverageConfig {
    /// Unique name of the layer.
    pub id: String,
    /// The file.
    pub file: PathBuf,
    /// The layer, where the file has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// CRS of the coordinates; wins over what the file declares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// Text encoding, where the file does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Column mapping that ships with whitespot, or a path to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Rows to read.
    #[serde(default, rename = "where", skip_serializing_if = "IndexMap::is_empty")]
    pub filter: Where,
    /// What to do with invalid polygons.
    #[serde(default)]
    pub invalid: Invalid,
    /// Whose data, from when, under which licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceInfo>,
    /// Day the content was reported; the same as `source.date`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<Date>,
    /// `fixed` or `mobile`; told by the technology where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// `fibre cable vdsl adsl fwa satellite 2g 3g 4g 5g other`, or a field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technology: Option<Attribute>,
    /// Operator, or a field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Attribute>,
    /// Downstream Mbit/s, or a field; 0 means not offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download_mbps: Option<Attribute>,
    /// Upstream Mbit/s, or a field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_mbps: Option<Attribute>,
    /// `existing` (default) or `planned`, or a field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Attribute>,
    /// Day a promise is to be kept: a date, or a field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<Ready>,
    /// `connected`, `passed`, `modelled_signal` or `measured`, or a field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Attribute>,
    /// Signal margin or other level, or a field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Attribute>,
    /// Reaches within so many metres of the shape (true distance in the analysis CRS).
    #[serde(default)]
    pub reach_m: f64,
    /// For a table: where its rows lie, or whom they are about.
    #[serde(default, skip_serializing_if = "CoverageColumns::is_empty")]
    pub columns: CoverageColumns,
    /// The same as `columns.id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Text that may stand before the settlement's id and does not count: `str` in BDUK's `str100012345678`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_prefix: Option<String>,
    /// Size in metres of those cells, where their code does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell_m: Option<f64>,
    /// A column whose number decides: rows below `min_value` reach nobody. Of a GeoTIFF it is the pixel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The least number of `value`, `offers` or the pixel that counts as reached: -105 for dBm; 1 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_value: Option<f64>,
    /// Offers of a wide table: one a column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<ValueOffer>,
}

/// `coverage.columns`: what a table without shapes is about. One of `id`, `code`, `cell`, or `x` and `y`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverageColumns {
    /// Id of the settlement that a row is about; many rows may be about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Code of the area that a row is about: every settlement of it is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Easting or longitude of a point (with `reach_m`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// Northing or latitude of a point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// Code of the grid cell that a row covers (as `settlements.columns.cell`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
}

impl CoverageColumns {
    /// Whether none is named.
    pub fn is_empty(&self) -> bool {
        *self == CoverageColumns::default()
    }
}

/// `coverage.ready`: a date for the whole layer, or a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a date such as 2027-12-31, or { field = \"NAME\" }")]
pub enum Ready {
    /// Read from a field.
    Field(super::source::FieldAttribute),
    /// The same day for all.
    Date(Date),
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
    /// Formats of tables and layers: `csv` always; `geojson`, `gpkg`, `flatgeobuf`, `parquet`, `html`.
    #[serde(default = "all_formats")]
    pub formats: Vec<OutputFormat>,
    /// Household counts below this are suppressed in `public/`; 0 or 1 suppresses none.
    #[serde(default = "default_min_cell")]
    pub min_cell: u32,
}

fn default_min_cell() -> u32 {
    5
}

impl Default for Outputs {
    fn default() -> Self {
        Outputs { settlements: true, formats: all_formats(), min_cell: default_min_cell() }
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
