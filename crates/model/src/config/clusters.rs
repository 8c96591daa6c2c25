//! `[clusters]`: groups of neighbouring settlements that a service does not reach.

use super::OneOrMany;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[clusters]`: unreached settlements within `link_m` of one another are one cluster, a candidate build project.
///
/// The section may be left out: `areas = { clusters = "…" }`, `candidates = "clusters"` and prices per metre make
/// clusters by the defaults below.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClustersConfig {
    /// The services whose unreached settlements are clustered even where no area, scenario or price asks for it.
    #[serde(default, alias = "services", skip_serializing_if = "Option::is_none")]
    pub service: Option<OneOrMany<String>>,
    /// Settlements at most so many metres apart are neighbours; 500 where absent.
    #[serde(default = "default_link_m")]
    pub link_m: f64,
    /// Whether a cluster may reach over the border of parent areas; false where absent.
    #[serde(default)]
    pub across_parents: bool,
    /// What is drawn round a cluster.
    #[serde(default)]
    pub outline: OutlineKind,
    /// Outlines and published trench lines lie on a lattice of so many metres, so that no settlement can be read off
    /// a map; half of `link_m` but at least 100 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lattice_m: Option<f64>,
}

fn default_link_m() -> f64 {
    500.0
}

impl Default for ClustersConfig {
    fn default() -> Self {
        ClustersConfig {
            service: None,
            link_m: default_link_m(),
            across_parents: false,
            outline: OutlineKind::default(),
            lattice_m: None,
        }
    }
}

impl ClustersConfig {
    /// Distance of the lattice for outlines and published lines, metres.
    pub fn lattice_m(&self) -> f64 {
        self.lattice_m.unwrap_or((self.link_m / 2.0).max(100.0))
    }
}

/// What is drawn round a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutlineKind {
    /// The lattice cells of its settlements and those around them.
    #[default]
    Buffer,
    /// The convex hull of the lattice cells of its settlements.
    Hull,
}
