//! Findings in other languages.
//!
//! The code writes English; `i18n/findings.sv.toml` holds each sentence with holes for what it fills in, and its
//! Swedish. A text is looked up by its shape, and what stood in the holes is looked up too, so that a reason within a
//! sentence is translated with it. What has no entry stays English: a message in the wrong language is better than
//! none. A finding is translated where it is shown; machines and `run.json` get the English one.

mod inflect;

use crate::{config::Lang, finding::Finding};
use std::{borrow::Cow, collections::BTreeMap, sync::OnceLock};

const SWEDISH: &str = include_str!("../i18n/findings.sv.toml");

/// How deep reasons stand within reasons.
const DEEPEST: usize = 4;

impl Finding {
    /// The finding with its texts in a language; codes, files, examples and numbers stay.
    pub fn in_lang(&self, lang: Lang) -> Cow<'_, Finding> {
        let text = |t: &String| in_lang(t, lang).into_owned();
        Cow::Owned(Finding {
            message: text(&self.message),
            evidence: self.evidence.iter().map(text).collect(),
            hint: self.hint.as_ref().map(text),
            ..self.clone()
        })
    }
}

/// A text of the code in a language; the text itself where there is no translation. One of something is told of
/// one: "1 row has".
pub fn in_lang(text: &str, lang: Lang) -> Cow<'_, str> {
    match lang {
        Lang::En => inflect::of_one(text, Lang::En),
        // What has no translation stays English, and is told of one as English is.
        Lang::Sv => match translate(text, catalogue(), 0) {
            Some(swedish) => Cow::Owned(inflect::of_one(&swedish, Lang::Sv).into_owned()),
            None => inflect::of_one(text, Lang::En),
        },
    }
}

/// Whether a text of the code, with any `{…}` for what it fills in, has a translation.
pub fn is_translated(template: &str, lang: Lang) -> bool {
    let shape = shape_of(template);
    lang == Lang::En || catalogue().iter().any(|e| shape_of(&e.english) == shape)
}

/// The text without what stands in its holes.
fn shape_of(template: &str) -> String {
    let mut shape = String::new();
    let mut rest = template;
    while let Some((head, tail)) = split_hole(rest) {
        shape.push_str(head);
        shape.push('\u{0}');
        rest = tail.1;
    }
    shape + rest
}

/// One sentence in both languages.
struct Entry {
    english: String,
    /// Literal pieces around the holes.
    pieces: Vec<String>,
    /// Names of the holes in the order of the English.
    holes: Vec<String>,
    translated: String,
}

fn catalogue() -> &'static [Entry] {
    static CATALOGUE: OnceLock<Vec<Entry>> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let texts: BTreeMap<String, String> = toml::from_str(SWEDISH).unwrap_or_default();
        let mut entries: Vec<Entry> = texts.into_iter().map(|(en, sv)| Entry::new(en, sv)).collect();
        // The entry with most letters of its own fits best.
        entries.sort_by_key(|e| std::cmp::Reverse(e.pieces.iter().map(String::len).sum::<usize>()));
        entries
    })
}

/// The text before the first hole `{x}` of one lower-case letter or a name, the hole, and the text after it.
fn split_hole(text: &str) -> Option<(&str, (&str, &str))> {
    let mut from = 0;
    while let Some(open) = text[from..].find('{').map(|i| from + i) {
        let close = text[open..].find('}').map(|i| open + i)?;
        let name = &text[open + 1..close];
        if !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit())
        {
            return Some((&text[..open], (name, &text[close + 1..])));
        }
        from = open + 1;
    }
    None
}

impl Entry {
    fn new(english: String, translated: String) -> Entry {
        let (mut pieces, mut holes) = (Vec::new(), Vec::new());
        let mut rest = english.as_str();
        while let Some((head, (name, tail))) = split_hole(rest) {
            pieces.push(head.to_string());
            holes.push(name.to_string());
            rest = tail;
        }
        pieces.push(rest.to_string());
        Entry { pieces, holes, translated, english }
    }

    /// What stands in the holes, if the text has the shape.
    fn fits<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let mut found = Vec::with_capacity(self.holes.len());
        let rest = text.strip_prefix(self.pieces[0].as_str())?;
        fill(&self.pieces[1..], rest, &mut found).then_some(found)
    }
}

