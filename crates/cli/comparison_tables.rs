//! `public/scenarios/comparison*.csv`: the scenarios side by side.

use crate::{
    comparison_details::{
        areas_table, curve_table, limit_in_words, limits_table, pairs_table, parents_table,
    },
    scenario_tables::{name_or_code, title},
    sheet::Sheet,
};
use std::collections::{BTreeMap, BTreeSet};
use whitespot_model::{
    config::Lang,
    config::funding::{CandidatesConfig, CandidatesOf},
    funding::{Allocation, Outcome, ScenarioResult},
    measures::column_word,
    result::RunResult,
    table::{Table, Unit},
};

/// More parent areas than this have their coverage in `comparison_parents.csv` only.
const MOST_PARENT_COLUMNS: usize = 25;

/// The tables that set scenarios side by side, by file name in `public/scenarios/`.
pub(crate) fn comparison_tables(result: &RunResult) -> Vec<(&'static str, Table)> {
    if result.scenarios.is_empty() {
        return Vec::new();
    }
    vec![
        ("comparison.csv", comparison_table(result)),
        ("comparison_parents.csv", parents_table(result)),
        ("comparison_areas.csv", areas_table(result)),
        ("comparison_pairs.csv", pairs_table(result)),
        ("comparison_limits.csv", limits_table(result)),
        ("comparison_curve.csv", curve_table(result)),
    ]
}

/// A scenario with its outcome; "no grant" has no scenario.
struct Compared<'a> {
    scenario: Option<&'a ScenarioResult>,
    outcome: &'a Outcome,
}

/// One row a scenario, "no grant" first.
fn comparison_table(result: &RunResult) -> Table {
    let nothing = Outcome::default();
    let no_grant = result.comparison.as_ref().and_then(|c| c.scenarios.first()).map(|c| &c.outcome);
    let mut rows = vec![Compared { scenario: None, outcome: no_grant.unwrap_or(&nothing) }];
    rows.extend(
        result.scenarios.iter().map(|s| Compared { scenario: Some(s), outcome: &s.allocation.outcome }),
    );
    let mut s = Sheet::new(&rows);
    what_is_tried(&mut s, result.language.first().copied().unwrap_or(Lang::En));
    what_it_does(&mut s, result.has_households);
    how_equal(&mut s);
    where_it_ends(&mut s, result);
    by_parent(&mut s, &result.scenarios);
    s.finish()
}

fn what_is_tried(s: &mut Sheet<'_, Compared<'_>>, lang: Lang) {
    s.text("scenario", "Scenario", "Scenario", |r| {
        Some(r.scenario.map_or_else(|| "no_grant".to_string(), |s| s.name.clone()))
    });
    s.text("title", "Titel", "Title", |r| Some(title(r.scenario?, lang)));
    s.text("service", "Tjänst", "Service", |r| r.scenario?.config.service.clone());
    s.text("rule", "Regel", "Rule", |r| Some(r.scenario?.allocation.rule.as_str().to_string()));
    s.text("profile", "Regelprofil", "Rule profile", |r| r.scenario?.allocation.profile.clone());
    s.text("candidates", "Vad som kan få bidrag", "What can be funded", |r| {
        Some(match &r.scenario?.config.candidates {
            None | Some(CandidatesConfig::Of(CandidatesOf::Areas)) => "areas".to_string(),
            Some(CandidatesConfig::Of(CandidatesOf::Clusters)) => "clusters".to_string(),
            Some(CandidatesConfig::File(file)) => file.file.clone(),
        })
    });
    s.int("budget_sek", Unit::Sek, "Budget", "Budget", |r| {
        Some(r.scenario.map_or(0, |s| s.allocation.budget_sek))
    });
    s.int("spent_sek", Unit::Sek, "Fördelat", "Granted", |r| Some(r.outcome.spent_sek));
    s.int("leftover_sek", Unit::Sek, "Kvar", "Left over", |r| {
        Some(r.scenario.map_or(0, |s| s.allocation.leftover_sek))
    });
    s.int("own_sek", Unit::Sek, "Övrig finansiering", "Paid by others", |r| Some(r.outcome.own_sek));
}

