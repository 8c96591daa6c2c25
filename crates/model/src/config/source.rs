//! Keys that any source takes: attributes as constants or fields, filters, provenance.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A value of the analysis file that may be text, a number or yes/no.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected text, a number or true/false")]
pub enum Scalar {
    /// true or false
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Real(f64),
    /// Text.
    Text(String),
}

impl Scalar {
    /// The value as text, as it is compared with a column's text.
    pub fn to_text(&self) -> String {
        match self {
            Scalar::Bool(b) => b.to_string(),
            Scalar::Int(i) => i.to_string(),
            Scalar::Real(r) => r.to_string(),
            Scalar::Text(t) => t.clone(),
        }
    }

    /// The value as a number, where it is one or reads as one.
    pub fn to_number(&self) -> Option<f64> {
        match self {
            Scalar::Bool(_) => None,
            Scalar::Int(i) => Some(*i as f64),
            Scalar::Real(r) => Some(*r),
            Scalar::Text(t) => match crate::numbers::parse(t) {
                crate::numbers::Parsed::Number(v) => Some(v),
                _ => None,
            },
        }
    }
}

/// An attribute of a layer: the same for all its features, or read from a field of each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a constant, or { field = \"NAME\", map = { \"FROM\" = \"to\" } }")]
pub enum Attribute {
    /// Read from a field.
    Field(FieldAttribute),
    /// A constant.
    Constant(Scalar),
}

/// An attribute read from a field of each feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldAttribute {
    /// Name of the field in the file.
    pub field: String,
    /// Values of the field and what they mean here; values not listed are taken as they stand.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub map: IndexMap<String, Scalar>,
    /// Numbers of the field are multiplied by this: 0.001 for a column of kbit/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
}

impl Attribute {
    /// The field's name, if the attribute is read from one.
    pub fn field(&self) -> Option<&str> {
        match self {
            Attribute::Field(f) => Some(&f.field),
            Attribute::Constant(_) => None,
        }
    }
}

/// Rows to read: every named column must have the value, or one of the values.
pub type Where = IndexMap<String, super::OneOrMany<Scalar>>;

/// What to do with invalid polygons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Invalid {
    /// Stop.
    Error,
    /// Take the area their outline encloses (even-odd), with a finding.
    #[default]
    Repair,
    /// Leave them out, with a finding.
    Skip,
}

/// What to do with settlements that share an id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateIds {
    /// Stop: their persons might count twice.
    #[default]
    Error,
    /// Count all of them; the id is not unique in this source.
    Keep,
    /// Count the first of each id and reject the others.
    First,
}

/// How a polygon (grid cell) becomes a settlement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Representation {
    /// A point at its centre.
    #[default]
    Centroid,
    /// By the share of the polygon that is covered: its persons are spread evenly over it, in whole persons.
    AreaShare,
    /// Counted as `centroid`, with the numbers of `area_share` beside them, so that the spread shows.
    Both,
}

/// `settlements.control`: totals somebody else published, to compare the settlements' sums with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// A table with one row a parent area (or area): CSV, Parquet or XLSX.
    pub file: std::path::PathBuf,
    /// The sheet, where the file has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// Text encoding, where the file does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Rows to read.
    #[serde(default, rename = "where", skip_serializing_if = "IndexMap::is_empty")]
    pub filter: Where,
    /// Names of the columns.
    #[serde(default)]
    pub columns: ControlColumns,
    /// Differences above this share of the published total are a finding; 0.01 where absent.
    #[serde(default = "one_percent")]
    pub max_share: f64,
    /// Whose totals, from when, under which licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceInfo>,
}

fn one_percent() -> f64 {
    0.01
}

/// `settlements.control.columns`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlColumns {
    /// Code (or name) of the parent area, else of the area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Persons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons: Option<String>,
    /// Households.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub households: Option<String>,
    /// Workplaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workplaces: Option<String>,
}

/// One offer of a wide table or grid, where a column says how much of the row it reaches.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueOffer {
    /// The column; rows where it is at least the layer's `min_value` have the offer.
    pub value: String,
    /// Technology; the layer's where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technology: Option<String>,
    /// Operator; the layer's where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// Downstream Mbit/s; the layer's where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download_mbps: Option<f64>,
    /// Upstream Mbit/s; the layer's where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_mbps: Option<f64>,
    /// `existing` or `planned`; the layer's where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// Who made a source, when, and under which licence; shown in the manifest and the report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceInfo {
    /// Owner or title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Date of the content: `2025-12-31` or "2025".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// Licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Whether the content is made up; said wherever it shows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub synthetic: bool,
}

/// A day: a TOML date (`2027-12-31`), a year, or text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Date(pub String);

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DateVisitor;
        impl<'de> serde::de::Visitor<'de> for DateVisitor {
            type Value = Date;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a date such as 2025-12-31, or a year")
            }

            fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<Date, E> {
                Ok(Date(v.to_string()))
            }

            fn visit_i64<E: serde::de::Error>(self, v: i64) -> Result<Date, E> {
                Ok(Date(v.to_string()))
            }

            // The toml crate hands a date over as a map with one text value.
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Date, A::Error> {
                let entry: Option<(String, String)> = map.next_entry()?;
                entry.map(|(_, text)| Date(text)).ok_or_else(|| serde::de::Error::custom("an empty date"))
            }
        }
        deserializer.deserialize_any(DateVisitor)
    }
}

impl JsonSchema for Date {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A date such as 2025-12-31, or a year.",
            "type": ["string", "integer"]
        })
    }
}