/// Finds the pieces one after the other, the last one at the end; tries later places where an earlier one fails.
fn fill<'t>(pieces: &[String], rest: &'t str, found: &mut Vec<&'t str>) -> bool {
    let [piece, later @ ..] = pieces else { return rest.is_empty() };
    if later.is_empty() {
        return match rest.strip_suffix(piece.as_str()) {
            Some(hole) => {
                found.push(hole);
                true
            }
            None => false,
        };
    }
    let mut from = 0;
    while let Some(at) = rest[from..].find(piece.as_str()).map(|i| from + i) {
        found.push(&rest[..at]);
        if fill(later, &rest[at + piece.len()..], found) {
            return true;
        }
        found.pop();
        match rest[at..].chars().next() {
            Some(c) if !piece.is_empty() => from = at + c.len_utf8(),
            _ => return false,
        }
    }
    false
}

fn translate(text: &str, catalogue: &[Entry], depth: usize) -> Option<String> {
    let (entry, found) = catalogue.iter().find_map(|e| e.fits(text).map(|found| (e, found)))?;
    let mut result = String::with_capacity(text.len() + 16);
    let mut rest = entry.translated.as_str();
    while let Some((head, (name, tail))) = split_hole(rest) {
        result.push_str(head);
        if let Some(i) = entry.holes.iter().position(|h| h == name) {
            let within = if depth < DEEPEST { translate(found[i], catalogue, depth + 1) } else { None };
            result.push_str(within.as_deref().unwrap_or(found[i]));
        }
        rest = tail;
    }
    result.push_str(rest);
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sv(text: &str) -> String {
        in_lang(text, Lang::Sv).into_owned()
    }

    #[test]
    fn every_hole_of_the_english_stands_in_the_swedish_and_no_other() {
        let texts: BTreeMap<String, String> = toml::from_str(SWEDISH).unwrap();
        assert!(texts.len() > 100);
        for (en, sv) in texts {
            let (a, b) = (Entry::new(en.clone(), String::new()), Entry::new(sv.clone(), String::new()));
            let (mut a, mut b) = (a.holes, b.holes);
            a.sort();
            b.sort();
            assert_eq!(a, b, "{en}\n{sv}");
            let letters = en.chars().filter(|c| c.is_alphabetic()).count();
            assert!(letters >= 8, "too little of its own to be told by: {en}");
        }
    }

    #[test]
    fn names_and_numbers_stand_where_they_belong() {
        assert_eq!(sv("`a.csv` does not exist"), "`a.csv` finns inte");
        assert_eq!(
            sv("`a.csv` has no column `person`, named for `persons` in section `settlements`"),
            "`a.csv` har ingen kolumn `person`, som anges för `persons` i avsnittet `settlements`"
        );
        assert_eq!(
            sv("in section `coverage x` set `technology = { field = \"…\", map = { \"y\" = \"fibre\" } }`"),
            "sätt `technology = { field = \"…\", map = { \"y\" = \"fibre\" } }` i avsnittet `coverage x`"
        );
    }

    #[test]
    fn reasons_within_a_sentence_are_translated_with_it() {
        assert_eq!(
            sv("2 rows of `a.csv` have no value for persons and are rejected"),
            "2 rader i `a.csv` saknar värde för personer och tas inte med"
        );
        assert_eq!(
            sv("3 polygons of `f.gpkg` are invalid: ring crosses itself or another ring"),
            "3 polygoner i `f.gpkg` är ogiltiga: en ring korsar sig själv eller en annan ring"
        );
    }

    #[test]
    fn what_has_no_entry_stays_as_it_is() {
        assert_eq!(sv("something nobody wrote down"), "something nobody wrote down");
        assert_eq!(in_lang("`a` does not exist", Lang::En), "`a` does not exist");
    }

    #[test]
    fn templates_of_the_code_are_found_whatever_their_holes_are_called() {
        assert!(is_translated("`{name}` does not exist", Lang::Sv));
        assert!(!is_translated("`{name}` does not insist", Lang::Sv));
    }
}
