//! What every fuzz target does with its bytes; see `bodies.rs`.

pub mod bodies;
