//! The real clients that tests open our files with: GDAL, QGIS and a browser.

use crate::command::{find_program, run};
use crate::say;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program that tests use where it is present.
struct Client {
    /// Shown in the summary.
    name: &'static str,
    /// Any of these on `PATH` will do.
    programs: &'static [&'static str],
    /// Debian packages that bring it.
    packages: &'static [&'static str],
    /// Variable that tells tests where it is.
    variable: &'static str,
}

const CLIENTS: [Client; 4] = [
    Client { name: "GDAL", programs: &["ogrinfo"], packages: &["gdal-bin"], variable: "WHITESPOT_OGRINFO" },
    Client {
        name: "QGIS",
        programs: &["qgis_process"],
        packages: &["qgis", "python3-qgis"],
        variable: "WHITESPOT_QGIS_PROCESS",
    },
    Client {
        name: "PostgreSQL with PostGIS",
        programs: &["shp2pgsql"],
        packages: &["postgresql", "postgresql-postgis", "postgis"],
        variable: "WHITESPOT_SHP2PGSQL",
    },
    Client {
        name: "Chromium",
        programs: &["chromium", "chromium-browser", "google-chrome"],
        packages: &["chromium"],
        variable: "WHITESPOT_CHROMIUM",
    },
];

/// What is on this machine.
pub(crate) struct Clients {
    /// Variable and program, for the tests' environment.
    pub(crate) present: Vec<(&'static str, PathBuf)>,
    /// A line per client, for the summary.
    pub(crate) summary: Vec<String>,
}

/// Installs what is missing where that is possible (root, apt-get), and tells what there is.
///
/// Never fails: without a client its tests skip, and say so.
pub(crate) fn install_clients(root: &Path) -> Clients {
    let missing: Vec<&Client> = CLIENTS.iter().filter(|client| client.program().is_none()).collect();
    if !missing.is_empty() {
        let packages: Vec<&str> = missing.iter().flat_map(|client| client.packages).copied().collect();
        if !is_root() || find_program("apt-get").is_none() {
            say(&format!("not installing {}: needs root and apt-get", packages.join(", ")));
        } else if let Err(error) = install(&packages) {
            say(&format!("could not install {}: {error}", packages.join(", ")));
        }
    }
    let mut clients = Clients { present: Vec::new(), summary: Vec::new() };
    for client in &CLIENTS {
        match client.program() {
            Some(program) => {
                clients.summary.push(format!("{}: {}", client.name, program.display()));
                clients.present.push((client.variable, program));
            }
            None => clients.summary.push(format!("{}: absent, its tests skip", client.name)),
        }
    }
    match browser_modules(root) {
        Ok(modules) => {
            clients.summary.push(format!("playwright-core and axe-core: {}", modules.display()));
            clients.present.push(("WHITESPOT_NODE_MODULES", modules));
        }
        Err(why) => {
            clients.summary.push(format!("playwright-core and axe-core: absent ({why}), browser tests skip"));
        }
    }
    match frictionless(root) {
        Ok(program) => {
            clients.summary.push(format!("frictionless: {}", program.display()));
            clients.present.push(("WHITESPOT_FRICTIONLESS", program));
        }
        Err(why) => clients.summary.push(format!("frictionless: absent ({why}), its test skips")),
    }
    clients
}

impl Client {
    fn program(&self) -> Option<PathBuf> {
        self.programs.iter().find_map(|name| find_program(name))
    }
}

/// The folder with the packages that `tests/browser/package.json` names, installed from npm where they are not there;
/// they drive the Chromium that is installed, and bring none.
fn browser_modules(root: &Path) -> anyhow::Result<PathBuf> {
    let wanted = root.join("tests/browser/package.json");
    let folder = root.join("target/browser-tests");
    let modules = folder.join("node_modules");
    let there = folder.join("package.json");
    let is_current = std::fs::read(&there).ok() == std::fs::read(&wanted).ok() && modules.is_dir();
    if !is_current {
        anyhow::ensure!(find_program("npm").is_some(), "no npm");
        std::fs::create_dir_all(&folder)?;
        std::fs::copy(&wanted, &there)?;
        let mut npm = Command::new("timeout");
        npm.args([INSTALL_SECONDS, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"])
            .args(["--no-package-lock", "--loglevel=error"])
            .current_dir(&folder)
            .stdin(std::process::Stdio::null());
        if let Err(error) = run(npm) {
            let _ = std::fs::remove_file(&there);
            return Err(error);
        }
    }
    Ok(folder)
}

/// The validator of data packages, from PyPI into a virtual environment of its own where it is not there.
fn frictionless(root: &Path) -> anyhow::Result<PathBuf> {
    let folder = root.join("target/frictionless");
    let program = folder.join("bin/frictionless");
    if !program.is_file() {
        let Some(python) = find_program("python3") else { anyhow::bail!("no python3") };
        let mut make = Command::new(python);
        make.args(["-m", "venv"]).arg(&folder);
        run(make)?;
        let mut pip = Command::new("timeout");
        pip.arg(INSTALL_SECONDS)
            .arg(folder.join("bin/pip"))
            .args(["install", "-q", "--disable-pip-version-check", FRICTIONLESS])
            .stdin(std::process::Stdio::null());
        run(pip)?;
    }
    anyhow::ensure!(program.is_file(), "it was not installed");
    Ok(program)
}

/// As it was when the metadata were written against it.
const FRICTIONLESS: &str = "frictionless>=5.18,<6";

/// Seconds before an installation is given up: an unreachable mirror must not hold up the tests.
const INSTALL_SECONDS: &str = "600";

fn install(packages: &[&str]) -> anyhow::Result<()> {
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("timeout");
        command
            .args([INSTALL_SECONDS, "apt-get", "-q", "-y", "-o", "Acquire::Retries=1"])
            .args(["-o", "Acquire::http::Timeout=20", "-o", "Acquire::https::Timeout=20"])
            .args(["-o", "Dpkg::Use-Pty=0"])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(std::process::Stdio::null());
        run(command)
    };
    apt(&["update"])?;
    apt(&[&["install", "--no-install-recommends"], packages].concat())
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
