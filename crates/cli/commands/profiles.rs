//! `whitespot profiles`: lists the rule profiles of real programmes, or shows one.

use crate::{
    args::{Common, OutputForm, ProfilesArgs},
    columns::say,
    failure::Failure,
    profile_files::{self, ProfileFile},
};
use std::{io::Write as _, path::Path};
use whitespot_funding::profiles::{Profile, Rule};
use whitespot_model::config::Lang;

/// Prints the list, or one profile.
pub(crate) fn run(args: &ProfilesArgs, common: &Common) -> Result<(), Failure> {
    let lang = common.lang.map_or(Lang::En, Into::into);
    let one = |name: &String| {
        profile_files::find(name, Path::new(".")).map_err(|finding| Failure::Findings(vec![finding]))
    };
    let words: Vec<&String> = args.name.iter().filter(|w| !["list", "show"].contains(&w.as_str())).collect();
    let text = match (words.first(), args.format) {
        (None, OutputForm::Text) => list(&all()?, lang),
        (None, OutputForm::Json) => {
            let profiles: Vec<Profile> = all()?.into_iter().map(|p| p.profile).collect();
            format!("{}\n", serde_json::json!(profiles))
        }
        (Some(name), _) if args.toml => one(name)?.text,
        (Some(name), OutputForm::Text) => show(&one(name)?.profile, lang),
        (Some(name), OutputForm::Json) => format!("{}\n", serde_json::json!(one(name)?.profile)),
    };
    // Nobody is left to tell when stdout is closed.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    Ok(())
}

fn all() -> Result<Vec<ProfileFile>, Failure> {
    profile_files::shipped().map_err(|finding| Failure::Findings(vec![finding]))
}

fn in_lang(texts: &indexmap::IndexMap<String, String>, lang: Lang) -> &str {
    texts.get(lang.code()).or_else(|| texts.values().next()).map_or("", String::as_str)
}

fn list(files: &[ProfileFile], lang: Lang) -> String {
    let name_width = files.iter().map(|f| f.profile.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for ProfileFile { profile, .. } in files {
        text.push_str(&format!(
            "{:name_width$}  {}  {:10}  {}\n",
            profile.name,
            profile.country,
            profile.date.0,
            in_lang(&profile.title, lang)
        ));
    }
    text
}

/// Everything a profile says, for people.
fn show(profile: &Profile, lang: Lang) -> String {
    let l = |sv: &'static str, en: &'static str| say(lang, sv, en);
    let mut text = format!("{}\n{}\n\n", profile.name, in_lang(&profile.title, lang));
    text.push_str(&format!("{}\n\n", wrapped(in_lang(&profile.how, lang), 100)));
    text.push_str(&format!("{}: {}\n", l("Regler från", "Rules of"), profile.date.0));
    text.push_str(&format!("{}: {} ({})\n", l("Källa", "Source"), profile.source.name, profile.source.read));
    if let Some(url) = &profile.source.url {
        text.push_str(&format!("        {url}\n"));
    }
    text.push_str(&format!("{}: {}\n", l("Belopp i", "Amounts in"), profile.currency));
    text.push_str(&format!("{}: {}\n", l("Slag av regel", "Kind of rule"), kind(&profile.rule, lang)));
    if !profile.values.is_empty() {
        text.push_str(&format!("\n{}\n", l("Frågar varje kandidat om", "Asks of each candidate")));
        for (name, what) in &profile.values {
            text.push_str(&format!("  {name}: {what}\n"));
        }
    }
    for (heading, lines) in [
        (l("Kontrollerat", "Verified"), &profile.verified),
        (l("Inte kontrollerat", "Not verified"), &profile.unverified),
    ] {
        if !lines.is_empty() {
            text.push_str(&format!("\n{heading}\n"));
            for line in lines {
                text.push_str(&format!("  - {line}\n"));
            }
        }
    }
    text.push_str(&format!(
        "\n{}\n  rule = \"profile\"\n  profile = \"{}\"\n",
        l("I ett scenario", "In a scenario"),
        profile.name
    ));
    text
}

fn kind(rule: &Rule, lang: Lang) -> &'static str {
    match rule {
        Rule::ComparisonValue(_) => say(lang, "jämförelsetal, lägst först", "comparison value, lowest first"),
        Rule::Shares(_) => say(lang, "andelar efter formel", "shares by a formula"),
        Rule::Points { .. } => say(lang, "poäng, flest först", "points, most first"),
        Rule::LowestCost { .. } => say(lang, "lägst bidrag per enhet först", "lowest grant per unit first"),
        Rule::Classes(_) => say(
            lang,
            "vissa täckningsklasser, sedan lägst bidrag per enhet",
            "some coverage classes, then lowest grant per unit",
        ),
    }
}

/// Text in lines of at most so many characters.
fn wrapped(text: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last().map_or(0, |l| l.chars().count());
        if line > 0 && line + 1 + word.chars().count() > width {
            lines.push(String::new());
        }
        if let Some(last) = lines.last_mut() {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines.join("\n")
}
