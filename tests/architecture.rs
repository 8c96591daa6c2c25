//! The invariants of ARCHITECTURE.md that a machine can check: arrows between crates (1), where heavy
//! dependencies live and that their types stay there (2), and that need and funding see neither paths nor
//! polygons (3).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which of our crates each may use. A new crate gets its line here and its place in ARCHITECTURE.md.
const ARROWS: [(&str, &[&str]); 12] = [
    ("whitespot-model", &[]),
    ("whitespot-spatial", &["whitespot-model"]),
    ("whitespot-io", &["whitespot-model"]),
    ("whitespot-table", &["whitespot-model"]),
    ("whitespot-need", &["whitespot-model"]),
    ("whitespot-funding", &["whitespot-model"]),
    ("whitespot-testkit", &["whitespot-model"]),
    ("whitespot-load", &["whitespot-model", "whitespot-spatial", "whitespot-io", "whitespot-table"]),
    ("whitespot-report", &["whitespot-model", "whitespot-need", "whitespot-table"]),
    (
        "whitespot-explorer",
        &[
            "whitespot-model",
            "whitespot-spatial",
            "whitespot-need",
            "whitespot-funding",
            "whitespot-report",
            "whitespot-io",
        ],
    ),
    (
        "whitespot",
        &[
            "whitespot-model",
            "whitespot-spatial",
            "whitespot-io",
            "whitespot-table",
            "whitespot-load",
            "whitespot-need",
            "whitespot-funding",
            "whitespot-report",
            "whitespot-explorer",
        ],
    ),
    // Tasks stand outside the house: they must build when it does not.
    ("xtask", &[]),
];

/// Heavy dependencies by the beginning of their name, and the only crate that may use them.
const HEAVY: [(&str, &str); 5] = [
    ("polars", "whitespot-table"),
    ("rusqlite", "whitespot-io"),
    ("postgres", "whitespot-io"),
    ("axum", "whitespot-explorer"),
    ("tokio", "whitespot-explorer"),
];

/// Words that betray a heavy dependency's type in a public signature.
const HEAVY_TYPES: [(&str, &[&str]); 2] = [
    ("table", &["polars", "DataFrame", "LazyFrame", "ChunkedArray"]),
    ("io", &["rusqlite", "Connection", "Statement<"]),
];

/// What pure functions of their arguments and a seed have no use for.
const IMPURE: [&str; 11] = [
    "std::fs",
    "std::path",
    "std::net",
    "std::env",
    "std::process",
    "std::io",
    "Instant",
    "SystemTime",
    "Shapes",
    "geo::",
    "geo_types",
];

/// What the bottom crate does not do: it names paths and errors, but opens nothing.
const INPUT_OUTPUT: [&str; 8] =
    ["std::fs", "std::net", "std::process", "std::env", "File::open", "File::create", "stdin()", "stdout()"];

#[test]
fn arrows_point_down() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.into();
    let mut wrong = Vec::new();
    for package in packages() {
        let Some(allowed) = allowed.get(package.name.as_str()) else {
            wrong.push(format!("{} has no place in the drawing", package.name));
            continue;
        };
        for dependency in &package.dependencies {
            let is_ours = dependency.name == "whitespot" || dependency.name.starts_with("whitespot-");
            let is_test_only = dependency.is_dev && dependency.name == "whitespot-testkit";
            if is_ours && !is_test_only && !allowed.contains(&dependency.name.as_str()) {
                wrong.push(format!("{} uses {}", package.name, dependency.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn heavy_dependencies_live_in_one_crate_each() {
    let mut wrong = Vec::new();
    for package in packages() {
        for dependency in &package.dependencies {
            for (heavy, home) in HEAVY {
                if dependency.name.starts_with(heavy) && package.name != home {
                    wrong.push(format!("{} uses {}, which belongs in {home}", package.name, dependency.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn types_of_heavy_dependencies_are_in_no_public_signature() {
    let mut wrong = Vec::new();
    for (krate, types) in HEAVY_TYPES {
        for file in sources(krate) {
            for signature in public_signatures(&code_of(&file)) {
                if types.iter().any(|name| signature.contains(name)) {
                    wrong.push(format!("{}: {signature}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn need_and_funding_see_neither_paths_nor_polygons() {
    assert_absent(&["need", "funding"], &IMPURE);
}

#[test]
fn the_model_does_no_input_or_output() {
    assert_absent(&["model"], &INPUT_OUTPUT);
}

#[test]
fn public_signatures_are_found_across_lines_and_private_ones_are_not() {
    let code = "pub fn a(\n    x: DataFrame,\n) -> u8 {\n let y: DataFrame; }\n\
        pub(crate) fn b(x: DataFrame) {}\nfn c() {}\npub struct S {\n    pub d: DataFrame,\n    e: DataFrame,\n}\n";
    let found = public_signatures(code);
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found[0].contains("x: DataFrame") && !found[0].contains("let y"));
    assert!(found[2].starts_with("pub d"));
}

fn assert_absent(crates: &[&str], words: &[&str]) {
    let mut found = Vec::new();
    for krate in crates {
        for file in sources(krate) {
            for (number, line) in code_of(&file).lines().enumerate() {
                let hit = words.iter().find(|word| has_word(line, word));
                found.extend(hit.map(|word| format!("{}:{}: {word}", file.display(), number + 1)));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// Whether `word` stands in `line` and is not the tail of a longer name (`geo::` in `my_geo::`).
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

/// Everything public from `pub ` to the end of its signature, in one line each.
fn public_signatures(code: &str) -> Vec<String> {
    let mut signatures = Vec::new();
    let mut lines = code.lines().map(str::trim);
    while let Some(line) = lines.next() {
        if !line.starts_with("pub ") {
            continue;
        }
        let mut signature = line.to_owned();
        let is_over = |text: &str| text.ends_with(['{', ';', ',', '}']) && !text.ends_with("(,");
        let is_open = |text: &str| text.matches('(').count() > text.matches(')').count();
        while !is_over(&signature) || is_open(&signature) {
            let Some(next) = lines.next() else { break };
            signature.push(' ');
            signature.push_str(next);
        }
        let end = signature.find(" {").unwrap_or(signature.len());
        signatures.push(signature[..end].to_owned());
    }
    signatures
}

/// The source of a file without comments and without the tests at its foot; lines keep their numbers.
fn code_of(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or("");
    let uncommented = code.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line });
    uncommented.collect::<Vec<_>>().join("\n")
}

/// The Rust files of a crate in order, without those that hold nothing but tests.
fn sources(krate: &str) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    let mut folders = vec![root().join("crates").join(krate).join("src")];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
            let is_tests = path.file_stem().is_some_and(|stem| stem == "tests");
            if path.is_dir() && !is_tests {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !is_tests {
                files.insert(path);
            }
        }
    }
    assert!(!files.is_empty(), "no sources of {krate}");
    files
}

struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

struct Dependency {
    name: String,
    is_dev: bool,
}

/// The members of the workspace as `cargo metadata` tells them.
fn packages() -> Vec<Package> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    let packages: Vec<Package> = list(&metadata["packages"])
        .iter()
        .map(|package| Package {
            name: text(&package["name"]),
            dependencies: list(&package["dependencies"])
                .iter()
                .map(|dependency| Dependency {
                    name: text(&dependency["name"]),
                    is_dev: dependency["kind"] == "dev",
                })
                .collect(),
        })
        .collect();
    assert!(packages.len() > 9, "cargo metadata lists {} members", packages.len());
    packages
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
