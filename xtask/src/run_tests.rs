//! `cargo xtask test`: every test, with the real clients, and the names of what was skipped.

use crate::clients::{Clients, install_clients};
use crate::command::{cargo, find_program, line_of, output_of, run};
use crate::say;
use anyhow::{Context, Result};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// The one profile of tests and of the binary they call: polars is compiled once.
pub(crate) const PROFILE: &str = "ci";

/// A test that cannot do its work here prints a line that begins so, with the reason.
const SKIPPED: &str = "skipped:";

/// Runs unit, integration and documentation tests; fails if one of them fails, after all have run.
pub(crate) fn run_tests(root: &Path) -> Result<()> {
    let started = Instant::now();
    let clients = install_clients(root);
    let (tests, skipped) = if find_program("cargo-nextest").is_some() {
        with_nextest(root, &clients)?
    } else {
        with_libtest(root, &clients)?
    };
    let mut doc = cargo(root, &["test", "--doc", "--workspace", "--profile", PROFILE, "--no-fail-fast"]);
    doc.envs(clients.present.iter().map(|(name, program)| (name, program)));
    let doc = run(doc);

    say("\nClients");
    clients.summary.iter().for_each(|line| say(&format!("  {line}")));
    say(&format!("Skipped ({})", skipped.len()));
    skipped.iter().for_each(|line| say(&format!("  {line}")));
    let verdict = |passed: &Result<()>| if passed.is_ok() { "passed" } else { "FAILED" };
    say(&format!(
        "Tests {}, documentation tests {}, {} s",
        verdict(&tests),
        verdict(&doc),
        started.elapsed().as_secs()
    ));
    tests.and(doc)
}

/// The verdict and what was skipped.
type Outcome = (Result<()>, Vec<String>);

fn with_nextest(root: &Path, clients: &Clients) -> Result<Outcome> {
    let config = format!("whitespot:{}", root.join("xtask/nextest.toml").display());
    let common = ["--cargo-profile", PROFILE, "--workspace", "--tool-config-file", config.as_str()];
    // nextest keeps its store here wherever cargo's own target folder is.
    let report = root.join("target/nextest/default/whitespot-tests.xml");
    // An old report must not pass for this run's.
    let _ = std::fs::remove_file(&report);
    let mut tests = cargo(root, &["nextest", "run"]);
    tests.args(common).envs(clients.present.iter().map(|(name, program)| (name, program)));
    let verdict = run(tests);

    let mut skipped = Vec::new();
    if verdict.is_ok() {
        let mut list = cargo(root, &["nextest", "list", "--run-ignored", "only", "-T", "oneline"]);
        list.args(common);
        skipped.extend(output_of(list)?.lines().map(|line| format!("{line} (ignored)")));
    }
    if let Ok(xml) = std::fs::read_to_string(&report) {
        skipped.extend(skipped_in_junit(&xml));
    }
    Ok((verdict, skipped))
}

/// Lines that begin with `skipped:` in what the tests of a JUnit report printed, each with its test.
fn skipped_in_junit(xml: &str) -> Vec<String> {
    let mut skipped = Vec::new();
    for case in xml.split("<testcase ").skip(1) {
        let attribute = |name: &str| {
            let value = case.split_once(&format!("{name}=\""))?.1;
            value.split_once('"').map(|(value, _)| value)
        };
        let test = format!("{} {}", attribute("classname").unwrap_or(""), attribute("name").unwrap_or(""));
        for line in case.lines() {
            // The first line printed follows the tag on the same line.
            let line = line.rsplit_once("<system-out>").map_or(line, |(_, printed)| printed);
            let line = line.rsplit_once("<system-err>").map_or(line, |(_, printed)| printed).trim();
            if line.starts_with(SKIPPED) {
                let line = line.split("</system").next().unwrap_or(line);
                let plain = line.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
                skipped.push(format!("{test}: {}", plain.replace("&amp;", "&")));
            }
        }
    }
    skipped
}

fn with_libtest(root: &Path, clients: &Clients) -> Result<Outcome> {
    let mut tests = cargo(root, &["test", "--workspace", "--profile", PROFILE, "--no-fail-fast"]);
    // Not the documentation: it has its own run.
    tests.args(["--lib", "--bins", "--tests", "--", "--show-output"]);
    tests.envs(clients.present.iter().map(|(name, program)| (name, program))).stdout(Stdio::piped());
    say(&format!("$ {}", line_of(&tests)));
    let (succeeded, skipped) = shown(tests)?;
    let verdict = if succeeded { Ok(()) } else { Err(anyhow::anyhow!("tests failed")) };
    Ok((verdict, skipped))
}

/// Shows what libtest prints, except what passing tests print, and gathers what was skipped.
fn shown(mut tests: Command) -> Result<(bool, Vec<String>)> {
    let mut child = tests.spawn().context("cargo test")?;
    let stdout = child.stdout.take().context("the tests' output")?;
    let mut filter = LibtestOutput::default();
    for line in BufReader::new(stdout).lines() {
        if let Some(line) = filter.next_line(&line?) {
            say(&line);
        }
    }
    Ok((child.wait()?.success(), filter.skipped))
}

/// Follows the sections of libtest's output with `--show-output`.
#[derive(Default)]
struct LibtestOutput {
    is_in_successes: bool,
    test: String,
    skipped: Vec<String>,
}

impl LibtestOutput {
    /// The line, if it is to be shown.
    fn next_line(&mut self, line: &str) -> Option<String> {
        match line {
            "successes:" => self.is_in_successes = true,
            "failures:" => self.is_in_successes = false,
            _ if line.starts_with("test result:") => self.is_in_successes = false,
            _ => {}
        }
        if let Some(test) = line.strip_prefix("---- ") {
            test.trim_end_matches(" stdout ----").clone_into(&mut self.test);
        }
        if line.trim().starts_with(SKIPPED) {
            self.skipped.push(format!("{}: {}", self.test, line.trim()));
        }
        if let Some(test) = line.strip_prefix("test ")
            && let Some((test, _)) = test.split_once(" ... ignored")
        {
            self.skipped.push(format!("{test} (ignored)"));
        }
        (!self.is_in_successes).then(|| line.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skipped_test_is_named_with_its_reason() {
        let xml = "<testcase name=\"opens_in_qgis\" classname=\"whitespot::clients\" time=\"0\">\n\
            <system-out>\nrunning 1 test\nskipped: no qgis_process &amp; no display\n</system-out></testcase>\n\
            <testcase name=\"other\" classname=\"a\"><system-err>skipped: no fibre</system-err></testcase>";
        assert_eq!(
            skipped_in_junit(xml),
            [
                "whitespot::clients opens_in_qgis: skipped: no qgis_process & no display",
                "a other: skipped: no fibre"
            ]
        );
    }

    #[test]
    fn what_passing_tests_print_is_not_shown_but_read() {
        let mut output = LibtestOutput::default();
        let lines = [
            "test a ... ok",
            "test b ... ignored",
            "",
            "successes:",
            "",
            "---- a stdout ----",
            "skipped: no GDAL",
            "noise",
            "test result: ok. 1 passed; 0 failed; 1 ignored",
        ];
        let shown: Vec<String> = lines.iter().filter_map(|line| output.next_line(line)).collect();
        assert_eq!(
            shown,
            ["test a ... ok", "test b ... ignored", "", "test result: ok. 1 passed; 0 failed; 1 ignored"]
        );
        assert_eq!(output.skipped, ["b (ignored)", "a: skipped: no GDAL"]);
    }
}
