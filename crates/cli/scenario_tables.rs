//! `public/scenarios/<scenario>.csv`: who receives what.

use crate::sheet::{Sheet, word};
use std::collections::BTreeMap;
use whitespot_model::{
    config::Lang,
    funding::{Candidate, Grant, ScenarioResult},
    measures::column_word,
    need::FundingFrequency,
    result::RunResult,
    table::{Table, Unit, Values},
};

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

/// The scenario's name for people.
pub(crate) fn title(scenario: &ScenarioResult, lang: Lang) -> String {
    let title = scenario.config.title.as_ref();
    title.map_or_else(|| scenario.name.clone(), |t| t.in_lang(lang).to_string())
}

pub(crate) fn name_or_code(name: &str, code: &str) -> String {
    if name.is_empty() { code.to_string() } else { name.to_string() }
}
