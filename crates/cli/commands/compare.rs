//! `whitespot compare A B`: what changed between two results folders, and because of which input.

use crate::{
    args::{Common, CompareArgs, OutputForm},
    columns::{aligned, difference, percent, real, say, signed},
    failure::Failure,
    finished,
};
use std::io::Write as _;
use whitespot_funding::compare_runs;
use whitespot_model::{
    config::Lang,
    funding::ChangeCause,
    result::RunResult,
    run_diff::{Cause, InputState, RunDiff, ScenarioChange, ServiceChange},
};

/// Areas listed by service.
const MOST_AREAS: usize = 5;

/// Prints the comparison.
pub(crate) fn run(args: &CompareArgs, common: &Common) -> Result<(), Failure> {
    let before = finished::read(Some(&args.before), common)?.result;
    let after = finished::read(Some(&args.after), common)?.result;
    let diff = compare_runs(&before, &after);
    let text = match args.format {
        OutputForm::Json => format!("{}\n", serde_json::json!(diff)),
        OutputForm::Text => in_words(&diff, &after, finished::language(common, &after)),
    };
    // Nobody is left to tell when stdout is closed.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    Ok(())
}

fn in_words(diff: &RunDiff, after: &RunResult, lang: Lang) -> String {
    let l = |sv: &'static str, en: &'static str| say(lang, sv, en);
    let mut text = format!("{} {} → {}\n", l("Körning", "Run"), diff.before_run, diff.after_run);
    if diff.before_run == diff.after_run {
        text.push_str(l(
            "Samma indata och analys: ingenting skiljer.\n",
            "The same inputs and analysis: nothing differs.\n",
        ));
        return text;
    }
    let causes: Vec<&str> = diff.causes.iter().map(|c| cause(*c, lang)).collect();
    if causes.is_empty() {
        text.push_str(l("Inga indata skiljer.\n", "No input differs.\n"));
    } else {
        text.push_str(&format!("{}: {}\n", l("Det som skiljer", "What differs"), causes.join(", ")));
    }
    heading(&mut text, l("INDATA", "INPUTS"));
    text.push_str(&inputs(diff, lang));
    if !diff.settings.is_empty() {
        heading(&mut text, l("INSTÄLLNINGAR", "SETTINGS"));
        for s in &diff.settings {
            let value =
                |v: &Option<String>| v.clone().unwrap_or_else(|| l("inte satt", "not set").to_string());
            text.push_str(&format!("{}: {} → {}\n", s.key, value(&s.before), value(&s.after)));
        }
    }
    heading(&mut text, l("GLAPP", "GAPS"));
    for service in &diff.services {
        text.push_str(&gap(service, diff, lang));
    }
    named(
        &mut text,
        l("tjänster som bara den första har", "services only the first has"),
        &diff.gone_services,
    );
    named(
        &mut text,
        l("tjänster som bara den andra har", "services only the second has"),
        &diff.new_services,
    );
    if let Some(ranking) = &diff.ranking {
        heading(&mut text, l("BEHOVSORDNING", "NEED RANKING"));
        text.push_str(&format!(
            "{} {}, Kendall τ-b {}\n",
            signed(i64::from(ranking.n_common)),
            l("områden rangordnade i båda", "areas ranked in both"),
            real(ranking.kendall_tau_b, 3, lang)
        ));
        for moved in &ranking.most_moved {
            let because = moved.because_of.as_ref().map_or(String::new(), |id| {
                format!(
                    " ({} {} {})",
                    l("mest på grund av", "mostly because of"),
                    id,
                    real(Some(moved.by), 3, lang)
                )
            });
            text.push_str(&format!(
                "  {}: {} → {}{because}\n",
                moved.name, moved.before_rank, moved.after_rank
            ));
        }
    }
    if !diff.scenarios.is_empty() || !diff.gone_scenarios.is_empty() || !diff.new_scenarios.is_empty() {
        heading(&mut text, l("SCENARIER", "SCENARIOS"));
    }
    for scenario in &diff.scenarios {
        text.push_str(&scenario_in_words(scenario, diff, after, lang));
    }
    named(
        &mut text,
        l("scenarier som bara den första har", "scenarios only the first has"),
        &diff.gone_scenarios,
    );
    named(
        &mut text,
        l("scenarier som bara den andra har", "scenarios only the second has"),
        &diff.new_scenarios,
    );
    text
}

fn heading(text: &mut String, what: &str) {
    text.push_str(&format!("\n{what}\n"));
}

fn named(text: &mut String, what: &str, names: &[String]) {
    if !names.is_empty() {
        text.push_str(&format!("{what}: {}\n", names.join(", ")));
    }
}

fn cause(cause: Cause, lang: Lang) -> &'static str {
    match cause {
        Cause::Population => say(lang, "befolkningen", "the population"),
        Cause::Coverage => say(lang, "täckningen", "the coverage"),
        Cause::Areas => say(lang, "områdena", "the areas"),
        Cause::Statistics => say(lang, "statistiken", "the statistics"),
        Cause::Funding => say(lang, "projekt, bud eller regelprofiler", "projects, bids or rule profiles"),
        Cause::Settings => say(lang, "inställningarna", "the settings"),
        Cause::Version => say(lang, "whitespots version", "the version of whitespot"),
    }
}

