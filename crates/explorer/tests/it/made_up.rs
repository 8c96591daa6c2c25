//! A small run: four square areas under two parents, two indicators, one scenario.

use whitespot_funding::{Scenario, allocate};
use whitespot_model::{
    config::need::Direction,
    funding::{Base, Candidate, Candidates, ParentBase},
    need::Normalise,
    result::{MapShapes, RunResult},
    table::{Table, Unit, Values},
};
use whitespot_need::{Aggregation, IndicatorSpec, IndicatorTable, Weights, score};

const GAPS: [u64; 4] = [10, 40, 25, 5];
const PERSONS: [u64; 4] = [100, 90, 80, 70];

pub(crate) fn run() -> RunResult {
    let codes = ["01", "02", "03", "04"].map(str::to_string).to_vec();
    let names = ["North", "<img src=x onerror=alert(1)>", "South", "East"].map(str::to_string).to_vec();
    let mut run: RunResult = serde_json::from_value(serde_json::json!({
        "schema": 1, "run_id": "0123", "version": "0", "title": "<img src=x onerror=alert(1)>",
        "language": ["sv", "en"], "crs": "EPSG:3006", "inputs": [], "findings": [],
        "services": { "fibre": {} }, "shown_service": "fibre",
        "total": { "settlements": 4, "persons": 340, "households": 170, "workplaces": 0 },
        "has_households": true, "has_workplaces": false,
        "areas": { "columns": [] }, "parents": { "columns": [] }, "totals": { "columns": [] },
        "map": null, "ranking": null, "scenarios": [], "formats": []
    }))
    .unwrap();
    run.areas = areas(&codes, &names);
    run.map = Some(MapShapes {
        origin_m: [600_000.0, 7_000_000.0],
        step_m: 1_000.0,
        size: [20, 20],
        areas: [[0, 0], [10, 0], [0, 10], [10, 10]]
            .map(|[x, y]| vec![vec![[x, y], [x + 10, y], [x + 10, y + 10], [x, y + 10]]])
            .to_vec(),
    });
    let indicator = |id: &str, weight| IndicatorSpec {
        id: id.to_string(),
        unit: "share".to_string(),
        direction: Direction::HigherIsMoreNeed,
        normalise: Normalise::MinMax { bounds: None },
        weight,
    };
    let table = IndicatorTable {
        codes: codes.clone(),
        names: names.clone(),
        indicators: vec![indicator("gap_share", 0.7), indicator("aged_share", 0.3)],
        values: vec![vec![0.1, 0.44, 0.31, 0.07], vec![0.3, 0.1, 0.2, 0.25]],
        gap_persons: GAPS.to_vec(),
    };
    let ranking = score(&table, &Weights::of(&table).unwrap(), Aggregation::default()).unwrap();
    let rows = (0..4)
        .map(|i| Candidate {
            code: codes[i].clone(),
            name: names[i].clone(),
            parent: Some(i as u32 / 2),
            persons: GAPS[i],
            households: GAPS[i],
            settlements: GAPS[i],
            total_persons: PERSONS[i],
            total_households: PERSONS[i],
            grant_sek: GAPS[i] as i64 * (9_000 + 1_000 * i as i64),
            score: ranking.areas[i].score,
            rank: ranking.areas[i].rank,
            ..Candidate::default()
        })
        .collect();
    let base = |persons: u64, gap: u64| Base {
        persons,
        reached_persons: persons - gap,
        households: persons,
        reached_households: persons - gap,
    };
    let parent = |code: &str, base| ParentBase { code: code.to_string(), name: code.to_string(), base };
    let candidates = Candidates {
        rows,
        parents: vec![parent("a", base(190, 50)), parent("b", base(150, 30))],
        total: base(340, 80),
    };
    let config: whitespot_model::config::funding::ScenarioConfig = serde_json::from_value(
        serde_json::json!({ "name": "need", "service": "fibre", "budget": 300_000, "rule": "need" }),
    )
    .unwrap();
    let scenario = Scenario::from_config(&config).unwrap();
    let allocation = allocate(&candidates, &scenario).unwrap();
    run.scenarios = vec![
        serde_json::from_value(serde_json::json!({
            "name": "need", "config": config, "candidates": candidates, "allocation": allocation
        }))
        .unwrap(),
    ];
    run.ranking = Some(ranking);
    run
}

fn areas(codes: &[String], names: &[String]) -> Table {
    let text = |of: &[String], last: &str| {
        Values::Text(of.iter().cloned().chain([last.to_string()]).map(Some).collect())
    };
    let int = |of: [u64; 4]| Values::Int(of.iter().map(|v| Some(*v as i64)).chain([Some(0)]).collect());
    let mut table = Table::default();
    table.push("area_code", Unit::Text, "", "", text(codes, ""));
    table.push("area_name", Unit::Text, "", "", text(names, "outside"));
    table.push("persons", Unit::Persons, "", "", int(PERSONS));
    table.push("fibre_gap_persons", Unit::Persons, "", "", int(GAPS));
    let shares = GAPS.iter().zip(PERSONS).map(|(g, p)| Some(*g as f64 / p as f64)).chain([None]).collect();
    table.push("fibre_gap_share", Unit::Share, "", "", Values::Real(shares));
    table
}
