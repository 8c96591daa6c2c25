//! `public/scenarios/*.csv`: who receives what, and the scenarios side by side.

use crate::sheet::{Sheet, word};
use std::collections::{BTreeMap, BTreeSet};
use whitespot_model::{
    config::{
        Lang,
        funding::{CandidatesConfig, CandidatesOf},
    },
    funding::{
        Allocation, Candidate, ComparisonPair, CurvePoint, Grant, Limit, LimitEffect, Outcome, ParentOutcome,
        ScenarioResult,
    },
    measures::column_word,
    need::FundingFrequency,
    result::RunResult,
    table::{Table, Unit, Values},
};

/// More parent areas than this have their coverage in `comparison_parents.csv` only.
const MOST_PARENT_COLUMNS: usize = 25;

/// One row a candidate in the rule's order, then those that may not be funded; last what is withheld of some
/// candidates because of their few households, as one sum, so that columns add up.
pub(crate) fn scenario_table(result: &RunResult, scenario: &ScenarioResult) -> Table {
    let mut table = candidate_table(result, scenario);
    let Some(withheld) = &result.withheld else { return table };
    let Some(sum) = withheld.together.get(&scenario.name) else { return table };
    let is_withheld: Vec<bool> = match table.column("area_code").map(|c| &c.values) {
        Some(Values::Text(codes)) => {
            codes.iter().map(|c| withheld.has(&scenario.name, c.as_deref().unwrap_or_default())).collect()
        }
        _ => Vec::new(),
    };
    for column in &mut table.columns {
        let together = match column.name.as_str() {
            "gap_households" => i64::try_from(sum.gap_households).ok(),
            "cost_sek" => Some(sum.cost_sek),
            "asked_sek" => Some(sum.asked_sek),
            "grant_sek" => Some(sum.grant_sek),
            "own_sek" => Some(sum.own_sek),
            "funded_persons" => i64::try_from(sum.persons).ok(),
            "funded_households" => i64::try_from(sum.households).ok(),
            _ => None,
        };
        let stays = TOLD_OF_EVERYONE.contains(&column.name.as_str());
        // A running sum tells what lies between its rows.
        let is_running = column.name == "sum_grants_sek";
        let hides = |i: usize| is_running || (!stays && is_withheld[i]);
        match &mut column.values {
            Values::Int(values) => {
                values.iter_mut().enumerate().filter(|(i, _)| hides(*i)).for_each(|(_, v)| *v = None);
                values.push(together);
            }
            Values::Real(values) => {
                values.iter_mut().enumerate().filter(|(i, _)| hides(*i)).for_each(|(_, v)| *v = None);
                values.push(None);
            }
            Values::Text(values) => {
                values.push((column.name == "status").then(|| "withheld_together".to_string()));
            }
            Values::Bool(values) => values.push(None),
        }
    }
    table
}

/// Columns that tell nothing of households and money, also of candidates of which those are withheld.
const TOLD_OF_EVERYONE: [&str; 5] = ["order", "rank", "score", "gap_persons", "funding_frequency_share"];