fn what_it_does(s: &mut Sheet<'_, Compared<'_>>, has_households: bool) {
    s.int(
        "funded_persons",
        Unit::Persons,
        "Personer som får tjänsten",
        "Persons who get the service",
        |r| Some(r.outcome.persons as i64),
    );
    s.int(
        "funded_households",
        Unit::Households,
        "Hushåll som får tjänsten",
        "Households that get the service",
        |r| has_households.then_some(r.outcome.households as i64),
    );
    s.int("funded_areas", Unit::Number, "Områden som får bidrag", "Areas that receive a grant", |r| {
        Some(i64::from(r.outcome.n_funded))
    });
    s.real("sek_per_household", Unit::Sek, "Bidrag per hushåll", "Grant per household", |r| {
        r.outcome.sek_per_household.map(f64::round)
    });
    s.real("sek_per_person", Unit::Sek, "Bidrag per person", "Grant per person", |r| {
        r.outcome.sek_per_person.map(f64::round)
    });
    s.int("lacking_before_persons", Unit::Persons, "Personer utan före", "Persons without, before", |r| {
        Some(r.outcome.before.lacking_persons() as i64)
    });
    s.int("lacking_after_persons", Unit::Persons, "Personer utan efter", "Persons without, after", |r| {
        Some(r.outcome.after.lacking_persons() as i64)
    });
    s.real("reached_before_share", Unit::Share, "Andel som nås före", "Share reached before", |r| {
        r.outcome.before.reached_share()
    });
    s.real("reached_after_share", Unit::Share, "Andel som nås efter", "Share reached after", |r| {
        r.outcome.after.reached_share()
    });
    s.real("target_share", Unit::Share, "Mål", "Target", |r| Some(r.outcome.target.as_ref()?.target_share));
    s.int(
        "shortfall_before",
        Unit::Number,
        "Fattas till målet före",
        "Lacking to the target before",
        |r| Some(r.outcome.target.as_ref()?.shortfall_before as i64),
    );
    s.int("shortfall_after", Unit::Number, "Fattas till målet efter", "Lacking to the target after", |r| {
        Some(r.outcome.target.as_ref()?.shortfall_after as i64)
    });
    s.int(
        "parents_at_target_before",
        Unit::Number,
        "Överordnade områden som når målet före",
        "Parent areas at the target before",
        |r| Some(i64::from(r.outcome.target.as_ref()?.parents_met_before)),
    );
    s.int(
        "parents_at_target_after",
        Unit::Number,
        "Överordnade områden som når målet efter",
        "Parent areas at the target after",
        |r| Some(i64::from(r.outcome.target.as_ref()?.parents_met_after)),
    );
    s.real(
        "neediest_fifth_share",
        Unit::Share,
        "Andel av pengarna till den femtedel som har störst behov",
        "Share of the money to the neediest fifth",
        |r| r.outcome.neediest_fifth_share,
    );
}

fn how_equal(s: &mut Sheet<'_, Compared<'_>>) {
    type Of = fn(&whitespot_model::funding::Equity) -> Option<f64>;
    let measures: [(&str, &str, Of); 3] = [
        ("gini", "Gini", |e| e.gini),
        ("theil", "Theil", |e| e.theil),
        ("atkinson", "Atkinson", |e| e.atkinson),
    ];
    for (name, label, of) in measures {
        let (sv, en) = (format!("{label} före (0 = lika)"), format!("{label} before (0 = equal)"));
        s.real(&format!("{name}_before"), Unit::Number, &sv, &en, |r| {
            of(r.outcome.equity_before.as_ref()?)
        });
        let (sv, en) = (format!("{label} efter"), format!("{label} after"));
        s.real(&format!("{name}_after"), Unit::Number, &sv, &en, |r| of(r.outcome.equity_after.as_ref()?));
    }
    s.real("atkinson_epsilon", Unit::Number, "Atkinsons epsilon", "Atkinson's epsilon", |r| {
        Some(r.outcome.equity_after.as_ref()?.atkinson_epsilon)
    });
    s.text(
        "worst_parent_before",
        "Sämst ställda överordnade område före",
        "Worst-off parent area before",
        |r| Some(r.outcome.equity_before.as_ref()?.worst_code.clone()),
    );
    s.real("worst_parent_before_share", Unit::Share, "Andel som nås där", "Share reached there", |r| {
        Some(r.outcome.equity_before.as_ref()?.worst_share)
    });
    s.text(
        "worst_parent_after",
        "Sämst ställda överordnade område efter",
        "Worst-off parent area after",
        |r| Some(r.outcome.equity_after.as_ref()?.worst_code.clone()),
    );
    s.real("worst_parent_after_share", Unit::Share, "Andel som nås där", "Share reached there", |r| {
        Some(r.outcome.equity_after.as_ref()?.worst_share)
    });
    s.text("worst_area_before", "Sämst ställda område före", "Worst-off area before", |r| {
        Some(r.outcome.worst_area.as_ref()?.before_code.clone())
    });
    s.real("worst_area_before_share", Unit::Share, "Andel som nås där", "Share reached there", |r| {
        Some(r.outcome.worst_area.as_ref()?.before_share)
    });
    s.text("worst_area_after", "Sämst ställda område efter", "Worst-off area after", |r| {
        Some(r.outcome.worst_area.as_ref()?.after_code.clone())
    });
    s.real("worst_area_after_share", Unit::Share, "Andel som nås där", "Share reached there", |r| {
        Some(r.outcome.worst_area.as_ref()?.after_share)
    });
}

