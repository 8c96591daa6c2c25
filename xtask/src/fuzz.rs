//! `cargo xtask fuzz`: every target of `fuzz/` for so long, unattended, with a row a target in its README.
//!
//! A session is one process at the lowest priority. It goes on after what it finds: inputs that panic, hang or eat
//! memory lie in `fuzz/artifacts/<target>`, the corpus grows in `fuzz/corpus/<target>`, neither of them under version control.

use crate::command::{find_program, output_of, run};
use crate::say;
use anyhow::{Context, Result, bail, ensure};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A target: its name, the longest input in bytes, the dictionary, and whether it needs polars.
struct Target {
    name: &'static str,
    max_len: usize,
    dictionary: Option<&'static str>,
    is_table: bool,
}

const fn target(
    name: &'static str,
    max_len: usize,
    dictionary: Option<&'static str>,
    is_table: bool,
) -> Target {
    Target { name, max_len, dictionary, is_table }
}

const TARGETS: [Target; 15] = [
    target("geojson", 16_384, Some("json"), false),
    target("geojsonl", 8_192, Some("json"), false),
    target("gpkg", 131_072, None, false),
    target("fgb", 16_384, None, false),
    target("shp", 16_384, None, false),
    target("dbf", 8_192, None, false),
    target("zip", 16_384, None, false),
    target("tif", 16_384, None, false),
    target("analysis", 16_384, Some("toml"), false),
    target("small_texts", 4_096, Some("crs"), false),
    target("csv", 8_192, None, true),
    target("parquet", 65_536, None, true),
    target("xlsx", 32_768, None, true),
    target("cells", 256, Some("crs"), true),
    target("layers", 16_384, Some("json"), true),
];

/// What the command line asks for.
struct Session {
    minutes: f64,
    seeds: Option<PathBuf>,
    targets: Vec<&'static Target>,
    /// Runs the targets as they were built last.
    is_built: bool,
}

/// Runs the targets named in `arguments`, or all, each for `--minutes` (60 where absent).
pub(crate) fn run_fuzz(root: &Path, arguments: &[String]) -> Result<()> {
    let session = session_of(root, arguments)?;
    if !session.is_built {
        build(root, &session)?;
    }
    let mut n_found = 0;
    for target in &session.targets {
        n_found += run_target(root, target, &session)?;
    }
    ensure!(n_found == 0, "{n_found} inputs found; they lie in fuzz/artifacts");
    Ok(())
}

fn session_of(root: &Path, arguments: &[String]) -> Result<Session> {
    let beside = root.join("../shared/data/test-only/formats");
    let mut session = Session {
        minutes: 60.0,
        seeds: beside.is_dir().then_some(beside),
        targets: Vec::new(),
        is_built: false,
    };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} needs a value"));
        match word.as_str() {
            "--minutes" => session.minutes = value()?.parse().context("--minutes takes a number")?,
            "--no-build" => session.is_built = true,
            "--seeds" => session.seeds = Some(value()?.into()),
            name => match TARGETS.iter().find(|t| t.name == name) {
                Some(target) => session.targets.push(target),
                None => {
                    let names: Vec<&str> = TARGETS.iter().map(|t| t.name).collect();
                    bail!("there is no target `{name}`; there are {}", names.join(", "));
                }
            },
        }
    }
    if session.targets.is_empty() {
        session.targets = TARGETS.iter().collect();
    }
    Ok(session)
}

/// cargo of the nightly toolchain, which instruments the build.
fn nightly(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("rustup");
    command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO").current_dir(root.join("fuzz"));
    command.args(["run", "nightly"]).args(arguments);
    command
}

fn target_folder(root: &Path) -> PathBuf {
    std::env::var_os("WHITESPOT_FUZZ_TARGET").map_or_else(|| root.join("fuzz/target"), PathBuf::from)
}

fn build(root: &Path, session: &Session) -> Result<()> {
    ensure!(find_program("cargo-fuzz").is_some(), "cargo-fuzz is not on PATH: `cargo install cargo-fuzz`");
    let folder = target_folder(root).display().to_string();
    // No sanitizer: all of ours is safe Rust but for two prefetches, and without one a run makes thrice the executions.
    let common = ["cargo", "fuzz", "build", "-O", "-s", "none", "--target-dir", &folder];
    if session.targets.iter().any(|t| !t.is_table) {
        run(nightly(root, &common))?;
    }
    if session.targets.iter().any(|t| t.is_table) {
        run(nightly(root, &[&common[..], &["--features", "tables"]].concat()))?;
    }
    Ok(())
}

