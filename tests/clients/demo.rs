//! Results folders to look at: the demo, run once a test process.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

/// The repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the binary.
pub(crate) fn whitespot(folder: &Path, args: &[&str]) -> Output {
    assert_cmd::Command::cargo_bin("whitespot")
        .unwrap()
        .current_dir(folder)
        .env_remove("WHITESPOT_CONFIG")
        .args(args)
        .output()
        .unwrap()
}

/// The demo's results folder; it stays for all tests of this process.
pub(crate) fn demo_results() -> &'static Path {
    static RESULTS: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = RESULTS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let config = root().join("data/vasterbotten/whitespot.toml");
        let out = folder.path().join("results");
        let args = ["run", "-q", "-c", config.to_str().unwrap(), "-o", out.to_str().unwrap()];
        let output = whitespot(&root(), &args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        folder
    });
    // Nextest runs each test in a process of its own, so nobody else is in the folder.
    Box::leak(Box::new(folder.path().join("results")))
}

/// The demo with everything that can be switched on: clusters, their lines, every format.
pub(crate) fn full_results() -> &'static Path {
    static RESULTS: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = RESULTS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let config = root().join("data/vasterbotten/whitespot.toml");
        let out = folder.path().join("results");
        let formats =
            "outputs.formats=[\"csv\",\"parquet\",\"geojson\",\"gpkg\",\"flatgeobuf\",\"html\",\"xlsx\"]";
        let clusters = ["--set", "clusters.service=fixed_100", "--set", "cost.fixed_100.tier=2"];
        let price = ["--set", "cost.fixed_100.per_metre_to_reached=180", "--set", formats];
        let args = ["run", "-q", "-c", config.to_str().unwrap(), "-o", out.to_str().unwrap()];
        let output = whitespot(&root(), &[&args[..], &clusters, &price].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        folder
    });
    Box::leak(Box::new(folder.path().join("results")))
}

/// The rows of `areas.csv` without the one for what lies outside all areas.
pub(crate) fn area_rows(results: &Path) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(results.join("public/areas.csv")).unwrap();
    let rows = reader.deserialize().map(|row| row.unwrap());
    rows.filter(|row: &std::collections::BTreeMap<String, String>| !row["area_code"].is_empty()).collect()
}

/// A program by the variable that `cargo xtask test` sets, else by name on `PATH`.
pub(crate) fn program(variable: &str, name: &str) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Some(PathBuf::from(path));
    }
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// Runs a command; what it printed and what it complained of.
pub(crate) fn run(command: &mut Command) -> (String, String, bool) {
    let output = command.output().unwrap();
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
        output.status.success(),
    )
}
