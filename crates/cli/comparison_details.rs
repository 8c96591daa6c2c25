//! The comparison in detail: by parent area and area, pair by pair, what limits cost, and the curves.

use crate::{
    scenario_tables::{name_or_code, title},
    sheet::Sheet,
};
use std::collections::{BTreeMap, BTreeSet};
use whitespot_model::{
    config::Lang,
    funding::{ComparisonPair, CurvePoint, Limit, LimitEffect, ParentOutcome, ScenarioResult},
    measures::column_word,
    result::RunResult,
    table::{Table, Unit},
};

/// One row a scenario and parent area, "no grant" first. Where candidates are withheld, money and households of their
/// parent area would tell them, and are missing.
pub(crate) fn parents_table(result: &RunResult) -> Table {
    let compared = result.comparison.iter().flat_map(|c| &c.scenarios);
    let rows: Vec<(&str, &ParentOutcome)> =
        compared.flat_map(|c| c.outcome.parents.iter().map(|p| (c.name.as_str(), p))).collect();
    let telling: BTreeSet<(&str, &str)> = result
        .scenarios
        .iter()
        .flat_map(|s| s.allocation.grants.iter().map(move |g| (s.name.as_str(), g)))
        .filter(|(scenario, g)| result.withheld.as_ref().is_some_and(|w| w.has(scenario, &g.code)))
        .filter_map(|(scenario, g)| Some((scenario, g.parent_code.as_deref()?)))
        .collect();
    let tells = |r: &(&str, &ParentOutcome)| telling.contains(&(r.0, r.1.code.as_str()));
    let mut s = Sheet::new(&rows);
    s.text("scenario", "Scenario", "Scenario", |r| {
        Some(if r.0.is_empty() { "no_grant".to_string() } else { r.0.to_string() })
    });
    s.text("parent_code", "Överordnat område", "Parent area", |r| Some(r.1.code.clone()));
    s.text("parent_name", "Namn", "Name", |r| Some(r.1.name.clone()));
    s.int("granted_sek", Unit::Sek, "Fördelat", "Granted", |r| (!tells(r)).then_some(r.1.spent_sek));
    s.real(
        "granted_share",
        Unit::Share,
        "Andel av allt som fördelas",
        "Share of all that is granted",
        |r| r.1.spent_share.filter(|_| !tells(r)),
    );
    s.int(
        "funded_persons",
        Unit::Persons,
        "Personer som får tjänsten",
        "Persons who get the service",
        |r| (!tells(r)).then_some(r.1.persons as i64),
    );
    s.int(
        "funded_households",
        Unit::Households,
        "Hushåll som får tjänsten",
        "Households that get the service",
        |r| (result.has_households && !tells(r)).then_some(r.1.households as i64),
    );
    s.real("reached_before_share", Unit::Share, "Andel som nås före", "Share reached before", |r| {
        r.1.before_share
    });
    s.real("reached_after_share", Unit::Share, "Andel som nås efter", "Share reached after", |r| {
        r.1.after_share
    });
    s.int(
        "shortfall_before_persons",
        Unit::Persons,
        "Fattas till målet före",
        "Lacking to the target before",
        |r| r.1.shortfall_before_persons.map(|n| n as i64),
    );
    s.int(
        "shortfall_after_persons",
        Unit::Persons,
        "Fattas till målet efter",
        "Lacking to the target after",
        |r| r.1.shortfall_persons.map(|n| n as i64),
    );
    s.finish()
}

/// One row a candidate: what it receives in each scenario.
pub(crate) fn areas_table(result: &RunResult) -> Table {
    let rows = result.comparison.as_ref().map_or(&[][..], |c| &c.rows);
    let mut s = Sheet::new(rows);
    s.text("area_code", "Områdeskod", "Area code", |r| Some(r.code.clone()));
    s.text("area_name", "Område", "Area", |r| Some(r.name.clone()));
    s.text("parent_code", "Överordnat område", "Parent area", |r| r.parent_code.clone());
    s.int(
        "funded_in",
        Unit::Number,
        "Scenarier där det får bidrag",
        "Scenarios in which it is funded",
        |r| Some(i64::from(r.n_funded_in)),
    );
    let mut taken = BTreeSet::new();
    for (at, scenario) in result.scenarios.iter().enumerate() {
        let mut word = column_word(&scenario.name);
        if !taken.insert(word.clone()) {
            word = format!("{word}_{at}");
        }
        let (in_sv, in_en) = (title(scenario, Lang::Sv), title(scenario, Lang::En));
        let (sv, en) = (format!("{in_sv}: bidrag"), format!("{in_en}: grant"));
        s.int(&format!("{word}_grant_sek"), Unit::Sek, &sv, &en, |r| {
            r.grants_sek.get(at + 1).copied().flatten()
        });
        let (sv, en) = (format!("{in_sv}: personer"), format!("{in_en}: persons"));
        s.int(&format!("{word}_persons"), Unit::Persons, &sv, &en, |r| {
            r.persons.get(at + 1).copied().flatten().map(|n| n as i64)
        });
    }
    s.finish()
}

