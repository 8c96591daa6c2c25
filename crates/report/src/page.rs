//! Puts the sections together into one file.

use crate::{
    ReportError, format,
    sections::{self, Pen},
    words::{Words, fill},
};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value,
    syntax::SyntaxConfig,
    value::{Kwargs, Serde},
};
use serde::Serialize;
use whitespot_model::{config::Lang, result::RunResult};

/// The templates; each section is one file.
const TEMPLATES: [(&str, &str); 15] = [
    ("page.html", include_str!("../templates/page.html")),
    ("macros.html", include_str!("../templates/macros.html")),
    ("answer.html", include_str!("../templates/answer.html")),
    ("place.html", include_str!("../templates/place.html")),
    ("map.html", include_str!("../templates/map.html")),
    ("clusters.html", include_str!("../templates/clusters.html")),
    ("why.html", include_str!("../templates/why.html")),
    ("effects.html", include_str!("../templates/effects.html")),
    ("scenarios.html", include_str!("../templates/scenarios.html")),
    ("what_if.html", include_str!("../templates/what_if.html")),
    ("certainty.html", include_str!("../templates/certainty.html")),
    ("method.html", include_str!("../templates/method.html")),
    ("data.html", include_str!("../templates/data.html")),
    ("findings.html", include_str!("../templates/findings.html")),
    ("accessibility.html", include_str!("../templates/accessibility.html")),
];
const STYLE: &str = include_str!("../templates/style.css");
const SCRIPT: &str = include_str!("../templates/script.js");

/// Values of `page.html`.
#[derive(Serialize)]
struct Page {
    lang: &'static str,
    other_lang: Option<&'static str>,
    title: String,
    synthetic: Vec<String>,
    is_synthetic: bool,
    n_areas: usize,
    answer: sections::answer::Answer,
    place: sections::place::Place,
    clusters: Option<sections::clusters::Clusters>,
    scenarios: Option<sections::scenarios::Scenarios>,
    what_if: Option<sections::what_if::WhatIf>,
    certainty: Option<sections::certainty::Certainty>,
    method: sections::method::Method,
    findings: sections::findings::Findings,
    data: sections::data::Data,
    style: &'static str,
    script: &'static str,
    script_words: String,
}

/// Texts the script shows.
#[derive(Serialize)]
struct ScriptWords<'a> {
    page_of: &'a str,
    filtered: &'a str,
    sorted: &'a str,
    title: &'a str,
    title_ranked: &'a str,
    title_unranked: &'a str,
    missing: &'a str,
    nobody: &'a str,
    without: &'a str,
}

/// Writes the whole page.
pub(crate) fn render(result: &RunResult, lang: Lang) -> Result<String, ReportError> {
    let words = Words::of(lang)?;
    let pen = Pen { lang, words: &words };
    let place = sections::place::section(result, &pen);
    let small_view_box = place.map.as_ref().map(|m| m.small_view_box);
    let page = Page {
        lang: lang.code(),
        other_lang: result.language.iter().copied().find(|&l| l != lang).map(Lang::code),
        title: result.title.in_lang(lang).to_string(),
        synthetic: result.inputs.iter().filter(|p| p.synthetic).map(|p| pen.role(&p.role, result)).collect(),
        is_synthetic: result.is_synthetic(),
        n_areas: crate::columns::n_areas(result),
        answer: sections::answer::section(result, &pen),
        clusters: sections::clusters::section(result, place.map.as_ref(), &pen),
        place,
        scenarios: sections::scenarios::section(result, small_view_box, &pen),
        what_if: sections::what_if::section(result, &pen),
        certainty: sections::certainty::section(result, &pen),
        method: sections::method::section(result, &pen),
        findings: sections::findings::section(result, &pen),
        data: sections::data::section(result, &pen),
        style: STYLE,
        script: SCRIPT,
        script_words: json_for_script(&ScriptWords {
            page_of: words.get("script.page_of"),
            filtered: words.get("script.filtered"),
            sorted: words.get("script.sorted"),
            title: words.get("place.title"),
            title_ranked: words.get("place.title_ranked"),
            title_unranked: words.get("place.title_unranked"),
            missing: words.get("word.missing"),
            nobody: words.get("word.nobody"),
            without: words.get("answer.without"),
        }),
    };
    let environment = environment(lang, words.clone())?;
    Ok(environment.get_template("page.html")?.render(Value::from(Serde(&page)))?)
}

fn environment(lang: Lang, words: Words) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    environment.add_function("t", move |key: String, values: Kwargs| -> Result<String, Error> {
        let text = words
            .find(&key)
            .ok_or_else(|| Error::new(ErrorKind::UndefinedError, format!("no text for `{key}`")))?;
        let mut filled: Vec<(&str, String)> = Vec::new();
        for name in values.args() {
            filled.push((name, values.get::<Value>(name)?.to_string()));
        }
        let filled: Vec<(&str, &str)> = filled.iter().map(|(k, v)| (*k, v.as_str())).collect();
        Ok(fill(text, &filled))
    });
    environment.add_filter("count", move |n: i64| format::count(n, lang));
    Ok(environment)
}

/// Writes values as JSON that cannot end the script element it stands in.
pub(crate) fn json_for_script(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).unwrap_or_else(|_| "null".to_string());
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                safe.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_a_script_cannot_leave_it() {
        let json = json_for_script(&["</script><img src=x onerror=alert(1)>", "a&b\u{2028}"]);
        assert!(!json.contains(['<', '>', '&', '\u{2028}']));
        let back: Vec<String> = serde_json::from_str(&json).unwrap();
        assert_eq!(back[0], "</script><img src=x onerror=alert(1)>");
    }
}
