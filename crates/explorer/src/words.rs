//! The texts of the page, by key.

use std::collections::BTreeMap;
use whitespot_model::config::Lang;

const SV: &str = include_str!("../i18n/sv.toml");
const EN: &str = include_str!("../i18n/en.toml");

/// All texts of a language; keys are `section.name`. Empty only where the texts are broken, which a test rules out.
pub(crate) fn words(lang: Lang) -> BTreeMap<String, String> {
    let source = match lang {
        Lang::Sv => SV,
        Lang::En => EN,
    };
    let sections: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(source).unwrap_or_default();
    sections
        .into_iter()
        .flat_map(|(section, texts)| {
            texts.into_iter().map(move |(name, text)| (format!("{section}.{name}"), text))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn both_languages_have_the_same_keys_and_places() {
        let (sv, en) = (words(Lang::Sv), words(Lang::En));
        assert!(sv.len() > 50);
        assert_eq!(sv.keys().collect::<Vec<_>>(), en.keys().collect::<Vec<_>>());
        let places = |text: &str| -> BTreeSet<String> {
            text.split('{').skip(1).filter_map(|s| Some(s.split_once('}')?.0.to_string())).collect()
        };
        for (key, text) in &sv {
            assert_eq!(places(text), places(&en[key]), "places of {key}");
            assert!(!text.trim().is_empty(), "{key} is empty");
        }
    }

    #[test]
    fn every_key_is_used_and_every_used_key_exists() {
        let words = words(Lang::En);
        let sections: BTreeSet<&str> = words.keys().filter_map(|k| Some(k.split_once('.')?.0)).collect();
        let mut used = BTreeSet::new();
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with("maplibre") || !(name.ends_with(".js") || name.ends_with(".html")) {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            // `{{page.skip}}` in the page, "page.skip" in the scripts.
            for piece in text.split(['"', '{', '}']) {
                let is_word = |s: &str| {
                    !s.is_empty()
                        && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
                };
                let parts = piece.split_once('.');
                if parts.is_some_and(|(a, b)| sections.contains(a) && is_word(b)) {
                    used.insert(piece.to_string());
                }
            }
        }
        let have: BTreeSet<String> = words.keys().cloned().collect();
        let missing: Vec<_> = used.difference(&have).collect();
        assert!(missing.is_empty(), "missing keys {missing:?}");
        let unused: Vec<_> = have.difference(&used).collect();
        assert!(unused.is_empty(), "unused keys {unused:?}");
    }
}