fn inputs(diff: &RunDiff, lang: Lang) -> String {
    let state = |state| match state {
        InputState::Same => say(lang, "samma", "same"),
        InputState::Changed => say(lang, "ändrad", "changed"),
        InputState::New => say(lang, "ny", "new"),
        InputState::Gone => say(lang, "borta", "gone"),
    };
    let rows: Vec<Vec<String>> = diff
        .inputs
        .iter()
        .map(|i| {
            let n = |n: Option<u64>| n.map_or("–".to_string(), |n| signed(n as i64));
            let day = |d: &Option<String>| d.clone().unwrap_or_else(|| "–".to_string());
            let both = |a: String, b: String| if a == b { a } else { format!("{a} → {b}") };
            vec![
                i.role.clone(),
                state(i.what).to_string(),
                format!("{} {}", both(n(i.before_rows), n(i.after_rows)), say(lang, "rader", "rows")),
                both(day(&i.before_date), day(&i.after_date)),
            ]
        })
        .collect();
    aligned(&rows)
}

fn gap(change: &ServiceChange, diff: &RunDiff, lang: Lang) -> String {
    let l = |sv: &'static str, en: &'static str| say(lang, sv, en);
    let by = change.after_gap - change.before_gap;
    let share = |gap: i64, all: i64| percent((all > 0).then(|| gap as f64 / all as f64), lang);
    let mut text = format!(
        "{}: {} {} ({}) → {} ({}), {}\n",
        change.service,
        signed(change.before_gap),
        l("personer utan", "persons without"),
        share(change.before_gap, change.before_persons),
        signed(change.after_gap),
        share(change.after_gap, change.after_persons),
        difference(by)
    );
    if by != 0 || change.by_population != 0 {
        let reach = match (change.rule_changed, diff.causes.contains(&Cause::Coverage)) {
            (true, true) => l("täckningen och tjänstens regel", "the coverage and the service's rule"),
            (true, false) => l("tjänstens regel", "the service's rule"),
            (false, _) => l("täckningen", "the coverage"),
        };
        text.push_str(&format!(
            "  {} {}, {reach} {}{}\n",
            l("av befolkningen", "of the population"),
            difference(change.by_population),
            difference(change.by_coverage),
            if change.is_certain {
                ""
            } else {
                l(
                    " (delat efter områdenas tidigare andelar; kör med bara en av dem ändrad för ett säkert svar)",
                    " (split at the areas' earlier shares; run with only one of them changed for a certain answer)",
                )
            }
        ));
    }
    for area in change.most_changed.iter().take(MOST_AREAS) {
        let name = if area.code.is_empty() {
            l("utanför alla områden", "outside all areas").to_string()
        } else {
            area.name.clone()
        };
        text.push_str(&format!(
            "  {name}: {} → {} ({}), {} → {} {}\n",
            signed(area.before_gap),
            signed(area.after_gap),
            difference(area.after_gap - area.before_gap),
            signed(area.before_persons),
            signed(area.after_persons),
            l("invånare", "inhabitants")
        ));
    }
    text
}

fn scenario_in_words(scenario: &ScenarioChange, diff: &RunDiff, after: &RunResult, lang: Lang) -> String {
    let l = |sv: &'static str, en: &'static str| say(lang, sv, en);
    let [a, b] = scenario.persons;
    let mut text = format!(
        "{}: {} → {} {} ({}), {} → {} {}\n",
        scenario.name,
        signed(a as i64),
        signed(b as i64),
        l("personer", "persons"),
        difference(b as i64 - a as i64),
        signed(scenario.spent_sek[0]),
        signed(scenario.spent_sek[1]),
        l("kr", "SEK")
    );
    let Some(change) = &scenario.change else {
        let trouble = scenario.trouble.as_deref().unwrap_or("");
        text.push_str(&format!("  {}: {trouble}\n", l("kan inte delas upp", "cannot be told apart")));
        return text;
    };
    for step in change.steps.iter().filter(|s| s.n_candidates > 0 || s.persons != 0 || s.spent_sek != 0) {
        let what = match step.cause {
            ChangeCause::People => {
                match (diff.causes.contains(&Cause::Population), diff.causes.contains(&Cause::Coverage)) {
                    (true, false) => l("befolkningen", "the population"),
                    (false, true) => l("täckningen", "the coverage"),
                    _ => l("vilka som bor var och vilka som nås", "who lives where and who is reached"),
                }
            }
            ChangeCause::Costs => l("kostnaderna", "the costs"),
            ChangeCause::Need => l("behovet", "the need"),
            ChangeCause::Eligibility => l("vilka som får stödjas", "who may be funded"),
            ChangeCause::Rules => l("budget, regel och villkor", "budget, rule and limits"),
        };
        text.push_str(&format!(
            "  {what}: {} {}, {} {} ({} {})\n",
            difference(step.persons),
            l("personer", "persons"),
            difference(step.spent_sek),
            l("kr", "SEK"),
            step.n_candidates,
            l("kandidater berörs", "candidates concerned")
        ));
    }
    let name = |code: &String| {
        let rows = after.scenarios.iter().flat_map(|s| &s.candidates.rows);
        let found = rows.into_iter().find(|c| c.code == *code).map(|c| c.name.clone());
        found.filter(|n| !n.is_empty()).unwrap_or_else(|| code.clone())
    };
    let list = |codes: &[String]| {
        let mut names: Vec<String> = codes.iter().take(8).map(name).collect();
        if codes.len() > 8 {
            names.push(format!("{} {}", codes.len() - 8, l("till", "more")));
        }
        names.join(", ")
    };
    for (what, codes) in [
        (l("tillkommer", "comes in"), &change.pair.enter),
        (l("faller bort", "drops out"), &change.pair.leave),
    ] {
        if !codes.is_empty() {
            text.push_str(&format!("  {what}: {}\n", list(codes)));
        }
    }
    text
}
