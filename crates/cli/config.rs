//! Reading the analysis file: `--set`, unknown keys with "did you mean", places in messages.

use crate::failure::Failure;
use std::path::{Path, PathBuf};
use whitespot_model::{config::Analysis, finding::Finding};

/// An analysis file that has been read.
#[derive(Debug)]
pub(crate) struct AnalysisFile {
    /// What it says, `--set` included.
    pub(crate) analysis: Analysis,
    /// Folder that its paths are relative to.
    pub(crate) base: PathBuf,
}

/// Reads an analysis file and applies `KEY=VALUE` overrides, whose values are TOML or bare text.
pub(crate) fn read(file: &Path, overrides: &[String]) -> Result<AnalysisFile, Failure> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|e| {
        let finding = match e.kind() {
            std::io::ErrorKind::NotFound => {
                Finding::error("missing_file", &name, format!("there is no analysis file `{name}`"))
                    .with_hint("`whitespot init` writes one; `-c FILE` names another")
            }
            std::io::ErrorKind::InvalidData => {
                Finding::error("not_utf8", &name, format!("`{name}` is not UTF-8 text"))
                    .with_hint("save it as UTF-8")
            }
            _ => Finding::error("unreadable_file", &name, format!("cannot read `{name}`: {e}")),
        };
        Failure::Findings(vec![finding])
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let analysis: Analysis =
        toml::from_str(text).map_err(|e| Failure::Findings(vec![finding_of(&name, text, &e)]))?;
    let analysis = if overrides.is_empty() { analysis } else { override_keys(&name, text, overrides)? };
    if analysis.schema != 1 {
        return Err(Failure::Findings(vec![
            Finding::error(
                "unknown_schema",
                &name,
                format!("`{name}` has schema {}, this whitespot reads schema 1", analysis.schema),
            )
            .with_hint("set `schema = 1`, or use the whitespot the file was written for"),
        ]));
    }
    let analysis = keep_passwords_apart(analysis)?;
    let base = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(AnalysisFile { analysis, base: base.to_path_buf() })
}

/// Takes the passwords out of addresses of databases, wherever they stand, so that no message, manifest or stored
/// analysis can show them; they are used when the address is.
fn keep_passwords_apart(analysis: Analysis) -> Result<Analysis, Failure> {
    fn walk(value: &mut toml::Value) -> bool {
        match value {
            toml::Value::String(text) if whitespot_io::is_database(Path::new(text)) => {
                let shown = whitespot_io::without_password(text);
                let had_one = shown != *text;
                whitespot_io::keep_password(text);
                *text = shown;
                had_one
            }
            // Every one is walked, whatever those before held.
            toml::Value::Array(items) => {
                items.iter_mut().filter_map(|item| walk(item).then_some(())).count() > 0
            }
            toml::Value::Table(table) => {
                table.iter_mut().filter_map(|(_, item)| walk(item).then_some(())).count() > 0
            }
            _ => false,
        }
    }
    let table = toml::Table::try_from(&analysis).map_err(anyhow::Error::from)?;
    let mut value = toml::Value::Table(table);
    match (walk(&mut value), value) {
        (true, toml::Value::Table(table)) => {
            Analysis::deserialize_table(table).map_err(|e| anyhow::Error::from(e).into())
        }
        _ => Ok(analysis),
    }
}

impl AnalysisFile {
    /// The results folder that the analysis file names, as one would type it: no `./` in front of it.
    pub(crate) fn results_folder(&self) -> PathBuf {
        let folder = self.base.join(&self.analysis.out);
        folder.strip_prefix(".").map(Path::to_path_buf).unwrap_or(folder)
    }
}

/// Applies `--set` to the file's keys and reads the whole again.
fn override_keys(name: &str, text: &str, overrides: &[String]) -> Result<Analysis, Failure> {
    let fail = |message: String, hint: &str| {
        Failure::Findings(vec![Finding::error("bad_override", name, message).with_hint(hint)])
    };
    let mut table: toml::Table =
        toml::from_str(text).map_err(|e| Failure::Findings(vec![finding_of(name, text, &e)]))?;
    set_keys(&mut table, overrides).map_err(|mut finding| {
        finding.file = name.to_string();
        Failure::Findings(vec![finding])
    })?;
    Analysis::deserialize_table(table).map_err(|e| {
        let message = format!("`{name}` with {} is not valid: {}", overrides.join(", "), e.message());
        fail(message, &suggestion(e.message()).unwrap_or_else(|| "check the key and its value".to_string()))
    })
}

/// Applies `KEY=VALUE` items to a table; values are TOML or bare text.
///
/// # Errors
/// A finding that names the item.
pub(crate) fn set_keys(table: &mut toml::Table, items: &[String]) -> Result<(), Finding> {
    let fail = |message: String, hint: &str| Finding::error("bad_override", "", message).with_hint(hint);
    for item in items {
        let Some((key, value)) = item.split_once('=') else {
            return Err(fail(format!("`--set {item}` has no `=`"), "write `--set key=value`"));
        };
        let value = toml::from_str::<toml::Table>(&format!("v = {value}"))
            .ok()
            .and_then(|mut t| t.remove("v"))
            .unwrap_or_else(|| toml::Value::String(value.to_string()));
        let path: Vec<&str> = key.trim().split('.').collect();
        set_key(table, &path, value).map_err(|what| {
            fail(
                format!("`--set {item}`: {what}"),
                "name the key as it stands in the analysis file, parts joined by dots",
            )
        })?;
    }
    Ok(())
}

