//! Tests of the loader on files: corpora, damage, one region in many formats.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, unreachable_pub)]

#[path = "../../../../fuzz/src/bodies.rs"]
mod bodies;
mod corpora;
#[path = "../../../../fuzz/src/loads.rs"]
mod loads;
mod mutations;
