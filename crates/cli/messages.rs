//! What is said on stderr: cargo's right-aligned verbs, findings with evidence and hints, progress.

use crate::{
    args::{ColorWhen, Common, ProgressWhen},
    vocabulary::word,
};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    io::{IsTerminal as _, Write as _},
    time::{Duration, Instant},
};
use whitespot_model::{
    config::Lang,
    finding::{Finding, Severity},
    wording,
};

/// Says things on stderr as the options want them.
pub(crate) struct Messages {
    loudness: i8,
    progress: ProgressWhen,
    is_terminal: bool,
    is_coloured: bool,
    lang: Lang,
    started: Instant,
}

impl Messages {
    /// Messages as the command line wants them.
    pub(crate) fn new(common: &Common) -> Messages {
        let is_terminal = std::io::stderr().is_terminal();
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        Messages {
            loudness: common.verbose as i8 - common.quiet as i8,
            progress: common.progress,
            is_terminal,
            lang: common.lang.map_or_else(|| language_of(&common.config), Lang::from),
            is_coloured: match common.color {
                ColorWhen::Always => true,
                ColorWhen::Never => false,
                ColorWhen::Auto => is_terminal && !no_color,
            },
            started: Instant::now(),
        }
    }

    /// A stage with what it does: `     Reading settlements   151 204 points`.
    pub(crate) fn stage(&self, verb: &str, what: &str) {
        if self.progress == ProgressWhen::Json {
            self.json(&serde_json::json!({
                "stage": verb, "message": what, "elapsed_s": self.elapsed_s()
            }));
        } else if self.loudness >= 0 {
            let (verb, what) = (word(verb, self.lang), wording::in_lang(what, self.lang));
            self.line(&format!("{} {what}", self.paint("1;32", &format!("{verb:>12}"))));
        }
    }

    /// Something that only those want to know who ask for more.
    pub(crate) fn detail(&self, verb: &str, what: &str) {
        if self.loudness > 0 {
            self.stage(verb, what);
        }
    }

    /// A finding with its evidence and way out.
    pub(crate) fn finding(&self, finding: &Finding) {
        let is_shown = match finding.severity {
            Severity::Error => true,
            Severity::Warning => self.loudness > -2,
            Severity::Note => self.loudness > 0,
        };
        if self.progress == ProgressWhen::Json {
            self.json(&serde_json::json!({ "finding": finding }));
        } else if is_shown {
            self.line(&self.text_of(finding));
        }
    }

    /// The language of messages.
    pub(crate) fn lang(&self) -> Lang {
        self.lang
    }

    /// A finding as UX §1.4 writes it, in the language of messages.
    pub(crate) fn text_of(&self, finding: &Finding) -> String {
        let finding = finding.in_lang(self.lang);
        let (severity, colour) = match finding.severity {
            Severity::Error => ("error", "1;31"),
            Severity::Warning => ("warning", "1;33"),
            Severity::Note => ("note", "1;36"),
        };
        let word = |key| word(key, self.lang);
        let mut text = format!("{}: {}", self.paint(colour, word(severity)), finding.message);
        if let Some(persons) = finding.persons.filter(|_| finding.severity != Severity::Note) {
            text.push_str(&format!(" ({} {})", thousands(persons), word("persons")));
        }
        for line in &finding.evidence {
            text.push_str(&format!("\n  {line}"));
        }
        if !finding.examples.is_empty() {
            text.push_str(&format!("\n  {}: {}", word("first"), finding.examples.join("; ")));
        }
        if let Some(hint) = &finding.hint {
            let label = format!("{}:", word("hint"));
            text.push_str(&format!("\n  {} {hint}", self.paint("1;36", &label)));
        }
        text
    }

    /// A count that moves: a bar on a terminal, a line now and then elsewhere.
    pub(crate) fn counting(&self, verb: &'static str, total: Option<u64>) -> Counting<'_> {
        let bar =
            (self.progress == ProgressWhen::Auto && self.is_terminal && self.loudness >= 0).then(|| {
                let style = match total {
                    Some(_) => "{prefix:>12.bold.green} [{bar:30}] {human_pos}/{human_len} {eta}",
                    None => "{prefix:>12.bold.green} {spinner} {human_pos}",
                };
                let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
                let style =
                    ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
                bar.with_style(style).with_prefix(verb)
            });
        Counting {
            messages: self,
            verb,
            total,
            bar,
            seen: 0,
            next: Duration::from_secs(2),
            started: Instant::now(),
        }
    }

    /// Something that must not happen.
    pub(crate) fn bug(&self, what: &str) {
        self.line(&format!("{}: {what}", self.paint("1;31", "internal error")));
        ask_for_report();
    }

    /// Seconds since the command began.
    pub(crate) fn elapsed_s(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    fn json(&self, value: &serde_json::Value) {
        self.line(&value.to_string());
    }

    fn line(&self, text: &str) {
        // Nobody is left to tell when stderr is closed.
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.is_coloured { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}

/// The first language the analysis file names; English where it names none or cannot be read.
fn language_of(config: &std::path::Path) -> Lang {
    let Ok(text) = std::fs::read_to_string(config) else { return Lang::En };
    let named = |value: &toml::Value| match value {
        toml::Value::Array(items) => items.first().and_then(toml::Value::as_str).map(str::to_string),
        value => value.as_str().map(str::to_string),
    };
    let code = match toml::from_str::<toml::Table>(&text) {
        Ok(table) => table.get("language").and_then(named),
        // A file that is no TOML as a whole may still say its language on a line.
        Err(_) => text
            .lines()
            .filter_map(|line| toml::from_str::<toml::Table>(line).ok())
            .find_map(|line| line.get("language").and_then(named)),
    };
    if code.as_deref() == Some("sv") { Lang::Sv } else { Lang::En }
}

/// Asks for a report of a bug.
pub(crate) fn ask_for_report() {
    let version = env!("CARGO_PKG_VERSION");
    let _ = writeln!(
        std::io::stderr().lock(),
        "This is a bug in whitespot {version}. Please report it with the lines above and the analysis file; \
         no results folder was left behind."
    );
}

/// A count that moves while a stage works.
pub(crate) struct Counting<'a> {
    messages: &'a Messages,
    verb: &'static str,
    total: Option<u64>,
    bar: Option<ProgressBar>,
    seen: u64,
    next: Duration,
    started: Instant,
}

impl Counting<'_> {
    /// Adds to the count.
    pub(crate) fn add(&mut self, n: u64) {
        self.seen += n;
        if let Some(bar) = &self.bar {
            bar.set_position(self.seen);
        } else if self.started.elapsed() >= self.next && self.messages.progress != ProgressWhen::Never {
            // Plain lines at growing intervals.
            self.next *= 2;
            let of = self.total.map_or(String::new(), |t| format!(" of {}", thousands(t)));
            self.messages.stage(self.verb, &format!("{}{of} …", thousands(self.seen)));
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

/// `151204` as `151 204`, as Swedish and SI write it.
pub(crate) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped_by_spaces() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(151_204), "151 204");
        assert_eq!(thousands(1_000_000), "1 000 000");
    }
}