/// Sets one key; an element of a list of tables is named by its `name` or `id`.
fn set_key(table: &mut toml::Table, path: &[&str], value: toml::Value) -> Result<(), String> {
    let [key, rest @ ..] = path else { return Err("the key is empty".to_string()) };
    if rest.is_empty() {
        table.insert((*key).to_string(), value);
        return Ok(());
    }
    let child = table.entry((*key).to_string()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
    match child {
        toml::Value::Table(t) => set_key(t, rest, value),
        toml::Value::Array(items) => {
            let [wanted, rest @ ..] = rest else { return Err(format!("`{key}` is a list")) };
            let mut names = Vec::new();
            for item in items.iter_mut().filter_map(toml::Value::as_table_mut) {
                let item_name = ["name", "id"]
                    .iter()
                    .find_map(|k| item.get(*k))
                    .and_then(toml::Value::as_str)
                    .unwrap_or("");
                if item_name == *wanted {
                    return set_key(item, rest, value);
                }
                names.push(item_name.to_string());
            }
            Err(format!("`{key}` has no `{wanted}`; {}", whitespot_load::suggest::hint(wanted, &names)))
        }
        _ => Err(format!("`{key}` is a single value and has no `{}`", rest[0])),
    }
}

/// Reads the analysis from a table of values.
trait DeserializeTable: Sized {
    fn deserialize_table(table: toml::Table) -> Result<Self, toml::de::Error>;
}

impl DeserializeTable for Analysis {
    fn deserialize_table(table: toml::Table) -> Result<Analysis, toml::de::Error> {
        toml::Value::Table(table).try_into()
    }
}

/// The parser's error with line, caret and a suggestion.
fn finding_of(name: &str, text: &str, error: &toml::de::Error) -> Finding {
    let place = error.span().map(|span| place_of(text, span.start));
    let at = place.map_or(String::new(), |(line, column)| format!(" line {line}, column {column}"));
    let mut finding =
        Finding::error("invalid_config", name, format!("`{name}`{at}: {}", what_is_wrong(error.message())));
    if let (Some(span), Some((line, column))) = (error.span(), place) {
        let source_line = text.lines().nth(line - 1).unwrap_or("");
        let width = text.get(span).map_or(1, |t| t.lines().next().unwrap_or("").chars().count()).max(1);
        let pointer = format!("{}{}", " ".repeat(column - 1), "^".repeat(width.min(60)));
        finding = finding
            .with_evidence(format!("{line:>4} | {source_line}"))
            .with_evidence(format!("     | {pointer}"));
    }
    match suggestion(error.message()) {
        Some(hint) => finding.with_hint(hint),
        None => finding,
    }
}

/// The parser's first line, without the list of what it expected: the hint gives that.
fn what_is_wrong(message: &str) -> String {
    let line = message.lines().next().unwrap_or(message);
    let line =
        if suggestion(message).is_some() { line.split(", expected").next().unwrap_or(line) } else { line };
    line.replace("unknown field", "unknown key").replace("unknown variant", "unknown value")
}

/// Line and column, both from 1, of a byte offset.
fn place_of(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..offset.min(text.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

/// Turns "unknown field `a`, expected one of `b`, `c`" into "did you mean `b`?".
fn suggestion(message: &str) -> Option<String> {
    let (unknown, expected) = message
        .split_once("unknown field ")
        .or_else(|| message.split_once("unknown variant "))?
        .1
        .split_once(", ")?;
    let unknown = unknown.trim().trim_matches('`');
    let names: Vec<String> = expected.split('`').skip(1).step_by(2).map(str::to_string).collect();
    Some(whitespot_load::suggest::hint(unknown, &names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_from_one_in_characters() {
        assert_eq!(place_of("å = 1\nb = 2", "å = 1\nb".len()), (2, 2));
        assert_eq!(place_of("a", 0), (1, 1));
    }

    #[test]
    fn an_unknown_key_suggests_the_nearest() {
        let hint = suggestion("unknown field `wieght`, expected one of `weight`, `id`").unwrap();
        assert!(hint.starts_with("did you mean `weight`?"), "{hint}");
    }

    #[test]
    fn a_key_of_a_named_scenario_can_be_set() {
        let mut table: toml::Table =
            toml::from_str("[[scenario]]\nname = 'a'\nbudget = 1\n[[scenario]]\nname = 'b'\nbudget = 1")
                .unwrap();
        set_key(&mut table, &["scenario", "b", "budget"], toml::Value::Integer(9)).unwrap();
        assert_eq!(table["scenario"][1]["budget"].as_integer(), Some(9));
        assert_eq!(table["scenario"][0]["budget"].as_integer(), Some(1));
        assert!(set_key(&mut table, &["scenario", "c", "budget"], toml::Value::Integer(9)).is_err());
    }
}
