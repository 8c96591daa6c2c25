//! Tasks of the whitespot project.
fn main() {}