fn candidate_table(result: &RunResult, scenario: &ScenarioResult) -> Table {
    struct Row<'a> {
        grant: Option<&'a Grant>,
        candidate: Option<&'a Candidate>,
        code: &'a str,
        refused: Option<&'a str>,
        sum_sek: i64,
        frequency: Option<&'a FundingFrequency>,
    }
    let allocation = &scenario.allocation;
    let by_code: BTreeMap<&str, &Candidate> =
        scenario.candidates.rows.iter().map(|c| (c.code.as_str(), c)).collect();
    let draws = result.robustness.iter().flat_map(|r| &r.funding).find(|f| f.scenario == scenario.name);
    let frequency_of: BTreeMap<&str, &FundingFrequency> =
        draws.iter().flat_map(|d| &d.areas).map(|a| (a.code.as_str(), a)).collect();
    let row = |code| Row {
        grant: None,
        candidate: by_code.get(code).copied(),
        code,
        refused: None,
        sum_sek: 0,
        frequency: frequency_of.get(code).copied(),
    };
    let mut sum_sek = 0;
    let mut rows: Vec<Row<'_>> = Vec::new();
    for grant in &allocation.grants {
        sum_sek += grant.grant_sek;
        rows.push(Row { grant: Some(grant), sum_sek, ..row(&grant.code) });
    }
    rows.extend(allocation.ineligible.iter().map(|i| Row { refused: Some(&i.reason), ..row(&i.code) }));

    let parents = &scenario.candidates.parents;
    let parent = |r: &Row<'_>| r.candidate.and_then(|c| parents.get(c.parent? as usize));
    let mut s = Sheet::new(&rows);
    let grant = |f: fn(&Grant) -> i64| move |r: &Row<'_>| r.grant.map(f);
    s.int("order", Unit::Rank, "Ordning", "Order", grant(|g| i64::from(g.order)));
    s.text("area_code", "Områdeskod", "Area code", |r| Some(r.code.to_string()));
    s.text("area_name", "Område", "Area", |r| r.candidate.map(|c| c.name.clone()));
    s.text("parent_code", "Överordnat område", "Parent area", |r| parent(r).map(|p| p.code.clone()));
    s.text("parent_name", "Överordnat områdes namn", "Name of the parent area", |r| {
        parent(r).map(|p| p.name.clone())
    });
    s.text(
        "status",
        "Utfall: funded (alla), partial (några), rejected (inga), ineligible (får inte stödjas)",
        "Outcome: funded (all), partial (some), rejected (none), ineligible (may not be funded)",
        |r| Some(r.grant.map_or_else(|| "ineligible".to_string(), |g| word(&g.status))),
    );
    s.text("reason", "Skäl", "Reason", |r| {
        r.grant.map(|g| word(&g.reason)).or_else(|| r.refused.map(str::to_string))
    });
    s.int("rank", Unit::Rank, "Behovsrang", "Need rank", |r| r.candidate?.rank.map(i64::from));
    s.real("score", Unit::Number, "Behovsindex", "Need score", |r| r.candidate?.score);
    s.real(
        "order_key",
        Unit::Number,
        &format!("Det som ordningen följer: {}", allocation.order_by),
        &format!("What the order is by: {}", allocation.order_by),
        |r| r.grant?.key,
    );
    let count = |f: fn(&Candidate) -> u64| move |r: &Row<'_>| r.candidate.map(|c| f(c) as i64);
    s.int(
        "gap_persons",
        Unit::Persons,
        "Personer utan före",
        "Persons without, before",
        count(|c| c.persons),
    );
    s.int("gap_households", Unit::Households, "Hushåll utan före", "Households without, before", |r| {
        r.candidate.filter(|_| result.has_households).map(|c| c.households as i64)
    });
    s.int("cost_sek", Unit::Sek, "Kostnad för alla", "Cost of all", |r| {
        r.candidate.map(|c| c.cost.total_sek)
    });
    s.int("asked_sek", Unit::Sek, "Bidrag för alla", "Grant for all", |r| r.candidate.map(|c| c.grant_sek));
    s.int("grant_sek", Unit::Sek, "Bidrag", "Grant", grant(|g| g.grant_sek));
    s.int("own_sek", Unit::Sek, "Övrig finansiering", "Paid by others", grant(|g| g.own_sek));
    s.int("sum_grants_sek", Unit::Sek, "Bidrag hittills i ordningen", "Grants so far in the order", |r| {
        r.grant.map(|_| r.sum_sek)
    });
    s.int(
        "connections",
        Unit::Number,
        "Anslutningar som behövs",
        "Connections asked for",
        grant(|g| g.connections as i64),
    );
    s.int(
        "funded_connections",
        Unit::Number,
        "Anslutningar med bidrag",
        "Connections funded",
        grant(|g| g.funded_connections as i64),
    );
    let get = ("som får tjänsten", "who get the service");
    s.int(
        "funded_persons",
        Unit::Persons,
        &format!("Personer {}", get.0),
        &format!("Persons {}", get.1),
        grant(|g| g.persons as i64),
    );
    s.int(
        "funded_households",
        Unit::Households,
        &format!("Hushåll {}", get.0),
        "Households that get the service",
        |r| r.grant.filter(|_| result.has_households).map(|g| g.households as i64),
    );
    s.real("grant_per_household_sek", Unit::Sek, "Bidrag per hushåll", "Grant per household", |r| {
        let g = r.grant.filter(|g| g.households > 0)?;
        Some((g.grant_sek as f64 / g.households as f64).round())
    });
    let reached = |c: &Candidate, more: u64| {
        let before = c.total_persons.saturating_sub(c.persons);
        (c.total_persons > 0).then(|| (before + more) as f64 / c.total_persons as f64)
    };
    s.real(
        "reached_after_share",
        Unit::Share,
        "Andel av områdets personer som nås efter",
        "Share of the area's persons reached after",
        |r| reached(r.candidate?, r.grant.map_or(0, |g| g.persons)).filter(|_| is_whole(scenario)),
    );
    if allocation.years.len() > 1 {
        for (y, year) in allocation.years.iter().enumerate() {
            s.int(
                &format!("grant_{}_sek", column_word(&year.year)),
                Unit::Sek,
                &format!("Bidrag år {}", year.year),
                &format!("Grant in {}", year.year),
                |r| r.grant.and_then(|g| g.by_year_sek.get(y).copied()),
            );
        }
    }
    if draws.is_some() {
        s.real(
            "funding_frequency_share",
            Unit::Share,
            "Andel av dragningarna där området får bidrag",
            "Share of the draws in which the area is funded",
            |r| r.frequency.map(|f| f.frequency),
        );
        s.text(
            "firmness",
            "Säkerhet: firm (minst 90 %), sensitive (känslig), not_funded (utan bidrag)",
            "How sure: firm (at least 90 %), sensitive, not_funded",
            |r| r.frequency.map(|f| word(&f.firmness)),
        );
    }
    s.finish()
}

/// Whether the scenario may reach everyone in the gap of a candidate, so that its coverage afterwards is known.
fn is_whole(scenario: &ScenarioResult) -> bool {
    let eligible = scenario.config.eligible.as_ref();
    eligible.is_none_or(|e| {
        e.class.is_none()
            && e.settlement_class.is_none()
            && e.outside.is_none()
            && e.no_planned_within_years.is_none()
    })
}

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

/// One row a scenario and parent area, "no grant" first. Where candidates are withheld, money and households of their
/// parent area would tell them, and are missing.
fn parents_table(result: &RunResult) -> Table {
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
fn areas_table(result: &RunResult) -> Table {
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
fn pairs_table(result: &RunResult) -> Table {
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
fn limits_table(result: &RunResult) -> Table {
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

fn limit_in_words(effect: &LimitEffect, scenario: &ScenarioResult, is_swedish: bool) -> String {
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
fn curve_table(result: &RunResult) -> Table {
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

/// The scenario's name for people.
pub(crate) fn title(scenario: &ScenarioResult, lang: Lang) -> String {
    let title = scenario.config.title.as_ref();
    title.map_or_else(|| scenario.name.clone(), |t| t.in_lang(lang).to_string())
}

fn name_or_code(name: &str, code: &str) -> String {
    if name.is_empty() { code.to_string() } else { name.to_string() }
}
