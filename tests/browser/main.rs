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
    run(&demo_with_clusters(folder.path()), &out);
    browser.walk("report.mjs", &[out.to_str().unwrap()]);
}

#[test]
fn the_explorer_answers_sliders_at_once_and_can_be_used_by_everyone() {
    let Some(browser) = Browser::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (demo, large) = (folder.path().join("demo"), folder.path().join("large"));
    run(&demo_with_clusters(folder.path()), &demo);
    run(&five_thousand(folder.path()), &large);
    let (explorer, explorer_of_large) = (Explorer::start(&demo), Explorer::start(&large));
    browser.walk("explorer.mjs", &[demo.to_str().unwrap(), &explorer.address, &explorer_of_large.address]);
}

/// The analysis of the demo, with clusters.
fn demo_with_clusters(folder: &Path) -> PathBuf {
    fn place(value: &mut toml::Value, base: &Path) {
        match value {
            toml::Value::Table(table) => {
                for (key, value) in table {
                    match value {
                        toml::Value::String(file) if key == "file" => {
                            *file = base.join(&*file).display().to_string();
                        }
                        value => place(value, base),
                    }
                }
            }
            toml::Value::Array(values) => values.iter_mut().for_each(|value| place(value, base)),
            _ => {}
        }
    }
    let base = root().join("data/vasterbotten");
    let text = std::fs::read_to_string(base.join("whitespot.toml")).unwrap();
    let mut analysis: toml::Value = text.parse::<toml::Table>().unwrap().into();
    place(&mut analysis, &base);
    let clusters = toml::toml! { service = "fixed_100"
    link_m = 1500 };
    analysis.as_table_mut().unwrap().insert("clusters".to_string(), clusters.into());
    let path = folder.join("demo.toml");
    std::fs::write(&path, toml::to_string(&analysis).unwrap()).unwrap();
    path
}

/// Names that would do something if they could.
const NAMES: [&str; 4] = [
    "<img src=x onerror=owned=1>",
    "=HYPERLINK(\"http://evil.example\";\"x\")",
    "\"; DROP TABLE areas; --",
    "</script><script>owned=2</script>{{ 7919*7907 }}",
];

#[test]
fn names_that_would_do_something_do_nothing_in_any_page_or_file() {
    let Some(browser) = Browser::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("results");
    run(&hostile(folder.path()), &out);
    let explorer = Explorer::start(&out);
    browser.walk("hostile.mjs", &[out.to_str().unwrap(), &explorer.address]);
    nothing_acts_in_tables(&out.join("public"));
}

/// No cell of a CSV begins as a formula does, and no cell of the workbook is one.
fn nothing_acts_in_tables(public: &Path) {
    let mut n_cells = 0;
    let mut folders = vec![public.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "csv") {
                let mut reader =
                    csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(&path).unwrap();
                for cell in
                    reader.records().flat_map(|r| r.unwrap().iter().map(str::to_string).collect::<Vec<_>>())
                {
                    let is_number = cell.parse::<f64>().is_ok();
                    let acts = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number;
                    assert!(!acts, "{}: {cell}", path.display());
                    n_cells += usize::from(NAMES.iter().any(|name| cell.contains(name)));
                }
            }
        }
    }
    assert!(n_cells >= NAMES.len(), "the names stand in the tables: {n_cells}");
    let mut book = zip::ZipArchive::new(std::fs::File::open(public.join("areas.xlsx")).unwrap()).unwrap();
    for i in 0..book.len() {
        let mut file = book.by_index(i).unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut file, &mut text).unwrap();
        let name = file.name().unwrap().into_owned();
        assert!(!text.contains("<f>") && !text.contains("<f "), "a formula in {name}");
        assert!(!text.contains("<img") && !text.contains("<hyperlink"), "markup in {name}");
    }
}

