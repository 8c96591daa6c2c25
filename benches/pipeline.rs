//! The whole run, as its user starts it: `cargo bench --bench pipeline -- [TINY|S|M|L|XL]… [rows] [write]`.
//!
//! Runs the binary on a made-up region (default M) with one and with two threads and prints seconds, processor seconds
//! and peak memory. Asserts that everyone is counted and that both answers are the same, byte for byte. `rows` also
//! writes the per-settlement Parquet, `write` only writes the region's files and says where they are.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

mod files;
mod measure;

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use whitespot_testkit::region::Size;

/// Persons of the regions of seed 1.
const PERSONS: [(&str, u64); 2] = [("M", 2_387_890), ("L", 23_903_727)];

fn main() {
    let arguments = measure::arguments();
    let has = |name: &str| arguments.iter().any(|a| a == name);
    let names: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|a| Size::named(a).is_some()).collect();
    for name in if names.is_empty() { vec!["M"] } else { names } {
        let folder = files::folder_of(name);
        if has("write") {
            println!("{}", folder.display());
            continue;
        }
        let read_s = read_everything(&folder);
        println!("{name}: reading the bytes of all inputs takes {read_s:.2} s");
        for writes_rows in [false, true].into_iter().filter(|rows| !rows || has("rows")) {
            let results: Vec<(String, String)> =
                [1, 2].into_iter().map(|threads| run(name, &folder, threads, writes_rows)).collect();
            assert_eq!(results[0], results[1], "the answer depends on the number of threads");
        }
    }
}

/// Runs the binary; gives `areas.csv` and `run.json`.
fn run(name: &str, folder: &Path, threads: usize, writes_rows: bool) -> (String, String) {
    let out = folder.join("results");
    let (mut best, mut least_cpu, mut peak_kib) = (f64::INFINITY, f64::INFINITY, 0);
    let n_tries = if name == "L" || name == "XL" { 1 } else { 3 };
    for _ in 0..n_tries {
        let cpu = children_seconds();
        let start = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_whitespot"))
            .args(["run", "-q", "--force", "-j", &threads.to_string(), "-c"])
            .arg(folder.join("whitespot.toml"))
            .args(["--set", &format!("outputs.settlements={writes_rows}")])
            .args(["--set", "outputs.formats=[\"csv\",\"parquet\",\"geojson\",\"html\"]"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let status = loop {
            peak_kib = peak_kib.max(peak_of(child.id()).unwrap_or(0));
            match child.try_wait().unwrap() {
                Some(status) => break status,
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        };
        assert!(status.success(), "{status}");
        best = best.min(start.elapsed().as_secs_f64());
        least_cpu = least_cpu.min(children_seconds() - cpu);
    }
    let read = |file: &str| std::fs::read_to_string(out.join(file)).unwrap();
    let (areas, result) = (read("public/areas.csv"), read("run.json"));
    let persons: u64 = areas.lines().skip(1).filter_map(|l| l.split(',').nth(3)?.parse::<u64>().ok()).sum();
    if let Some((_, expected)) = PERSONS.iter().find(|(of, _)| *of == name) {
        assert_eq!(persons, *expected, "everyone is counted once");
    }
    let rows = if writes_rows { ", a row a settlement written" } else { "" };
    println!(
        "  {threads} thread(s){rows}: {best:.2} s, {least_cpu:.2} s cpu, {} MiB at most   hits {persons} persons in {} areas",
        peak_kib / 1024,
        areas.lines().count() - 2
    );
    (areas, result)
}

/// Seconds to read the bytes of all inputs, as they lie in the system's cache.
fn read_everything(folder: &Path) -> f64 {
    let start = Instant::now();
    for file in ["points.parquet", "fibre.geojson", "mobile.geojson", "areas.geojson"] {
        std::io::copy(&mut std::fs::File::open(folder.join(file)).unwrap(), &mut std::io::sink()).unwrap();
    }
    start.elapsed().as_secs_f64()
}

/// The most memory a process has held so far, in KiB, where the system tells.
fn peak_of(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Processor seconds of all ended children (in hundredths), 0 where the system does not tell.
fn children_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the process, in brackets, may hold spaces.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(13) + ticks(14)) / 100.0
}
