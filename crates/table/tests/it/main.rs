//! Tests through the public door of the crate.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod damaged;
mod real_files;
mod speed;