/// One row a pair of scenarios: who crosses the cut line.
pub(crate) fn pairs_table(result: &RunResult) -> Table {
    let comparison = result.comparison.as_ref();
    let names: BTreeMap<&str, &str> =
        comparison.iter().flat_map(|c| &c.rows).map(|r| (r.code.as_str(), r.name.as_str())).collect();
    let named = |codes: &[String]| {
        let names: Vec<String> =
            codes.iter().map(|c| name_or_code(names.get(c.as_str()).copied().unwrap_or(""), c)).collect();
        (!names.is_empty()).then(|| names.join("; "))
    };
    let rows = comparison.map_or(&[][..], |c| &c.pairs);
    let mut s = Sheet::new(rows);
    s.text("from", "Från scenario", "From scenario", |p| Some(p.a.clone()));
    s.text("to", "Till scenario", "To scenario", |p| Some(p.b.clone()));
    s.int("persons", Unit::Persons, "Fler personer", "Further persons", |p| Some(p.persons));
    s.int("households", Unit::Households, "Fler hushåll", "Further households", |p| {
        result.has_households.then_some(p.households)
    });
    s.int("spent_sek", Unit::Sek, "Mer fördelat", "Further granted", |p| Some(p.spent_sek));
    s.real(
        "kendall_tau_b",
        Unit::Number,
        "Hur lika ordningarna är, −1 till 1",
        "How alike the orders are, −1 to 1",
        |p| p.kendall_tau_b,
    );
    s.int("enter", Unit::Number, "Områden som får bidrag i stället", "Areas that come in", |p| {
        Some(p.enter.len() as i64)
    });
    s.int("leave", Unit::Number, "Områden som blir utan", "Areas that drop out", |p| {
        Some(p.leave.len() as i64)
    });
    s.text("enter_names", "Vilka som får i stället", "Who comes in", |p| named(&p.enter));
    s.text("leave_names", "Vilka som blir utan", "Who drops out", |p| named(&p.leave));
    s.text("in_words_sv", "Skillnaden i ord, svenska", "The difference in words, Swedish", |p| {
        Some(pair_in_words(p, true))
    });
    s.text("in_words_en", "Skillnaden i ord, engelska", "The difference in words, English", |p| {
        Some(pair_in_words(p, false))
    });
    s.finish()
}

fn pair_in_words(pair: &ComparisonPair, is_swedish: bool) -> String {
    let n = pair.persons.unsigned_abs();
    let (enter, leave) = (pair.enter.len(), pair.leave.len());
    let (a, b) = (&pair.a, &pair.b);
    match (is_swedish, pair.persons.signum()) {
        (true, 0) => {
            format!("{b} når lika många personer som {a}; {enter} områden tillkommer, {leave} faller bort")
        }
        (true, sign) => {
            let word = if sign > 0 { "fler" } else { "färre" };
            format!("{b} når {n} {word} personer än {a}; {enter} områden tillkommer, {leave} faller bort")
        }
        (false, 0) => format!("{b} reaches as many persons as {a}; {enter} areas come in, {leave} drop out"),
        (false, sign) => {
            let word = if sign > 0 { "more" } else { "fewer" };
            format!("{b} reaches {n} {word} persons than {a}; {enter} areas come in, {leave} drop out")
        }
    }
}

/// One row a limit that changes the outcome of its scenario.
pub(crate) fn limits_table(result: &RunResult) -> Table {
    let rows: Vec<(&ScenarioResult, &LimitEffect)> =
        result.scenarios.iter().flat_map(|s| s.allocation.limits.iter().map(move |l| (s, l))).collect();
    let mut s = Sheet::new(&rows);
    s.text("scenario", "Scenario", "Scenario", |r| Some(r.0.name.clone()));
    s.text("limit", "Villkor", "Limit", |r| {
        let kind = match r.1.limit {
            Limit::Floor { .. } => "floor",
            Limit::Cap { .. } => "cap",
            Limit::MustFund { .. } => "must_fund",
            Limit::NeverFund { .. } => "never_fund",
            Limit::MaxPerYear { .. } => "max_candidates_per_year",
            Limit::AllFloors { .. } => "all_floors",
            Limit::AllCaps { .. } => "all_caps",
        };
        Some(kind.to_string())
    });
    s.text("code", "Kod", "Code", |r| match &r.1.limit {
        Limit::Floor { parent, .. } | Limit::Cap { parent, .. } => Some(parent.clone()),
        Limit::MustFund { code } | Limit::NeverFund { code } => Some(code.clone()),
        Limit::MaxPerYear { .. } | Limit::AllFloors { .. } | Limit::AllCaps { .. } => None,
    });
    s.int("limit_sek", Unit::Sek, "Belopp", "Amount", |r| match r.1.limit {
        Limit::Floor { sek, .. } | Limit::Cap { sek, .. } => Some(sek),
        _ => None,
    });
    s.int(
        "costs_persons",
        Unit::Persons,
        "Så många fler personer nås utan villkoret (negativt: färre)",
        "So many more persons are reached without it (negative: fewer)",
        |r| Some(r.1.costs_persons),
    );
    s.int(
        "costs_households",
        Unit::Households,
        "Så många fler hushåll nås utan villkoret",
        "So many more households are reached without it",
        |r| result.has_households.then_some(r.1.costs_households),
    );
    s.text("in_words_sv", "I ord, svenska", "In words, Swedish", |r| Some(limit_in_words(r.1, r.0, true)));
    s.text("in_words_en", "I ord, engelska", "In words, English", |r| Some(limit_in_words(r.1, r.0, false)));
    s.finish()
}

