//! `whitespot allocate`: another budget, rule or limit on a finished run. Reads `run.json` only and leaves the run
//! as it is.

use crate::{
    allocate::bad_scenario,
    args::{AllocateArgs, Common, OutputForm},
    columns::{aligned, difference, percent, real, say, signed},
    config::set_keys,
    failure::Failure,
    finished,
    messages::Messages,
    profile_files,
    scenario_tables::scenario_table,
};
use std::io::Write as _;
use whitespot_funding::{Scenario, allocate, compare::pair};
use whitespot_model::{
    config::{
        Lang,
        funding::{BudgetConfig, LimitBy, ScenarioConfig, Sek, SekOrShare},
    },
    finding::Finding,
    funding::{Allocation, ComparisonPair, Grant, RuleName, ScenarioResult},
    result::RunResult,
};

/// Keys whose change needs the settlements again.
const NEEDS_A_RUN: [&str; 8] =
    ["candidates", "eligible", "service", "cost", "aid", "bids", "limits_by", "values"];

/// Tries the scenario again; prints it beside the run's own.
pub(crate) fn run(args: &AllocateArgs, common: &Common, messages: &Messages) -> Result<(), Failure> {
    let mut result = finished::read(args.run.as_deref(), common)?.result;
    let name = scenario_name(args, &result)?;
    let at = result.scenarios.iter().position(|s| s.name == name).ok_or_else(|| unknown(&name, &result))?;
    let as_run = result.scenarios[at].clone();
    let tried = again(&as_run, args)?;
    for finding in &tried.allocation.findings {
        messages.finding(finding);
    }
    let pair = pair(&as_run.allocation, &tried.allocation);
    let lang = finished::language(common, &result);
    let text = match args.format {
        OutputForm::Text => in_words(&as_run, &tried, &pair, lang, result.has_households),
        OutputForm::Json => {
            let json = serde_json::json!({
                "run_id": result.run_id,
                "scenario": name,
                "as_run": summary(&as_run.allocation),
                "tried": summary(&tried.allocation),
                "difference": pair,
                "allocation": tried.allocation,
            });
            format!("{json}\n")
        }
    };
    if let Some(path) = &args.out {
        // Draws belong to the scenario as it was run.
        result.robustness = None;
        let table = scenario_table(&result, &tried);
        whitespot_table::write_csv(path, &table).map_err(|e| Failure::unwritable(path, e))?;
        messages.stage("Writing", &path.display().to_string());
    }
    // Nobody is left to tell when stdout is closed.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    Ok(())
}

/// The scenario asked for: by name, by a key that is set, or the first.
fn scenario_name(args: &AllocateArgs, result: &RunResult) -> Result<String, Failure> {
    let of_key = |item: &String| {
        let mut parts = item.split('=').next()?.trim().split('.');
        (parts.next() == Some("scenario")).then(|| parts.next().map(str::to_string))?
    };
    let set: Vec<String> = args.set.iter().filter_map(of_key).collect();
    let named = args.scenario.clone().or_else(|| set.first().cloned());
    if let Some(other) = set.iter().find(|s| Some(*s) != named.as_ref()) {
        return Err(Failure::Findings(vec![
            Finding::error(
                "bad_override",
                "",
                format!("`--set` names the scenario `{other}` beside another"),
            )
            .with_hint("try one scenario at a time"),
        ]));
    }
    match (named, result.scenarios.first()) {
        (Some(name), _) => Ok(name),
        (None, Some(first)) => Ok(first.name.clone()),
        (None, None) => Err(Failure::Findings(vec![
            Finding::error("no_scenario", "", "this run has no scenario to try again")
                .with_hint("write a `[[scenario]]` into the analysis file and run it"),
        ])),
    }
}

fn unknown(name: &str, result: &RunResult) -> Failure {
    let names: Vec<String> = result.scenarios.iter().map(|s| s.name.clone()).collect();
    Failure::Findings(vec![
        Finding::error("unknown_scenario", "", format!("the run has no scenario `{name}`"))
            .with_hint(whitespot_load::suggest::hint(name, &names)),
    ])
}

