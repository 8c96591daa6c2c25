//! Coverage: who declares what reached, by which technology, on which basis.

use crate::shapes::Shapes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Fixed or mobile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Fibre, cable, copper, fixed wireless, satellite.
    Fixed,
    /// 2G to 5G.
    Mobile,
}

/// How the last stretch is bridged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Technology {
    /// Fibre to the home or building.
    Fibre,
    /// Cable television network (DOCSIS).
    Cable,
    /// Copper with VDSL.
    Vdsl,
    /// Copper with ADSL.
    Adsl,
    /// Fixed wireless access.
    Fwa,
    /// Satellite.
    Satellite,
    /// GSM and kin.
    #[serde(rename = "2g")]
    G2,
    /// UMTS.
    #[serde(rename = "3g")]
    G3,
    /// LTE.
    #[serde(rename = "4g")]
    G4,
    /// NR.
    #[serde(rename = "5g")]
    G5,
    /// Anything else, or not told.
    Other,
}

impl Technology {
    /// All, in the order of the documentation.
    pub const ALL: [Technology; 11] = [
        Technology::Fibre,
        Technology::Cable,
        Technology::Vdsl,
        Technology::Adsl,
        Technology::Fwa,
        Technology::Satellite,
        Technology::G2,
        Technology::G3,
        Technology::G4,
        Technology::G5,
        Technology::Other,
    ];

    /// The name used in files: `fibre`, `4g`, …
    pub fn name(self) -> &'static str {
        match self {
            Technology::Fibre => "fibre",
            Technology::Cable => "cable",
            Technology::Vdsl => "vdsl",
            Technology::Adsl => "adsl",
            Technology::Fwa => "fwa",
            Technology::Satellite => "satellite",
            Technology::G2 => "2g",
            Technology::G3 => "3g",
            Technology::G4 => "4g",
            Technology::G5 => "5g",
            Technology::Other => "other",
        }
    }

    /// Reads a technology as files write it, in any case: the names above and `fiber`, `ftth`, `fttb`,
    /// `docsis`, `coax`, `lte`, `nr`, `umts`, `gsm`, `dsl`.
    pub fn parse(text: &str) -> Option<Technology> {
        let name = text.trim().to_ascii_lowercase();
        Some(match name.as_str() {
            "fibre" | "fiber" | "ftth" | "fttb" | "fttp" => Technology::Fibre,
            "cable" | "coax" | "docsis" | "hfc" => Technology::Cable,
            "vdsl" | "vdsl2" => Technology::Vdsl,
            "adsl" | "adsl2" | "dsl" => Technology::Adsl,
            "fwa" => Technology::Fwa,
            "satellite" | "sat" => Technology::Satellite,
            "2g" | "gsm" => Technology::G2,
            "3g" | "umts" => Technology::G3,
            "4g" | "lte" => Technology::G4,
            "5g" | "nr" => Technology::G5,
            "other" => Technology::Other,
            _ => return None,
        })
    }

    /// Mobile for 2G to 5G, fixed otherwise.
    pub fn kind(self) -> Kind {
        match self {
            Technology::G2 | Technology::G3 | Technology::G4 | Technology::G5 => Kind::Mobile,
            _ => Kind::Fixed,
        }
    }
}

/// How a layer knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Delivered today.
    Connected,
    /// Homes passed, orderable.
    Passed,
    /// Computed signal strength.
    ModelledSignal,
    /// Measured in the field.
    Measured,
}

impl Basis {
    /// All, strongest statement about a fixed line first.
    pub const ALL: [Basis; 4] = [Basis::Connected, Basis::Passed, Basis::ModelledSignal, Basis::Measured];

    /// The name used in files.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Connected => "connected",
            Basis::Passed => "passed",
            Basis::ModelledSignal => "modelled_signal",
            Basis::Measured => "measured",
        }
    }

    /// Reads the name used in files.
    pub fn parse(text: &str) -> Option<Basis> {
        let name = text.trim().to_ascii_lowercase();
        Basis::ALL.into_iter().find(|b| b.name() == name)
    }
}

/// Built or promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// There today.
    Existing,
    /// Promised; counts only where a service or scenario says so.
    Planned,
}

impl Status {
    /// Reads the name used in files.
    pub fn parse(text: &str) -> Option<Status> {
        match text.trim().to_ascii_lowercase().as_str() {
            "existing" => Some(Status::Existing),
            "planned" => Some(Status::Planned),
            _ => None,
        }
    }
}

/// What one source declares available with the same attributes: the unit that services choose from.
///
/// A layer's features with equal attributes share one offer, so a country has thousands of shapes but few
/// offers. A settlement's coverage is a set of offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// Id of the coverage layer.
    pub layer: String,
    /// Fixed or mobile.
    pub kind: Kind,
    /// Technology.
    pub technology: Technology,
    /// Operator; empty when the layer does not tell, which counts as one operator a layer.
    pub operator: String,
    /// Downstream Mbit/s, where told; never 0 (0 means not offered, and makes no offer).
    pub download_mbps: Option<f64>,
    /// Upstream Mbit/s, where told.
    pub upload_mbps: Option<f64>,
    /// How the layer knows, where told.
    pub basis: Option<Basis>,
    /// Built or promised.
    pub status: Status,
    /// Day a promise is to be kept, ISO 8601.
    pub ready: Option<String>,
    /// Signal margin or other level, in the source's unit (e.g. dB).
    pub level: Option<f64>,
}

/// One coverage layer with its shapes in the CRS of its source.
#[derive(Clone, Debug)]
pub struct CoverageLayer {
    /// The layer's id in the analysis file.
    pub id: String,
    /// The CRS of the coordinates, as declared and accepted by the loader (a code or a definition).
    pub crs: crate::crs::CrsDeclaration,
    /// The shapes.
    pub shapes: Shapes,
    /// Offer of each feature as an index into `offers`; [`NO_OFFER`] for what offers nothing.
    pub feature_offers: Vec<u32>,
    /// The distinct offers of this layer, in order of first appearance.
    pub offers: Vec<Offer>,
    /// Places further away than this are not reached by a line, point or polygon, in metres of the analysis
    /// CRS; polygons reach what they cover at 0.
    pub reach_m: f64,
    /// What is known of settlements by id, without shapes: (settlement id, offer).
    pub keyed: Vec<(String, u32)>,
    /// Place of each feature in its file (fid or feature number), for messages.
    pub places: Vec<u64>,
}

/// Marks a feature without an offer (speed 0).
pub const NO_OFFER: u32 = u32::MAX;
