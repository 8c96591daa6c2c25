//! What every fuzz target does with its bytes; see `bodies.rs` and `loads.rs`.

pub mod bodies;
#[cfg(feature = "tables")]
pub mod loads;

/// One folder a process for the file under test: making one an execution would cost more than reading it.
pub fn folder() -> &'static std::path::Path {
    static FOLDER: std::sync::OnceLock<tempfile::TempDir> = std::sync::OnceLock::new();
    FOLDER.get_or_init(|| tempfile::tempdir().expect("a folder for the file under test")).path()
}

/// Lets panics unwind: those that a reader catches on purpose, in a decoder that asserts what a damaged file breaks, are
/// no finding; any other still ends the process.
pub fn let_guarded_panics_pass() {
    std::panic::set_hook(Box::new(|_| ()));
}
