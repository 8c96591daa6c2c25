//! `schema = "…"`: column mappings of real sources, as data in `data/schemas/`, applied before anything is read.
//!
//! A mapping gives each role several names a source has used, exact or with `*`; the first that the file has is
//! taken. What the analysis file says itself always wins. The result is an ordinary analysis, so everything
//! after this sees plain names, and `config.resolved.toml` shows which were found.

mod apply;
mod names;

use crate::{Failure, source::SourceRef, suggest};
use indexmap::IndexMap;
use serde::Deserialize;
use std::path::Path;
use whitespot_model::{
    config::{Analysis, DuplicateIds, OneOrMany, Representation, Scalar, Where},
    coverage::Kind,
    features::SourceSchema,
    finding::Finding,
};

/// Mappings that ship: name and text.
const SHIPPED: [(&str, &str); 10] = [
    ("de-breitbandatlas", include_str!("../../../data/schemas/de-breitbandatlas.toml")),
    ("eu-geostat-1km", include_str!("../../../data/schemas/eu-geostat-1km.toml")),
    ("gb-bduk-premises", include_str!("../../../data/schemas/gb-bduk-premises.toml")),
    ("gb-ofcom", include_str!("../../../data/schemas/gb-ofcom.toml")),
    ("itu-cpp", include_str!("../../../data/schemas/itu-cpp.toml")),
    ("no-ssb-grid", include_str!("../../../data/schemas/no-ssb-grid.toml")),
    ("ookla-tiles", include_str!("../../../data/schemas/ookla-tiles.toml")),
    ("scb-grid-1km", include_str!("../../../data/schemas/scb-grid-1km.toml")),
    ("scb-tatorter", include_str!("../../../data/schemas/scb-tatorter.toml")),
    ("us-fcc-bdc", include_str!("../../../data/schemas/us-fcc-bdc.toml")),
];

/// Names of the mappings that ship, in alphabetical order.
pub fn shipped() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

/// Names that a column may have: the first that is there counts.
type Names = OneOrMany<String>;

/// A mapping file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemaFile {
    /// Version of the grammar; 1.
    pub schema: u32,
    /// What source it is.
    pub title: String,
    /// Who publishes it.
    #[serde(default)]
    pub publisher: String,
    /// Under which licence.
    #[serde(default)]
    pub licence: String,
    /// What of it has been checked against what.
    #[serde(default)]
    pub verified: String,
    settlements: Option<SettlementsSchema>,
    areas: Option<AreasSchema>,
    coverage: Option<CoverageSchema>,
    statistics: Option<StatisticsSchema>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettlementsSchema {
    crs: Option<String>,
    encoding: Option<String>,
    representation: Option<Representation>,
    duplicate_ids: Option<DuplicateIds>,
    cell_m: Option<f64>,
    /// Groups of columns that should add up to the persons: the first group of which the file has all.
    #[serde(default)]
    parts: Vec<Vec<String>>,
    #[serde(default)]
    columns: IndexMap<String, Names>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AreasSchema {
    crs: Option<String>,
    encoding: Option<String>,
    #[serde(default)]
    columns: IndexMap<String, Names>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CoverageSchema {
    crs: Option<String>,
    encoding: Option<String>,
    kind: Option<Kind>,
    #[serde(default, rename = "where")]
    filter: Where,
    #[serde(default)]
    columns: IndexMap<String, Names>,
    key_prefix: Option<String>,
    cell_m: Option<f64>,
    min_value: Option<f64>,
    technology: Option<AttributeSchema>,
    operator: Option<AttributeSchema>,
    download_mbps: Option<AttributeSchema>,
    upload_mbps: Option<AttributeSchema>,
    status: Option<AttributeSchema>,
    basis: Option<AttributeSchema>,
    level: Option<AttributeSchema>,
    #[serde(default)]
    offers: Vec<OfferSchema>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum AttributeSchema {
    Field(FieldSchema),
    Constant(Scalar),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldSchema {
    field: Names,
    #[serde(default)]
    map: IndexMap<String, Scalar>,
    scale: Option<f64>,
}

/// One offer a column; `{technology}` and `{download_mbps}` in the name stand for what it tells.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfferSchema {
    value: Names,
    technology: Option<String>,
    download_mbps: Option<f64>,
    status: Option<String>,
    /// Technologies by the word in the column's name; words that are not listed make no offer.
    #[serde(default)]
    map: IndexMap<String, String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatisticsSchema {
    code: Option<Names>,
    #[serde(default)]
    values: IndexMap<String, Names>,
}

/// Reads a mapping: one that ships, or a file beside the analysis file.
///
/// # Errors
/// One finding: there is none of that name, or it is no mapping.
pub fn find(name: &str, base: &Path, section: &str) -> Result<SchemaFile, Failure> {
    let text = match SHIPPED.iter().find(|(known, _)| *known == name) {
        Some((_, text)) => (*text).to_string(),
        None => std::fs::read_to_string(base.join(name)).map_err(|_| {
            let known: Vec<String> = shipped().map(str::to_string).collect();
            vec![
                Finding::error(
                    "unknown_mapping",
                    "",
                    format!(
                        "section `{section}` names the schema `{name}`, which neither ships nor is a file"
                    ),
                )
                .with_hint(suggest::hint(name, &known)),
            ]
        })?,
    };
    toml::from_str(&text).map_err(|e| {
        vec![
            Finding::error("bad_mapping", name, format!("`{name}` is no column mapping: {}", e.message()))
                .with_hint("see docs/schemas.md for what a mapping holds"),
        ]
    })
}

/// The analysis with every `schema = "…"` resolved to plain names.
///
/// Files that cannot be read are left to the readers, which say why.
///
/// # Errors
/// Findings: unknown mappings, mappings that say nothing of what they are used for, files that have none of the
/// columns.
pub fn resolve(analysis: &Analysis, base: &Path) -> Result<Analysis, Failure> {
    let mut resolved = analysis.clone();
    let mut failure = Failure::new();
    if let Some(name) = analysis.settlements.schema.clone() {
        apply::settlements(&name, &mut resolved.settlements, base).unwrap_or_else(|f| failure.extend(f));
    }
    if let (Some(name), Some(file)) = (analysis.areas.schema.clone(), analysis.areas.file.clone()) {
        apply::areas(&name, &file, &mut resolved.areas, base).unwrap_or_else(|f| failure.extend(f));
    }
    for layer in &mut resolved.coverage {
        if let Some(name) = layer.schema.clone() {
            apply::coverage(&name, layer, base).unwrap_or_else(|f| failure.extend(f));
        }
    }
    for indicator in resolved.need.iter_mut().flat_map(|n| &mut n.indicators) {
        if let (Some(name), Some(file)) = (indicator.schema.clone(), indicator.file.clone()) {
            apply::statistics(&name, &file, indicator, base).unwrap_or_else(|f| failure.extend(f));
        }
    }
    if failure.is_empty() { Ok(resolved) } else { Err(failure) }
}

/// What the file says of itself; `None` where it cannot be read, which the reader will tell.
fn inspect(source: &SourceRef<'_>) -> Option<SourceSchema> {
    source.inspect().ok().map(|(_, schema)| schema)
}

#[cfg(test)]
mod tests;
