//! The texts of a language, by key.

use crate::ReportError;
use std::collections::BTreeMap;
use whitespot_model::config::Lang;

const SV: &str = include_str!("../i18n/sv.toml");
const EN: &str = include_str!("../i18n/en.toml");

/// All texts of one language. Keys are `section.name`; a text may hold `{places}` to fill.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    texts: BTreeMap<String, String>,
}

impl Words {
    /// Reads the texts of a language.
    pub(crate) fn of(lang: Lang) -> Result<Words, ReportError> {
        let source = match lang {
            Lang::Sv => SV,
            Lang::En => EN,
        };
        let broken = |reason: String| ReportError::Words { lang: lang.code(), reason };
        let sections: BTreeMap<String, BTreeMap<String, String>> =
            toml::from_str(source).map_err(|e| broken(e.to_string()))?;
        let texts = sections
            .into_iter()
            .flat_map(|(section, texts)| {
                texts.into_iter().map(move |(name, text)| (format!("{section}.{name}"), text))
            })
            .collect();
        Ok(Words { texts })
    }

    /// The text of a key; `None` where no such key is.
    pub(crate) fn find(&self, key: &str) -> Option<&str> {
        self.texts.get(key).map(String::as_str)
    }

    /// The text of a key; the key itself where it is missing, which a test rules out.
    pub(crate) fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.find(key).unwrap_or(key)
    }

    /// The text of a key with its `{places}` filled.
    pub(crate) fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        fill(self.get(key), values)
    }

    /// Text for one or for several things: `KEY_one` for 1, else `KEY_many`, with `{n}` filled.
    pub(crate) fn count(&self, key: &str, n: u64, written: &str) -> String {
        let ending = if n == 1 { "one" } else { "many" };
        self.fill(&format!("{key}_{ending}"), &[("n", written)])
    }
}

/// Fills `{places}` in one pass, so that a value which looks like a place stays as it is.
pub(crate) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (before, from_brace) = rest.split_at(start);
        filled.push_str(before);
        let place = from_brace.find('}').map(|end| (&from_brace[1..end], end + 1));
        match place.and_then(|(name, end)| Some((values.iter().find(|v| v.0 == name)?.1, end))) {
            Some((value, end)) => {
                filled.push_str(value);
                rest = &from_brace[end..];
            }
            None => {
                filled.push('{');
                rest = &from_brace[1..];
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, fs, path::Path};

    #[test]
    fn a_value_that_looks_like_a_place_is_not_filled_again() {
        assert_eq!(fill("{a} of {b}", &[("a", "{b}"), ("b", "9")]), "{b} of 9");
        assert_eq!(fill("{a", &[("a", "1")]), "{a");
        assert_eq!(fill("{unknown} {a}", &[("a", "1")]), "{unknown} 1");
    }

    #[test]
    fn both_languages_have_the_same_keys_and_places() {
        let (sv, en) = (Words::of(Lang::Sv).unwrap(), Words::of(Lang::En).unwrap());
        let keys = |w: &Words| w.texts.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(
            keys(&sv).symmetric_difference(&keys(&en)).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "keys of one language only"
        );
        for (key, text) in &sv.texts {
            assert_eq!(places(text), places(en.get(key)), "places of {key}");
            assert!(!text.trim().is_empty() && !en.get(key).trim().is_empty(), "{key} is empty");
        }
    }

    #[test]
    fn every_key_is_used_and_every_used_key_exists() {
        let words = Words::of(Lang::En).unwrap();
        let mut used = BTreeSet::new();
        for folder in ["src", "templates"] {
            collect_keys(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &words, &mut used);
        }
        let have: BTreeSet<String> = words.texts.keys().cloned().collect();
        assert_eq!(used.difference(&have).collect::<Vec<_>>(), Vec::<&String>::new(), "missing keys");
        assert_eq!(have.difference(&used).collect::<Vec<_>>(), Vec::<&String>::new(), "unused keys");
    }

    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|s| s.split_once('}')).map(|s| s.0).collect()
    }

    /// Collects the quoted texts of the form `section.name` whose section exists; `count(` keys stand for both
    /// of their endings.
    fn collect_keys(folder: &Path, words: &Words, used: &mut BTreeSet<String>) {
        let sections: BTreeSet<&str> = words.texts.keys().filter_map(|k| k.split('.').next()).collect();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect_keys(&path, words, used);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for quoted in text.split('"') {
                let Some((section, name)) = quoted.split_once('.') else { continue };
                let is_name = |s: &str| {
                    !s.is_empty()
                        && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
                };
                if !(sections.contains(section) && is_name(name)) || matches!(name, "html" | "csv") {
                    continue;
                }
                if words.find(&format!("{quoted}_one")).is_some() {
                    used.extend([format!("{quoted}_one"), format!("{quoted}_many")]);
                } else {
                    used.insert(quoted.to_string());
                }
            }
        }
    }
}
