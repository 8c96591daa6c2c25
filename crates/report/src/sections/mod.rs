//! The sections of the page, in their order: each turns a part of the result into values for its template.

pub(crate) mod answer;
pub(crate) mod certainty;
pub(crate) mod clusters;
pub(crate) mod data;
pub(crate) mod effects;
pub(crate) mod findings;
pub(crate) mod method;
pub(crate) mod place;
pub(crate) mod scenarios;
pub(crate) mod service;
pub(crate) mod what_if;
pub(crate) mod why;

use crate::{format, words::Words};
use whitespot_model::{config::Lang, result::RunResult};

/// What every section writes with.
pub(crate) struct Pen<'a> {
    /// The language.
    pub(crate) lang: Lang,
    /// Its texts.
    pub(crate) words: &'a Words,
}

impl Pen<'_> {
    pub(crate) fn text(&self, key: &str) -> String {
        self.words.get(key).to_string()
    }

    pub(crate) fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.words.fill(key, values)
    }

    pub(crate) fn count(&self, value: i64) -> String {
        format::count(value, self.lang)
    }

    pub(crate) fn unsigned(&self, value: u64) -> String {
        self.count(i64::try_from(value).unwrap_or(i64::MAX))
    }

    /// A count, or that it is missing.
    pub(crate) fn count_or_missing(&self, value: Option<i64>) -> String {
        value.map_or_else(|| self.text("word.missing"), |v| self.count(v))
    }

    pub(crate) fn share(&self, value: f64) -> String {
        format::share(value, self.lang)
    }

    /// A share, or that it is missing.
    pub(crate) fn share_or_missing(&self, value: Option<f64>) -> String {
        value.map_or_else(|| self.text("word.missing"), |v| self.share(v))
    }

    /// What an input is for, in the language: `täckning fibre_2025`.
    pub(crate) fn role(&self, role: &str, result: &RunResult) -> String {
        let key = match role.split_once(' ') {
            Some(("coverage", name)) => return self.fill("role.coverage", &[("name", name)]),
            Some(("statistics", id)) => {
                let name = result.indicator_label(id, self.lang);
                return self.fill("role.statistics", &[("name", &name)]);
            }
            _ if role == "settlements" => "role.settlements",
            _ if role == "areas" => "role.areas",
            _ if role == "parents" => "role.parents",
            _ => return role.to_string(),
        };
        self.text(key)
    }

    /// `a`, `a and b`, `a, b and c`.
    pub(crate) fn list(&self, items: &[String]) -> String {
        match items {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., last] => self.fill("word.list", &[("first", &first.join(", ")), ("last", last)]),
        }
    }
}