/// The scenario with what the command line changes.
fn again(as_run: &ScenarioResult, args: &AllocateArgs) -> Result<ScenarioResult, Failure> {
    let mut config = changed_by_keys(&as_run.config, &as_run.name, &args.set)?;
    let mut taken = as_run.taken.clone();
    if let Some(sek) = args.budget {
        config.budget = Some(BudgetConfig::Total(Sek(sek)));
    }
    if let Some(rule) = args.rule {
        config.rule = Some(rule);
    }
    if let Some(way) = args.unaffordable {
        config.unaffordable = Some(way.into());
    }
    let each = |limit: Option<SekOrShare>| limit.map(LimitBy::Each);
    if let Some(cap) = each(args.cap) {
        (config.caps, config.limits) = (Some(cap), config.limits.map(|l| without(l, true)));
    }
    if let Some(floor) = each(args.floor) {
        (config.floors, config.limits) = (Some(floor), config.limits.map(|l| without(l, false)));
    }
    if let Some(profile) = &args.profile {
        config.profile = Some(profile.clone());
        config.rule = args.rule.or(Some(RuleName::Profile));
    }
    let is_new_profile = config.profile != as_run.config.profile || taken.profile.is_none();
    if config.rule == Some(RuleName::Profile)
        && is_new_profile
        && let Some(name) = &config.profile
    {
        let here = std::path::Path::new(".");
        let file = profile_files::find(name, here).map_err(|f| Failure::Findings(vec![f]))?;
        taken.profile = Some(file.text);
    }
    let wrong = |e: whitespot_funding::FundingError| {
        Failure::Findings(vec![bad_scenario(&as_run.name, &e.to_string())])
    };
    let scenario = Scenario::with_taken(&config, &taken).map_err(wrong)?;
    let allocation = allocate(&as_run.candidates, &scenario).map_err(wrong)?;
    Ok(ScenarioResult { config, taken, allocation, curve: None, cost_to_target: None, ..as_run.clone() })
}

fn without(
    mut limits: whitespot_model::config::funding::LimitsConfig,
    is_cap: bool,
) -> whitespot_model::config::funding::LimitsConfig {
    if is_cap {
        limits.cap = None;
    } else {
        limits.floor = None;
    }
    limits
}

/// Applies `--set scenario.NAME.key=value`, or `--set key=value` for short.
fn changed_by_keys(config: &ScenarioConfig, name: &str, set: &[String]) -> Result<ScenarioConfig, Failure> {
    if set.is_empty() {
        return Ok(config.clone());
    }
    let prefix = format!("scenario.{name}.");
    let items: Vec<String> =
        set.iter().map(|item| item.trim().strip_prefix(&prefix).unwrap_or(item).to_string()).collect();
    let key_of = |item: &String| item.split(['=', '.']).next().unwrap_or("").trim().to_string();
    if let Some(key) = items.iter().map(key_of).find(|key| NEEDS_A_RUN.contains(&key.as_str())) {
        return Err(Failure::Findings(vec![
            Finding::error(
                "needs_a_run",
                "",
                format!("`{key}` decides who the candidates are; a finished run keeps its own"),
            )
            .with_hint(format!("`whitespot run --set scenario.{name}.{key}=…` counts them anew")),
        ]));
    }
    let mut table = toml::Table::try_from(config).map_err(anyhow::Error::from)?;
    set_keys(&mut table, &items).map_err(|f| Failure::Findings(vec![f]))?;
    toml::Value::Table(table).try_into().map_err(|e: toml::de::Error| {
        Failure::Findings(vec![
            Finding::error(
                "bad_override",
                "",
                format!("the scenario with {} is not valid: {}", set.join(", "), e.message()),
            )
            .with_hint("name keys as they stand in the scenario's block, such as `--set budget=90M`"),
        ])
    })
}

fn summary(allocation: &Allocation) -> serde_json::Value {
    serde_json::json!({
        "rule": allocation.rule,
        "unaffordable": allocation.unaffordable,
        "budget_sek": allocation.budget_sek,
        "spent_sek": allocation.spent_sek,
        "leftover_sek": allocation.leftover_sek,
        "persons": allocation.outcome.persons,
        "households": allocation.outcome.households,
        "n_funded": allocation.outcome.n_funded,
        "cut_line": allocation.cut_line,
        "first_rejected": allocation.first_rejected,
    })
}

