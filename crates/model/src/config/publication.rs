//! `[publication]`: what an open-data portal must know and no data can tell.

use super::Title;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[publication]`: who publishes the results, where and under which licence; for `dcat.jsonld` and
/// `datapackage.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// Name of the organisation that publishes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// Its address on the web, as an identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher_url: Option<String>,
    /// Address for questions about the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What the data are for, instead of the description written from the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Title>,
    /// Address of the licence, `https://creativecommons.org/publicdomain/zero/1.0/` for CC0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Address of the folder that `public/` will be served as; where left out, files are named relative to
    /// `dcat.jsonld`, so that it holds wherever the folder is put.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Keywords by language.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub keywords: IndexMap<super::Lang, Vec<String>>,
    /// Address of the place the data are about: `https://sws.geonames.org/604010/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}