/// A small analysis in which everything that has a name has one of [`NAMES`].
fn hostile(folder: &Path) -> PathBuf {
    use std::fmt::Write as _;
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let square = |x: usize, y: usize, side: usize| {
        format!("[[[{x},{y}],[{0},{y}],[{0},{1}],[{x},{1}],[{x},{y}]]]", x + side, y + side)
    };
    let (mut points, mut areas, mut fibre) =
        ("id,E,N,persons,households\n".to_string(), String::new(), String::new());
    for (i, name) in NAMES.iter().enumerate() {
        let (x, y) = (500_000 + i * 10_000, 7_000_000);
        let _ = writeln!(points, "r{i},{},{},40,20", x + 500, y + 500);
        let _ = writeln!(points, "n{i},{},{},{},{}", x + 7_000, y + 7_000, 60 + 10 * i, 30 + 5 * i);
        let comma = if i > 0 { "," } else { "" };
        let parent = quoted(NAMES[i % 2]);
        let _ = write!(
            areas,
            r#"{comma}{{"type":"Feature","properties":{{"code":"{i:02}","name":{},"parent":{parent}}},"geometry":{{"type":"Polygon","coordinates":{}}}}}"#,
            quoted(name),
            square(x, y, 10_000)
        );
        let _ = write!(
            fibre,
            r#"{comma}{{"type":"Feature","properties":{{"operator":{}}},"geometry":{{"type":"Polygon","coordinates":{}}}}}"#,
            quoted(name),
            square(x, y, 1_000)
        );
    }
    let collection = |features: &str| format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#);
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("points.csv", &points);
    write("areas.geojson", &collection(&areas));
    write("fibre.geojson", &collection(&fibre));
    // JSON's quoted texts are TOML's, too.
    let [img, link, drop, script] = NAMES.map(quoted);
    write(
        "hostile.toml",
        &format!(
            r#"
schema = 1
title = {img}
language = ["sv", "en"]
crs = "EPSG:3006"
settlements = {{ file = "points.csv", crs = "EPSG:3006", columns = {{ id = "id", x = "E", y = "N", persons = "persons", households = "households" }}, source = {{ name = {link}, licence = {script} }} }}
areas = {{ file = "areas.geojson", crs = "EPSG:3006", columns = {{ code = "code", name = "name", parent = "parent" }} }}
coverage = [{{ id = "fibre", file = "fibre.geojson", crs = "EPSG:3006", technology = "fibre", operator = {{ field = "operator" }}, download_mbps = 1000, status = "existing" }}]
[services]
fibre = {{ kind = "fixed", title = {script} }}
[clusters]
service = "fibre"
[need]
indicators = [
  {{ id = "gap_share", title = {img}, derive = {{ gap_share = "fibre" }}, weight = 0.6 }},
  {{ id = "gap_persons", title = {link}, derive = {{ gap_persons = "fibre" }}, weight = 0.4 }},
]
[robustness]
draws = 200
weights = {{ dirichlet = 20 }}
sobol_rows = 0
[[actor]]
name = {img}
weights = {{ gap_share = 1, gap_persons = 0 }}
[[actor]]
name = {link}
weights = {{ gap_share = 0, gap_persons = 1 }}
[cost.fibre]
base_per_household = 40_000
[[scenario]]
name = "need"
title = {script}
service = "fibre"
budget = 30_000_000
rule = "need"
caps = {{ parent = 20_000_000 }}
[[scenario]]
name = "cheap"
title = {drop}
extends = "need"
rule = "cost_effectiveness"
[publication]
publisher = {img}
"#
        ),
    );
    folder.join("hostile.toml")
}

/// How long a report of so many areas may take to be written and to open, at full speed; builds for tests, which check
/// every sum, may take `WHITESPOT_SLOWER` times as long (3 where unset).
const REPORTS: [(u32, u32, u64, usize); 2] = [(21, 15, 1_000, 3_000_000), (80, 75, 5_000, usize::MAX)];

#[test]
fn reports_of_300_and_of_6000_areas_are_written_and_open_at_once_and_can_be_used() {
    let Some(browser) = Browser::find() else { return };
    let slower: f64 = std::env::var("WHITESPOT_SLOWER").ok().and_then(|v| v.parse().ok()).unwrap_or(3.0);
    for (columns, rows, most_ms, most_bytes) in REPORTS {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("results");
        run(&region(folder.path(), columns, rows), &out);
        let started = std::time::Instant::now();
        let mut report = assert_cmd::Command::cargo_bin("whitespot").unwrap();
        report.arg("report").arg(&out).args(["--lang", "en"]).assert().success();
        let took_ms = started.elapsed().as_secs_f64() * 1e3;
        let bytes = std::fs::metadata(out.join("public/report.en.html")).unwrap().len() as usize;
        println!("{} areas: report in {took_ms:.0} ms, {bytes} bytes", columns * rows);
        let most = most_ms as f64 * slower;
        assert!(took_ms < most, "{} areas took {took_ms:.0} ms of {most:.0}", columns * rows);
        assert!(bytes < most_bytes, "{bytes} bytes");
        let most_to_open = (5_000.0 * slower).to_string();
        browser.walk("large.mjs", &[out.to_str().unwrap(), &most_to_open]);
    }
}

/// A made-up region with so many areas, ranked, with scenarios and robustness.
fn region(folder: &Path, columns: u32, rows: u32) -> PathBuf {
    use whitespot_testkit::region::{Frame, Region, Size};
    let size = Size { n_settlements: 60_000, n_fibre_polygons: 2_000, n_mobile_vertices: 20_000, ..Size::S };
    Region::new(size.divided(columns, rows), Frame::Degrees, 1).write(folder).unwrap();
    let config = folder.join("whitespot.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let more = r#"
formats = ["html"]
[need]
indicators = [
  { id = "gap_share", derive = { gap_share = "fixed_100" }, weight = 0.6 },
  { id = "gap_persons", derive = { gap_persons = "fixed_100" }, weight = 0.4 },
]
[robustness]
draws = 200
weights = { dirichlet = 20 }
sobol_rows = 0
[cost.fixed_100]
base_per_household = 40_000
[[scenario]]
name = "need"
service = "fixed_100"
budget = 120_000_000
rule = "need"
[[scenario]]
name = "cheapest"
extends = "need"
rule = "cost_effectiveness"
"#;
    // The analysis ends with `[outputs]`.
    std::fs::write(&config, text + more).unwrap();
    config
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
