//! The analysis file as types (SPEC §10). Reading it, `--set` and "did you mean" are the command line's.
//!
//! Every key that is not described here is an error: a mistyped weight would move public money.

pub mod amount;
pub mod analysis;
pub mod clusters;
pub mod cost;
pub mod funding;
pub mod inputs;
pub mod need;
pub mod publication;
pub mod source;

pub use analysis::{
    Analysis, Lang, OneOrMany, OutputFormat, Outputs, PostgisOutput, ReportConfig, ServiceConfig, Title,
};
pub use clusters::{ClustersConfig, OutlineKind};
pub use inputs::{
    AreaColumns, AreasConfig, CoverageColumns, CoverageConfig, Parents, SettlementColumns, SettlementsConfig,
};
pub use publication::Publication;
pub use source::{
    Attribute, Control, ControlColumns, DuplicateIds, Invalid, Representation, Scalar, SourceInfo,
    ValueOffer, Where,
};
