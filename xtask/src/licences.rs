//! Licences and banned packages, by the lists of `deny.toml`.

use crate::command::{cargo, output_of};
use crate::say;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The part of `deny.toml` that is checked here.
#[derive(Deserialize)]
struct Deny {
    licenses: Licences,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Banned>,
}

#[derive(Deserialize)]
struct Banned {
    #[serde(rename = "crate")]
    name: String,
}

/// A package that is built for this machine.
struct Package {
    name: String,
    version: String,
    licence: String,
    /// Path or address in parentheses; empty for the crate registry.
    origin: String,
}

/// Checks every package that a build of the workspace compiles on this machine, tests included.
///
/// `cargo tree` is asked, not `cargo metadata`: the latter also lists packages that no enabled feature uses.
///
/// # Errors
/// Names every package with a licence that is not allowed, a ban, or a source other than the registry.
pub(crate) fn check_licences(root: &Path) -> Result<()> {
    let deny = std::fs::read_to_string(root.join("deny.toml")).context("deny.toml")?;
    let deny: Deny = toml::from_str(&deny).context("deny.toml")?;
    let packages = built_packages(root)?;
    let problems: Vec<String> =
        packages.iter().filter_map(|package| problem_with(package, &deny, root)).collect();
    let mut versions: BTreeMap<&str, usize> = BTreeMap::new();
    packages.iter().for_each(|package| *versions.entry(&package.name).or_default() += 1);
    let twice: Vec<&str> = versions.iter().filter(|(_, n)| **n > 1).map(|(name, _)| *name).collect();
    say(&format!(
        "{} packages, {} of them in more than one version: {}",
        packages.len(),
        twice.len(),
        twice.join(" ")
    ));
    if !problems.is_empty() {
        bail!("deny.toml does not allow:\n  {}", problems.join("\n  "));
    }
    Ok(())
}

fn built_packages(root: &Path) -> Result<Vec<Package>> {
    let arguments = [
        "tree",
        "--workspace",
        "--locked",
        "--edges",
        "normal,build,dev",
        "--prefix",
        "none",
        "--format",
        "{p}\t{l}",
    ];
    let tree = output_of(cargo(root, &arguments))?;
    let lines: BTreeSet<&str> = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    Ok(lines.into_iter().filter_map(package_of).collect())
}

/// A line such as `name v1.0.0 (proc-macro) (/path)<tab>MIT`.
fn package_of(line: &str) -> Option<Package> {
    let (package, licence) = line.split_once('\t')?;
    let mut words = package.splitn(3, ' ');
    let (name, version) = (words.next()?, words.next()?);
    let origin = words.next().unwrap_or("").replace("(proc-macro)", "");
    Some(Package {
        name: name.to_owned(),
        version: version.to_owned(),
        licence: licence.trim().to_owned(),
        origin: origin.trim().trim_matches(['(', ')']).to_owned(),
    })
}

fn problem_with(package: &Package, deny: &Deny, root: &Path) -> Option<String> {
    let Package { name, version, licence, origin } = package;
    if deny.bans.deny.iter().any(|banned| banned.name == *name) {
        return Some(format!("{name} {version}: banned"));
    }
    if !origin.is_empty() && !Path::new(origin).starts_with(root) {
        return Some(format!("{name} {version}: comes from {origin}"));
    }
    if !is_allowed(licence, &deny.licenses.allow) {
        return Some(format!("{name} {version}: licence `{licence}`"));
    }
    None
}

/// Whether a licence expression (SPDX, or the old `A/B`) can be satisfied with allowed licences: one branch of
/// every OR, both sides of every AND. An empty or unreadable expression is not allowed.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Expression { words: &words, allowed };
    reader.any_of() == Some(true) && reader.words.is_empty()
}

/// Reads an expression from left to right; `None` where it makes no sense.
struct Expression<'a> {
    words: &'a [&'a str],
    allowed: &'a BTreeSet<String>,
}

impl Expression<'_> {
    fn any_of(&mut self) -> Option<bool> {
        let mut is_allowed = self.all_of()?;
        while self.take("OR") {
            is_allowed |= self.all_of()?;
        }
        Some(is_allowed)
    }

    fn all_of(&mut self) -> Option<bool> {
        let mut is_allowed = self.licence()?;
        while self.take("AND") {
            is_allowed &= self.licence()?;
        }
        Some(is_allowed)
    }

    fn licence(&mut self) -> Option<bool> {
        if self.take("(") {
            let inner = self.any_of()?;
            return self.take(")").then_some(inner);
        }
        let (name, rest) = self.words.split_first()?;
        self.words = rest;
        if self.take("WITH") {
            let (exception, rest) = self.words.split_first()?;
            self.words = rest;
            return Some(self.allowed.contains(&format!("{name} WITH {exception}")));
        }
        Some(self.allowed.contains(*name))
    }

    fn take(&mut self, word: &str) -> bool {
        let is_next = self.words.first() == Some(&word);
        if is_next {
            self.words = &self.words[1..];
        }
        is_next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(expression: &str) -> bool {
        is_allowed(expression, &["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into())
    }

    #[test]
    fn one_branch_of_a_choice_is_enough_and_every_part_of_a_conjunction_is_needed() {
        for expression in ["MIT", "GPL-3.0 OR MIT", "GPL-3.0/MIT", "MIT AND ISC", "(GPL-3.0 OR MIT) AND ISC"]
        {
            assert!(allows(expression), "{expression}");
        }
        for expression in ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND GPL-3.0", "GPL-3.0 OR GPL-2.0"] {
            assert!(!allows(expression), "{expression}");
        }
    }

    #[test]
    fn an_exception_is_a_licence_of_its_own() {
        assert!(allows("Apache-2.0 WITH LLVM-exception"));
        assert!(!allows("Apache-2.0"));
        assert!(!allows("MIT WITH LLVM-exception"));
    }

    #[test]
    fn an_unreadable_licence_is_not_allowed() {
        for expression in ["", "MIT OR", "(MIT", "MIT ISC", "OR", ") MIT"] {
            assert!(!allows(expression), "{expression}");
        }
    }

    #[test]
    fn banned_packages_and_foreign_sources_are_named() {
        let deny: Deny =
            toml::from_str("[licenses]\nallow = [\"MIT\"]\n[bans]\ndeny = [{ crate = \"reqwest\" }]")
                .unwrap();
        let problem = |line: &str| problem_with(&package_of(line).unwrap(), &deny, Path::new("/repo"));
        assert_eq!(problem("serde v1.0.0\tMIT"), None);
        assert_eq!(problem("whitespot-io v0.1.0 (/repo/crates/io)\tMIT"), None);
        assert_eq!(problem("derive v1.0.0 (proc-macro)\tMIT"), None);
        assert!(problem("reqwest v0.12.0\tMIT").unwrap().contains("banned"));
        assert!(problem("fork v0.1.0 (https://example.org/fork#abc)\tMIT").unwrap().contains("example.org"));
        assert!(problem("copyleft v1.0.0\tGPL-3.0-only").unwrap().contains("GPL"));
    }
}
