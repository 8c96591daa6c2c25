//! What is read: `[settlements]`, `[areas]` and `[[coverage]]`.

use super::source::{
    Attribute, Control, Date, DuplicateIds, Invalid, Representation, SourceInfo, ValueOffer, Where,
};
use crate::coverage::Kind;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

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
    /// Shapes as well-known text, in a table: `POLYGON ((20 63, …))`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wkt: Option<String>,
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
