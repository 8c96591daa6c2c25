//! The QGIS plugin's algorithms, run by `qgis_process`, give what the command line gives.

use crate::demo::{demo_results, program, root, run, whitespot};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// QGIS' command line. Debian's script passes it an option it does not know, so the program behind it is taken.
fn qgis_process() -> Option<PathBuf> {
    let script = program("WHITESPOT_QGIS_PROCESS", "qgis_process")?;
    let behind = script.with_file_name("qgis_process.bin");
    Some(if behind.is_file() { behind } else { script })
}

/// A home of its own where the plugin is enabled; `None`, said aloud, where QGIS is absent.
struct Qgis {
    home: tempfile::TempDir,
    program: PathBuf,
}

impl Qgis {
    fn with_plugin() -> Option<Qgis> {
        let Some(program) = qgis_process() else {
            println!("skipped: qgis_process is absent");
            return None;
        };
        let qgis = Qgis { home: tempfile::tempdir().unwrap(), program };
        qgis.install_zip();
        let (out, err, _) = run(qgis.command().args(["plugins", "enable", "whitespot"]));
        assert!(out.contains("whitespot") || err.contains("whitespot"), "{out}\n{err}");
        Some(qgis)
    }

    /// Unpacks the archive of `cargo xtask plugin` to where *Install from ZIP* unpacks it.
    fn install_zip(&self) {
        let archive = self.home.path().join("whitespot-qgis.zip");
        let python = |script: &std::ffi::OsStr, args: &[&std::ffi::OsStr]| {
            let mut command = Command::new("python3");
            let (_, err, is_ok) = run(command.arg(script).args(args));
            assert!(is_ok, "{err}");
        };
        python(root().join("qgis/make_zip.py").as_os_str(), &[archive.as_os_str()]);
        let plugins = self.home.path().join(".local/share/QGIS/QGIS3/profiles/default/python/plugins");
        std::fs::create_dir_all(&plugins).unwrap();
        let args = ["zipfile", "-e"].map(std::ffi::OsStr::new);
        python("-m".as_ref(), &[args[0], args[1], archive.as_os_str(), plugins.as_os_str()]);
        assert!(plugins.join("whitespot/metadata.txt").is_file());
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env("HOME", self.home.path())
            .env("XDG_RUNTIME_DIR", self.home.path())
            .env("QT_QPA_PLATFORM", "offscreen")
            .env("LC_ALL", "C.UTF-8")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("WHITESPOT_BINARY", assert_cmd::cargo::cargo_bin("whitespot"));
        command
    }

    /// Runs an algorithm; what it said, and whether it succeeded.
    fn run(&self, algorithm: &str, parameters: &[String]) -> (String, bool) {
        let (out, err, is_ok) =
            run(self.command().args(["run", &format!("whitespot:{algorithm}"), "--"]).args(parameters));
        (format!("{out}\n{err}"), is_ok)
    }
}

fn areas_csv(results: &Path) -> String {
    std::fs::read_to_string(results.join("public/areas.csv")).unwrap()
}

#[test]
fn an_analysis_file_gives_the_same_areas_as_the_command_line() {
    let Some(qgis) = Qgis::with_plugin() else { return };
    let out = qgis.home.path().join("results");
    let analysis = root().join("data/vasterbotten/whitespot.toml");
    let parameters = [format!("ANALYSIS={}", analysis.display()), format!("OUTPUT={}", out.display())];
    let (said, is_ok) = qgis.run("rungapanalysis", &parameters);
    assert!(is_ok, "{said}");
    assert_eq!(areas_csv(&out), areas_csv(demo_results()));
    // Progress and findings are in the log, and what was made is among the results.
    assert!(said.contains("Joining") && said.contains("settlements outside every area"), "{said}");
    assert!(said.contains("whitespot.gpkg|layername=areas"), "{said}");
}

