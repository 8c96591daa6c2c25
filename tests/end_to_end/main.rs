//! End to end: the binary on files, as its users run it.

#![allow(clippy::unwrap_used, missing_docs)]

mod bad_input;
mod brute_force;
mod census;
mod demo;
mod funding;
mod published;
mod rules;
mod schema;
mod world;