/// The two side by side, and who crosses the cut line.
fn in_words(
    as_run: &ScenarioResult,
    tried: &ScenarioResult,
    pair: &ComparisonPair,
    lang: Lang,
    has_households: bool,
) -> String {
    let (a, b) = (&as_run.allocation, &tried.allocation);
    let l = |sv: &'static str, en: &'static str| say(lang, sv, en).to_string();
    let mut rows =
        vec![vec![String::new(), l("som körd", "as run"), l("prövad", "tried"), l("skillnad", "difference")]];
    let words = |label: String, x: String, y: String| vec![label, x, y];
    rows.push(words(l("regel", "rule"), a.rule.as_str().to_string(), b.rule.as_str().to_string()));
    let ints = |label: String, x: i64, y: i64| vec![label, signed(x), signed(y), difference(y - x)];
    rows.push(ints(l("budget, kr", "budget, SEK"), a.budget_sek, b.budget_sek));
    rows.push(ints(l("fördelat, kr", "granted, SEK"), a.spent_sek, b.spent_sek));
    rows.push(ints(l("kvar, kr", "left over, SEK"), a.leftover_sek, b.leftover_sek));
    let (x, y) = (&a.outcome, &b.outcome);
    rows.push(ints(
        l("personer som får tjänsten", "persons who get the service"),
        x.persons as i64,
        y.persons as i64,
    ));
    if has_households {
        let label = l("hushåll som får tjänsten", "households that get the service");
        rows.push(ints(label, x.households as i64, y.households as i64));
        let each = |o: Option<f64>| o.map_or_else(String::new, |v| signed(v.round() as i64));
        rows.push(words(
            l("kr per hushåll", "SEK per household"),
            each(x.sek_per_household),
            each(y.sek_per_household),
        ));
    }
    let areas = l("områden med bidrag", "areas with a grant");
    rows.push(ints(areas, i64::from(x.n_funded), i64::from(y.n_funded)));
    let reached = |o: &whitespot_model::funding::Base| percent(o.reached_share(), lang);
    rows.push(words(l("andel som nås efter", "share reached after"), reached(&x.after), reached(&y.after)));
    let gini =
        |o: &whitespot_model::funding::Outcome| real(o.equity_after.as_ref().and_then(|e| e.gini), 4, lang);
    rows.push(words(l("Gini efter (0 = lika)", "Gini after (0 = equal)"), gini(x), gini(y)));
    let fifth = |o: Option<f64>| percent(o, lang);
    rows.push(words(
        l("till den femtedel med störst behov", "to the neediest fifth"),
        fifth(x.neediest_fifth_share),
        fifth(y.neediest_fifth_share),
    ));
    let mut text = aligned(&rows);
    text.push('\n');
    let last = |al: &Allocation| {
        let grant = al.grants.iter().find(|g| Some(g.order) == al.cut_line);
        grant.map_or_else(|| l("ingen", "nobody"), name)
    };
    let first = |al: &Allocation| {
        let grant = al.grants.iter().find(|g| Some(&g.code) == al.first_rejected.as_ref());
        grant.map_or_else(|| l("ingen", "nobody"), name)
    };
    text.push_str(&format!(
        "{}: {} {}; {} {}\n",
        l("Gränsen", "Cut line"),
        l("sist in", "last in"),
        last(b),
        l("först utanför", "first out"),
        first(b)
    ));
    let listed = |codes: &[String], of: &Allocation| {
        let grants = of.grants.iter().filter(|g| codes.contains(&g.code));
        let names: Vec<String> = grants.map(name).collect();
        if names.is_empty() { l("ingen", "nobody") } else { names.join(", ") }
    };
    text.push_str(&format!("{}: {}\n", l("Tillkommer", "Comes in"), listed(&pair.enter, b)));
    text.push_str(&format!("{}: {}\n", l("Faller bort", "Drops out"), listed(&pair.leave, a)));
    if let Some(next) = &b.marginal {
        text.push_str(&format!(
            "{}: {}\n",
            l("En miljon till når ytterligare personer", "A further million reaches further persons"),
            difference(next.persons)
        ));
    }
    text
}

fn name(grant: &Grant) -> String {
    if grant.name.is_empty() { grant.code.clone() } else { grant.name.clone() }
}
