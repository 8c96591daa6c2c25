//! "1 settlement", not "1 settlements": sentences are written for many, and told of one.

use crate::config::Lang;
use std::borrow::Cow;

/// What is counted, many and one.
const NOUNS_EN: [(&str, &str); 26] = [
    ("errors", "error"),
    ("notes", "note"),
    ("settlements", "settlement"),
    ("rows", "row"),
    ("features", "feature"),
    ("polygons", "polygon"),
    ("areas", "area"),
    ("positions", "position"),
    ("pairs", "pair"),
    ("codes", "code"),
    ("ids", "id"),
    ("names", "name"),
    ("totals", "total"),
    ("persons", "person"),
    ("households", "household"),
    ("workplaces", "workplace"),
    ("offers", "offer"),
    ("layers", "layer"),
    ("clusters", "cluster"),
    ("candidates", "candidate"),
    ("projects", "project"),
    ("indicators", "indicator"),
    ("warnings", "warning"),
    ("values", "value"),
    ("draws", "draw"),
    ("buildings", "building"),
];
const NOUNS_SV: [(&str, &str); 21] = [
    ("bebyggelsepunkter", "bebyggelsepunkt"),
    ("rader", "rad"),
    ("polygoner", "polygon"),
    ("områden", "område"),
    ("positioner", "position"),
    ("koder", "kod"),
    ("områdeskoder", "områdeskod"),
    ("namn", "namn"),
    ("summor", "summa"),
    ("personer", "person"),
    ("arbetsställen", "arbetsställe"),
    ("erbjudanden", "erbjudande"),
    ("lager", "lager"),
    ("skikt", "skikt"),
    ("kandidater", "kandidat"),
    ("indikatorer", "indikator"),
    ("varningar", "varning"),
    ("värden", "värde"),
    ("dragningar", "dragning"),
    ("byggnader", "byggnad"),
    ("projekt", "projekt"),
];
/// What is said of them where they are what the sentence is about.
const VERBS_EN: [(&str, &str); 15] = [
    ("have", "has"),
    ("are", "is"),
    ("were", "was"),
    ("lie", "lies"),
    ("stand", "stands"),
    ("repeat", "repeats"),
    ("belong", "belongs"),
    ("overlap", "overlaps"),
    ("differ", "differs"),
    ("agree", "agrees"),
    ("wind", "winds"),
    ("cover", "covers"),
    ("they", "it"),
    ("their", "its"),
    ("add", "adds"),
];
const VERBS_SV: [(&str, &str); 4] =
    [("ogiltiga", "ogiltig"), ("de", "den"), ("deras", "dess"), ("avrundade", "avrundad")];

/// The sentence with "1" before the form for one; whatever else it says stays.
pub(super) fn of_one(text: &str, lang: Lang) -> Cow<'_, str> {
    // "1" alone, never the end of 21 or of 1 001.
    if !text.contains("1 ") {
        return Cow::Borrowed(text);
    }
    let (nouns, verbs): (&[_], &[_]) = match lang {
        Lang::En => (&NOUNS_EN, &VERBS_EN),
        Lang::Sv => (&NOUNS_SV, &VERBS_SV),
    };
    let mut out = String::with_capacity(text.len());
    let (mut before, mut last) = ("", "");
    let mut is_quoted = false;
    let mut is_subject = false;
    for (k, piece) in text.split_inclusive(' ').enumerate() {
        let word = piece.trim_end_matches([' ', ',', ';', ':', '.', ')']);
        let tail = &piece[word.len()..];
        let is_one = last == "1" && !before.ends_with(|c: char| c.is_ascii_digit());
        // What is said of something else ("persons that are not a number") stays.
        let is_of_it = is_subject && !matches!(last, "that" | "which" | "som");
        let list = if is_one { Some(nouns) } else { Some(verbs).filter(|_| is_of_it) };
        let told = list.filter(|_| !is_quoted).and_then(|l| l.iter().find(|(many, _)| *many == word));
        out.push_str(told.map_or(word, |(_, one)| one));
        out.push_str(tail);
        is_subject |= k == 1 && is_one && told.is_some();
        // A name of a file or column stays whatever it is called.
        is_quoted ^= piece.matches('`').count() % 2 == 1;
        (before, last) = (last, word);
    }
    if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_something_is_told_of_one() {
        for (lang, many, one) in [
            (
                Lang::En,
                "1 settlements lie outside every area; kept in totals",
                "1 settlement lies outside every area; kept in totals",
            ),
            (
                Lang::En,
                "1 rows of `the rows are.csv` have no position and are rejected",
                "1 row of `the rows are.csv` has no position and is rejected",
            ),
            (
                Lang::En,
                "1 polygons of `f` are invalid: ring is not closed; they cover nothing",
                "1 polygon of `f` is invalid: ring is not closed; it covers nothing",
            ),
            (
                Lang::En,
                "1 rows of `f` have persons that are not a number and are rejected",
                "1 row of `f` has persons that are not a number and is rejected",
            ),
            (Lang::En, "fibre: 1 features, 2 offers", "fibre: 1 feature, 2 offers"),
            (
                Lang::Sv,
                "1 bebyggelsepunkter ligger utanför alla områden",
                "1 bebyggelsepunkt ligger utanför alla områden",
            ),
            (
                Lang::Sv,
                "1 polygoner i `f` är ogiltiga: x; de täcker inget",
                "1 polygon i `f` är ogiltig: x; den täcker inget",
            ),
        ] {
            assert_eq!(of_one(many, lang), one);
        }
    }

    #[test]
    fn other_numbers_stay_as_they_are() {
        for text in [
            "21 settlements lie outside",
            "1 001 settlements lie outside",
            "41 1 rows",
            "2 rows of 1.csv",
            "the areas have 1 m",
        ] {
            assert_eq!(of_one(text, Lang::En), text);
        }
    }
}