pub(crate) fn limit_in_words(effect: &LimitEffect, scenario: &ScenarioResult, is_swedish: bool) -> String {
    let parent = |code: &str| {
        let found = scenario.candidates.parents.iter().find(|p| p.code == code);
        found.map_or_else(|| code.to_string(), |p| name_or_code(&p.name, &p.code))
    };
    let candidate = |code: &str| {
        let found = scenario.candidates.rows.iter().find(|c| c.code == code);
        found.map_or_else(|| code.to_string(), |c| name_or_code(&c.name, &c.code))
    };
    let what = match (&effect.limit, is_swedish) {
        (Limit::Floor { parent: code, sek }, true) => format!("golvet {sek} för {}", parent(code)),
        (Limit::Floor { parent: code, sek }, false) => format!("the floor of {sek} for {}", parent(code)),
        (Limit::Cap { parent: code, sek }, true) => format!("taket {sek} för {}", parent(code)),
        (Limit::Cap { parent: code, sek }, false) => format!("the cap of {sek} for {}", parent(code)),
        (Limit::MustFund { code }, true) => format!("att {} måste få bidrag", candidate(code)),
        (Limit::MustFund { code }, false) => format!("that {} must be funded", candidate(code)),
        (Limit::NeverFund { code }, true) => format!("att {} aldrig får bidrag", candidate(code)),
        (Limit::NeverFund { code }, false) => format!("that {} is never funded", candidate(code)),
        (Limit::MaxPerYear { n }, true) => format!("högst {n} nya per år"),
        (Limit::MaxPerYear { n }, false) => format!("at most {n} started a year"),
        (Limit::AllFloors { n }, true) => format!("alla {n} golv tillsammans"),
        (Limit::AllFloors { n }, false) => format!("all {n} floors together"),
        (Limit::AllCaps { n }, true) => format!("alla {n} tak tillsammans"),
        (Limit::AllCaps { n }, false) => format!("all {n} caps together"),
    };
    let n = effect.costs_persons.unsigned_abs();
    match (is_swedish, effect.costs_persons < 0) {
        (true, false) => format!("{what}: kostar {n} personer"),
        (true, true) => format!("{what}: ger {n} personer fler"),
        (false, false) => format!("{what}: costs {n} persons"),
        (false, true) => format!("{what}: gains {n} persons"),
    }
}

/// One row a scenario and budget.
pub(crate) fn curve_table(result: &RunResult) -> Table {
    let curves = result.scenarios.iter().filter_map(|s| Some((s.name.as_str(), s.curve.as_ref()?)));
    let rows: Vec<(&str, &CurvePoint)> =
        curves.flat_map(|(name, curve)| curve.points.iter().map(move |p| (name, p))).collect();
    let mut s = Sheet::new(&rows);
    let when_possible = |p: &CurvePoint| p.infeasible.is_none();
    s.text("scenario", "Scenario", "Scenario", |r| Some(r.0.to_string()));
    s.int("budget_sek", Unit::Sek, "Budget", "Budget", |r| Some(r.1.budget_sek));
    s.int("spent_sek", Unit::Sek, "Fördelat", "Granted", |r| when_possible(r.1).then_some(r.1.spent_sek));
    s.int(
        "funded_persons",
        Unit::Persons,
        "Personer som får tjänsten",
        "Persons who get the service",
        |r| when_possible(r.1).then_some(r.1.persons as i64),
    );
    s.int(
        "funded_households",
        Unit::Households,
        "Hushåll som får tjänsten",
        "Households that get the service",
        |r| (when_possible(r.1) && result.has_households).then_some(r.1.households as i64),
    );
    s.int("funded_areas", Unit::Number, "Områden som får bidrag", "Areas that receive a grant", |r| {
        when_possible(r.1).then_some(i64::from(r.1.n_funded))
    });
    s.real("reached_after_share", Unit::Share, "Andel som nås efter", "Share reached after", |r| {
        r.1.after_share
    });
    s.real("gini_after", Unit::Number, "Gini efter", "Gini after", |r| r.1.gini);
    s.real(
        "worst_parent_after_share",
        Unit::Share,
        "Sämst ställda överordnade områdes andel",
        "Worst-off parent area's share",
        |r| r.1.worst_share,
    );
    s.real(
        "neediest_fifth_share",
        Unit::Share,
        "Andel av pengarna till den femtedel som har störst behov",
        "Share of the money to the neediest fifth",
        |r| r.1.neediest_fifth_share,
    );
    s.text("infeasible", "Varför ingen fördelning finns", "Why there is no allocation", |r| {
        r.1.infeasible.clone()
    });
    s.finish()
}