fn where_it_ends(s: &mut Sheet<'_, Compared<'_>>, result: &RunResult) {
    fn allocation<'a>(r: &Compared<'a>) -> Option<&'a Allocation> {
        r.scenario.map(|s| &s.allocation)
    }
    s.int("cut_line", Unit::Rank, "Sista plats med bidrag", "Last place with a grant", |r| {
        allocation(r)?.cut_line.map(i64::from)
    });
    s.text("last_funded", "Sista område med bidrag", "Last area with a grant", |r| {
        let a = allocation(r)?;
        let last = a.grants.iter().find(|g| Some(g.order) == a.cut_line)?;
        Some(name_or_code(&last.name, &last.code))
    });
    s.text("first_rejected", "Första område utan", "First area without", |r| {
        let a = allocation(r)?;
        let first = a.grants.iter().find(|g| Some(&g.code) == a.first_rejected.as_ref())?;
        Some(name_or_code(&first.name, &first.code))
    });
    s.int(
        "next_million_persons",
        Unit::Persons,
        "Personer som en miljon till når",
        "Persons a further million reaches",
        |r| Some(allocation(r)?.marginal?.persons),
    );
    s.int(
        "next_million_households",
        Unit::Households,
        "Hushåll som en miljon till når",
        "Households a further million reaches",
        |r| allocation(r)?.marginal.filter(|_| result.has_households).map(|m| m.households),
    );
    s.text(
        "binding_limits",
        "Villkor som ändrar utfallet, och vad vart och ett kostar i personer",
        "Limits that change the outcome, and what each costs in persons",
        |r| {
            let scenario = r.scenario?;
            let said: Vec<String> =
                scenario.allocation.limits.iter().map(|l| limit_in_words(l, scenario, false)).collect();
            (!said.is_empty()).then(|| said.join("; "))
        },
    );
    s.int(
        "cost_to_target_sek",
        Unit::Sek,
        "Minsta budget som når målet i hela området",
        "Least budget that reaches the target for the whole",
        |r| r.scenario?.cost_to_target.as_ref()?.whole_sek,
    );
    s.int(
        "cost_to_target_every_sek",
        Unit::Sek,
        "Minsta budget som når målet i varje överordnat område",
        "Least budget that reaches the target in every parent area",
        |r| r.scenario?.cost_to_target.as_ref()?.every_parent_sek,
    );
    s.real(
        "proof_gap_share",
        Unit::Share,
        "Högst så mycket bättre kan ett annat urval vara",
        "No other set can be better by more than this",
        |r| Some(allocation(r)?.proof.as_ref()?.gap),
    );
    s.text("solver", "Sökmetod", "What searched", |r| Some(allocation(r)?.proof.as_ref()?.solver.clone()));
    let funding = result.robustness.iter().flat_map(|r| &r.funding);
    let firm: BTreeMap<&str, u32> = funding.map(|f| (f.scenario.as_str(), f.n_firm)).collect();
    s.int(
        "firm_areas",
        Unit::Number,
        "Områden som får bidrag i minst 90 % av dragningarna",
        "Areas funded in at least 90 % of the draws",
        |r| firm.get(r.scenario?.name.as_str()).map(|n| i64::from(*n)),
    );
}

/// Coverage of each parent area, where they are few enough to stand side by side.
fn by_parent(s: &mut Sheet<'_, Compared<'_>>, scenarios: &[ScenarioResult]) {
    let parents: BTreeMap<&str, &str> = scenarios
        .iter()
        .flat_map(|s| &s.candidates.parents)
        .map(|p| (p.code.as_str(), p.name.as_str()))
        .collect();
    if parents.len() > MOST_PARENT_COLUMNS {
        return;
    }
    let mut taken = BTreeSet::new();
    for (code, name) in parents {
        let word = column_word(code);
        if !taken.insert(word.clone()) {
            continue; // two codes of one word: the long table has both
        }
        let of = |r: &Compared<'_>| r.outcome.parents.iter().find(|p| p.code == code).cloned();
        let (sv, en) = (format!("{name}: andel som nås efter"), format!("{name}: share reached after"));
        s.real(&format!("reached_{word}_share"), Unit::Share, &sv, &en, |r| of(r)?.after_share);
    }
}
