//! The whitespot command line.
fn main() {}
