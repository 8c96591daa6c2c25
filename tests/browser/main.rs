//! The report and the explorer in a real browser: numbers, keyboard, axe, reflow, print, no foreign request.
//!
//! Skipped by name where node, Chromium or the packages of `tests/browser/package.json` are absent;
//! `cargo xtask test` sets them up.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// What a browser test needs.
struct Browser {
    node: PathBuf,
    chromium: PathBuf,
    modules: PathBuf,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| folders.iter().map(|f| f.join(name)).find(|p| p.is_file()))
}

impl Browser {
    /// What is here; where something lacks, says so and gives none.
    fn find() -> Option<Browser> {
        let named = |variable: &str| std::env::var_os(variable).map(PathBuf::from).filter(|p| p.exists());
        let skip = |what: &str| {
            println!("skipped: no {what}");
            None
        };
        let Some(node) = on_path(&["node", "nodejs"]) else { return skip("node") };
        let chromium = named("WHITESPOT_CHROMIUM").or_else(|| on_path(&["chromium", "chromium-browser"]));
        let Some(chromium) = chromium else { return skip("Chromium") };
        let modules = named("WHITESPOT_NODE_MODULES");
        let Some(modules) = modules else {
            return skip("playwright-core and axe-core; `cargo xtask test` installs them");
        };
        Some(Browser { node, chromium, modules })
    }

    /// Runs a script and shows what it says; fails if it does.
    fn walk(&self, script: &str, args: &[&str]) {
        let output = Command::new(&self.node)
            .arg(root().join("tests/browser").join(script))
            .args(args)
            .env("WHITESPOT_CHROMIUM", &self.chromium)
            .env("WHITESPOT_NODE_MODULES", &self.modules)
            // On an idle machine the limit is 100 ms (`WHITESPOT_SLIDER_MS=100`); here others may be building.
            .env("WHITESPOT_SLIDER_MS", std::env::var("WHITESPOT_SLIDER_MS").unwrap_or("400".to_string()))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        println!("{said}{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{script} failed");
    }
}

/// Runs an analysis into a folder.
fn run(config: &Path, out: &Path) {
    let output = assert_cmd::Command::cargo_bin("whitespot")
        .unwrap()
        .args(["run", "--force", "-c"])
        .arg(config)
        .arg("--out")
        .arg(out)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// An explorer that ends with the test.
struct Explorer {
    process: Child,
    address: String,
}

impl Explorer {
    fn start(results: &Path) -> Explorer {
        let mut process = Command::new(assert_cmd::cargo::cargo_bin("whitespot"))
            .arg("explore")
            .arg(results)
            .args(["--port", "0", "--no-open"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().trim_end_matches('/').to_string();
        assert!(address.starts_with("http://127.0.0.1:"), "{line}");
        Explorer { process, address }
    }
}

impl Drop for Explorer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn the_report_holds_the_numbers_of_the_run_and_can_be_used_by_everyone() {
    let Some(browser) = Browser::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("results");
    run(&root().join("data/vasterbotten/whitespot.toml"), &out);
    browser.walk("report.mjs", &[out.to_str().unwrap()]);
}

#[test]
fn the_explorer_answers_sliders_at_once_and_can_be_used_by_everyone() {
    let Some(browser) = Browser::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (demo, large) = (folder.path().join("demo"), folder.path().join("large"));
    run(&root().join("data/vasterbotten/whitespot.toml"), &demo);
    run(&five_thousand(folder.path()), &large);
    let (explorer, explorer_of_large) = (Explorer::start(&demo), Explorer::start(&large));
    browser.walk("explorer.mjs", &[demo.to_str().unwrap(), &explorer.address, &explorer_of_large.address]);
}

/// An analysis of 5,000 square areas in 21 parents with a settlement in and one out of reach in each.
fn five_thousand(folder: &Path) -> PathBuf {
    use std::fmt::Write as _;
    let (mut points, mut areas) = ("id,E,N,persons,households\n".to_string(), String::new());
    let mut fibre = String::new();
    for i in 0..5_000_u32 {
        let (x, y) = (500_000 + (i % 100) * 1_000, 7_000_000 + (i / 100) * 1_000);
        let (reached, lacking) = (10 + i % 37, 5 + (i * 7919) % 61);
        let _ = writeln!(points, "r{i},{},{},{},{reached}", x + 100, y + 100, 2 * reached);
        let _ = writeln!(points, "n{i},{},{},{},{lacking}", x + 700, y + 700, 2 * lacking + i % 3);
        let square = |x: u32, y: u32, side: u32| {
            format!("[[[{x},{y}],[{0},{y}],[{0},{1}],[{x},{1}],[{x},{y}]]]", x + side, y + side)
        };
        let comma = if i > 0 { "," } else { "" };
        let _ = write!(
            areas,
            r#"{comma}{{"type":"Feature","properties":{{"code":"{i:04}","name":"Ruta {i}","parent":"p{:02}"}},"geometry":{{"type":"Polygon","coordinates":{}}}}}"#,
            i % 21,
            square(x, y, 1_000)
        );
        let _ = write!(
            fibre,
            r#"{comma}{{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":{}}}}}"#,
            square(x, y, 400)
        );
    }
    let collection = |features: &str| format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#);
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("points.csv", &points);
    write("areas.geojson", &collection(&areas));
    write("fibre.geojson", &collection(&fibre));
    write(
        "large.toml",
        r#"
schema = 1
language = ["en"]
crs = "EPSG:3006"
settlements = { file = "points.csv", crs = "EPSG:3006", columns = { id = "id", x = "E", y = "N", persons = "persons", households = "households" } }
areas = { file = "areas.geojson", crs = "EPSG:3006", columns = { code = "code", name = "name", parent = "parent" } }
coverage = [{ id = "fibre", file = "fibre.geojson", crs = "EPSG:3006", technology = "fibre", operator = "one", download_mbps = 1000, status = "existing" }]
[services]
fibre = { kind = "fixed" }
[need]
indicators = [
  { id = "gap_share", derive = { gap_share = "fibre" }, weight = 0.6 },
  { id = "gap_persons", derive = { gap_persons = "fibre" }, weight = 0.4 },
]
[cost.fibre]
base_per_household = 40_000
[[scenario]]
name = "need"
service = "fibre"
budget = 900_000_000
rule = "need"
caps = { parent = 90_000_000 }
"#,
    );
    folder.join("large.toml")
}
