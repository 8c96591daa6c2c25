//! Every sentence a finding can say has a Swedish one in `crates/model/i18n/findings.sv.toml`.

use crate::world::root;
use std::path::{Path, PathBuf};
use whitespot_model::{config::Lang, wording::is_translated};

/// Sentences that may lack one: those of the newest code. Lower it as they are translated.
const MOST_UNTRANSLATED: usize = 10;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !matches!(name.as_str(), "tests" | "benches" | "examples" | "testkit") {
                sources(&path, found);
            }
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.push(path);
        }
    }
}

/// The text between a parenthesis and its partner.
fn balanced(text: &str) -> &str {
    let (mut depth, mut in_text, mut escaped) = (0, false, false);
    for (i, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            '(' if !in_text => depth += 1,
            ')' if !in_text => {
                depth -= 1;
                if depth == 0 {
                    return &text[..i];
                }
            }
            _ => {}
        }
    }
    text
}

/// The string literals of a piece of code, unescaped.
fn literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '"' {
            continue;
        }
        let mut text = String::new();
        while let Some(c) = chars.next() {
            match c {
                '"' => break,
                '\\' => match chars.next() {
                    Some('\n') => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                    Some('n') => text.push('\n'),
                    Some(other) => text.push(other),
                    None => {}
                },
                other => text.push(other),
            }
        }
        found.push(text);
    }
    found
}

/// As the text is written out: holes stay, doubled braces are single.
fn template(literal: &str) -> String {
    let mut text = String::new();
    let mut rest = literal;
    let mut n = 0_u8;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        let after = &rest[at + 1..];
        if after.starts_with(brace) {
            text.push_str(brace);
            rest = &after[1..];
        } else {
            let end = after.find('}').map_or(after.len(), |i| i + 1);
            text.push_str(&format!("{{{}}}", char::from(b'a' + n)));
            n += 1;
            rest = &after[end..];
        }
    }
    text + rest
}

#[test]
fn every_sentence_of_a_finding_has_a_swedish_one() {
    let mut files = Vec::new();
    sources(&root().join("crates"), &mut files);
    files.sort();
    let mut untranslated = Vec::new();
    let mut n_all = 0;
    for file in files {
        let code = std::fs::read_to_string(&file).unwrap();
        let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap_or("");
        let mut markers =
            vec!["Finding::error(", "Finding::warning(", "Finding::note(", ".with_hint(", ".with_evidence("];
        // What these two refuse is told as a finding in its own words.
        if file.ends_with("need/src/error.rs") || file.ends_with("funding/src/error.rs") {
            markers.push("#[error(");
        }
        for marker in markers {
            for (at, _) in code.match_indices(marker) {
                for literal in literals(balanced(&code[at + marker.len() - 1..])) {
                    let is_name =
                        literal.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit());
                    let letters = template(&literal).chars().filter(|c| c.is_alphabetic()).count();
                    if is_name || letters < 8 {
                        continue;
                    }
                    n_all += 1;
                    if !is_translated(&template(&literal), Lang::Sv) {
                        untranslated
                            .push(format!("{}: {literal}", file.strip_prefix(root()).unwrap().display()));
                    }
                }
            }
        }
    }
    assert!(n_all > 100, "{n_all}");
    println!("{} of {n_all} sentences have no Swedish one:\n{}", untranslated.len(), untranslated.join("\n"));
    assert!(
        untranslated.len() <= MOST_UNTRANSLATED,
        "add these to crates/model/i18n/findings.sv.toml:\n{}",
        untranslated.join("\n")
    );
}