/// Runs one target; gives the number of inputs it found.
fn run_target(root: &Path, target: &Target, session: &Session) -> Result<usize> {
    let fuzz = root.join("fuzz");
    let (corpus, artifacts) =
        (fuzz.join("corpus").join(target.name), fuzz.join("artifacts").join(target.name));
    for folder in [&corpus, &artifacts] {
        std::fs::create_dir_all(folder)?;
    }
    copy_seeds(root, target, session, &corpus)?;
    let before = count_found(&artifacts);
    let version = output_of(nightly(root, &["rustc", "-vV"]))?;
    let host = version.lines().find_map(|l| l.strip_prefix("host: ")).context("rustc tells its host")?;
    let program = target_folder(root).join(host).join("release").join(target.name);
    // In memory where that is to be had: a file is written an execution.
    let scratch = [Path::new("/dev/shm"), &std::env::temp_dir()]
        .into_iter()
        .find(|p| p.is_dir())
        .map(|p| p.join(format!("whitespot-fuzz-{}", std::process::id())))
        .context("a folder for temporary files")?;
    std::fs::create_dir_all(&scratch)?;
    let mut command = Command::new("nice");
    command.args(["-n", "19"]).arg(program).env("TMPDIR", &scratch).arg(&corpus);
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    command.arg(format!("-max_total_time={}", (session.minutes * 60.0).round()));
    command.arg(format!("-max_len={}", target.max_len));
    command.args(["-timeout=10", "-rss_limit_mb=2048", "-fork=1"]);
    command.args(["-ignore_crashes=1", "-ignore_timeouts=1", "-ignore_ooms=1"]);
    if let Some(name) = target.dictionary {
        command.arg(format!("-dict={}", fuzz.join("dictionaries").join(format!("{name}.dict")).display()));
    }
    say(&format!("{}: {} minutes", target.name, session.minutes));
    let output = command.output().with_context(|| target.name)?;
    let _ = std::fs::remove_dir_all(&scratch);
    let log = String::from_utf8_lossy(&output.stderr);
    std::fs::write(artifacts.with_extension("log"), log.as_bytes())?;
    let Some(figures) = figures_of(&log) else {
        bail!("{} told no figures; see {}", target.name, artifacts.with_extension("log").display());
    };
    let found = count_found(&artifacts).saturating_sub(before);
    let row = format!(
        "| {} | {} | {:.0} | {} | {} | {} | {found} |",
        output_of(date())?.trim(),
        target.name,
        session.minutes,
        figures.executions,
        figures.edges,
        count_files(&corpus),
    );
    say(&row);
    let mut readme = std::fs::OpenOptions::new().append(true).open(fuzz.join("README.md"))?;
    writeln!(readme, "{row}")?;
    Ok(found)
}

fn date() -> Command {
    let mut date = Command::new("date");
    date.arg("+%F");
    date
}

/// What libFuzzer told last.
#[derive(Debug, PartialEq)]
struct Figures {
    executions: u64,
    edges: u64,
}

/// Reads `#123: cov: 45 ft: 67 …`, the last of them.
fn figures_of(log: &str) -> Option<Figures> {
    log.lines().rev().find_map(|line| {
        let (executions, rest) = line.strip_prefix('#')?.split_once(": cov: ")?;
        let edges = rest.split_whitespace().next()?;
        Some(Figures { executions: executions.parse().ok()?, edges: edges.parse().ok()? })
    })
}

/// Inputs that panicked, hung or ate memory; not those that a busy machine made slow.
fn count_found(folder: &Path) -> usize {
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.file_name());
    names.filter(|name| !name.to_string_lossy().starts_with("slow-unit")).count()
}

fn count_files(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

/// Copies the seeds that are committed, the project's own files, and those of a folder of other people's.
fn copy_seeds(root: &Path, target: &Target, session: &Session, corpus: &Path) -> Result<()> {
    let mut files = files_below(&root.join("fuzz/seeds").join(target.name));
    let demo = root.join("data/vasterbotten");
    match target.name {
        "analysis" => files.push(demo.join("whitespot.toml")),
        "small_texts" => {
            let texts = std::fs::read_to_string(root.join("crates/spatial/tests/data/crs_texts.tsv"))?;
            for (i, text) in texts.lines().flat_map(|line| line.split('\t')).enumerate() {
                std::fs::write(corpus.join(format!("crs-text-{i}")), text)?;
            }
        }
        _ => {}
    }
    let wanted: &[&str] = match target.name {
        "geojson" | "layers" => &["geojson", "json"],
        "small_texts" => &["prj"],
        name => &[name],
    };
    for path in session.seeds.iter().flat_map(|folder| files_below(folder)) {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        if wanted.contains(&extension.as_str()) {
            files.push(path);
        }
    }
    for (i, path) in files.iter().enumerate() {
        let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
        if bytes.len() <= target.max_len {
            std::fs::write(corpus.join(format!("seed-{i}")), bytes)?;
        }
    }
    Ok(())
}

/// All files below a folder, in order; none where it is not there.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_told_last() {
        let log = "INFO: Seed: 1\n#12: cov: 3 ft: 4 corp: 5 exec/s 6\n#34: cov: 56 ft: 7\nINFO: fuzzed for 9 seconds\n";
        assert_eq!(figures_of(log), Some(Figures { executions: 34, edges: 56 }));
        assert_eq!(figures_of("nothing"), None);
    }

    #[test]
    fn every_target_has_its_file_and_its_seeds() {
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
        for target in &TARGETS {
            assert!(
                fuzz.join("fuzz_targets").join(format!("{}.rs", target.name)).is_file(),
                "{}",
                target.name
            );
            assert!(!files_below(&fuzz.join("seeds").join(target.name)).is_empty(), "{}", target.name);
        }
        assert_eq!(files_below(&fuzz.join("fuzz_targets")).len(), TARGETS.len());
    }
}
