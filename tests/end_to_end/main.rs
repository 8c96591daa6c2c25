//! End to end: the binary on files, as its users run it.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod bad_files;
mod bad_input;
mod big_files;
mod brute_force;
mod census;
mod clusters;
mod demo;
mod formats;
mod funding;
mod published;
mod rules;
mod same_region;
mod schema;
mod wording;
mod world;