#[test]
fn layers_of_a_project_give_the_same_areas_as_an_analysis_file_with_them() {
    let Some(qgis) = Qgis::with_plugin() else { return };
    let folder = qgis.home.path();
    let data = root().join("data/vasterbotten");
    let settlements = demo_results().join("internal/settlements.gpkg");
    let out = folder.join("by-layers");
    let parameters = [
        format!("SETTLEMENTS={}|layername=settlements", settlements.display()),
        "PERSONS=persons".to_string(),
        "HOUSEHOLDS=households".to_string(),
        format!("AREAS={}", data.join("municipalities.geojson").display()),
        "CODE=kommun_kod".to_string(),
        "NAME=kommun".to_string(),
        format!("COVERAGE={}", data.join("fibre.geojson").display()),
        "TECHNOLOGY=0".to_string(),
        "CRS=EPSG:3006".to_string(),
        format!("OUTPUT={}", out.display()),
    ];
    let (said, is_ok) = qgis.run("rungapanalysis", &parameters);
    assert!(is_ok, "{said}");
    let text = format!(
        "schema = 1\ncrs = \"EPSG:3006\"\nout = \"by-file\"\n\
         [settlements]\nfile = {settlements:?}\nlayer = \"settlements\"\n\
         columns = {{ persons = \"persons\", households = \"households\" }}\n\
         [areas]\nfile = {:?}\ncolumns = {{ code = \"kommun_kod\", name = \"kommun\" }}\n\
         [[coverage]]\nid = \"fibre\"\nfile = {:?}\ntechnology = \"fibre\"\n\
         [services]\nfibre = {{ any_of = [\"fibre\"] }}\n",
        data.join("municipalities.geojson"),
        data.join("fibre.geojson"),
    );
    std::fs::write(folder.join("whitespot.toml"), text).unwrap();
    let output = whitespot(folder, &["run"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let by_layers = areas_csv(&out);
    assert_eq!(by_layers, areas_csv(&folder.join("by-file")));
    assert!(by_layers.lines().count() > 15);
}

#[test]
fn checking_tells_every_problem_in_the_log_and_fails_on_errors() {
    let Some(qgis) = Qgis::with_plugin() else { return };
    let analysis = format!("ANALYSIS={}", root().join("data/vasterbotten/whitespot.toml").display());
    let (said, is_ok) = qgis.run("checkinputs", std::slice::from_ref(&analysis));
    assert!(is_ok && said.contains("ERRORS:"), "{said}");
    // A layer of the project takes the place of the file's own, whose columns it does not have.
    let settlements = demo_results().join("internal/settlements.gpkg");
    let layer = format!("SETTLEMENTS={}|layername=settlements", settlements.display());
    let (said, _) = qgis.run("checkinputs", &[analysis.clone(), layer.clone()]);
    assert!(
        said.contains("has no column") && said.contains("hint:") && !said.contains("ERRORS:\t0"),
        "{said}"
    );
    // With its own fields named it is read.
    let (said, is_ok) = qgis.run("checkinputs", &[analysis, layer, "PERSONS=persons".to_string()]);
    assert!(is_ok && said.contains("24 506 settlements"), "{said}");
}

#[test]
fn comparing_runs_tells_what_the_command_line_tells() {
    let Some(qgis) = Qgis::with_plugin() else { return };
    let folder = qgis.home.path();
    let config = root().join("data/vasterbotten/whitespot.toml");
    let after = folder.join("after");
    let snap = ["--set", "areas.snap_m=0", "--set", "outputs.settlements=false"];
    let args = ["run", "-q", "-c", config.to_str().unwrap(), "-o", after.to_str().unwrap()];
    assert!(whitespot(folder, &[&args[..], &snap].concat()).status.success());
    let out = folder.join("comparison.json");
    let parameters = [
        format!("BEFORE={}", demo_results().display()),
        format!("AFTER={}", after.display()),
        format!("OUTPUT={}", out.display()),
    ];
    let (said, is_ok) = qgis.run("compareruns", &parameters);
    assert!(is_ok, "{said}");
    let folders = [demo_results().to_str().unwrap(), after.to_str().unwrap()];
    let by_command = whitespot(folder, &["compare", folders[0], folders[1], "--format", "json"]);
    assert!(by_command.status.success());
    let written = std::fs::read_to_string(out).unwrap();
    assert_eq!(written.trim(), String::from_utf8(by_command.stdout).unwrap().trim());
    assert!(written.len() > 500, "{written}");
    // What is said in words is in the log.
    let words = whitespot(folder, &["compare", folders[0], folders[1]]);
    let words = String::from_utf8(words.stdout).unwrap();
    let line = words.lines().find(|l| l.len() > 20).unwrap();
    assert!(said.contains(line.trim()), "{line}\n{said}");
}
