//! Made-up results: the real outlines of fifteen municipalities with invented coverage, and grids of any size.

use indexmap::IndexMap;
use serde::Deserialize;
use whitespot_model::{
    config::{
        Lang, OneOrMany, OutputFormat, ServiceConfig, Title,
        need::{Aggregate, Direction},
    },
    coverage::{Kind, Technology},
    finding::Finding,
    need::{AreaScore, IndicatorUsed, Normalise, Ranking, ScorePart},
    provenance::{Provenance, RowBalance},
    result::{MapShapes, RunResult, SCHEMA},
    settlement::Counts,
    table::{Table, Unit, Values},
};

#[derive(Deserialize)]
struct Outlines {
    origin_m: [f64; 2],
    step_m: f64,
    size: [i32; 2],
    areas: Vec<Outline>,
}

#[derive(Deserialize)]
struct Outline {
    code: String,
    name: String,
    persons: i64,
    land_km2: f64,
    rings: Vec<Vec<[i32; 2]>>,
}

/// An area before anything is counted.
struct Place {
    code: String,
    name: String,
    parent: Option<&'static str>,
    persons: i64,
    km2: f64,
}

const SERVICES: [&str; 3] = ["fixed_100", "mobile_5g", "either"];

/// Fifteen municipalities; every coverage figure is made up.
pub(crate) fn vasterbotten() -> RunResult {
    let outlines: Outlines =
        serde_json::from_str(include_str!("vasterbotten.json")).expect("the fixture is JSON");
    let coast = ["2401", "2409", "2480", "2482", "2460", "2404", "2403"];
    let places = outlines
        .areas
        .iter()
        .map(|a| Place {
            code: a.code.clone(),
            name: a.name.clone(),
            parent: Some(if coast.contains(&a.code.as_str()) { "kust" } else { "inland" }),
            persons: a.persons,
            km2: a.land_km2,
        })
        .collect::<Vec<_>>();
    let map = MapShapes {
        origin_m: outlines.origin_m,
        step_m: outlines.step_m,
        size: outlines.size,
        areas: outlines.areas.iter().map(|a| a.rings.clone()).collect(),
    };
    result("vasterbotten", &places, map)
}

/// A grid of square areas whose borders wriggle, `vertices` points a side.
pub(crate) fn grid(columns: i32, rows: i32, vertices: i32) -> RunResult {
    let side = 40;
    let mut places = Vec::new();
    let mut areas = Vec::new();
    for r in 0..rows {
        for c in 0..columns {
            places.push(Place {
                code: format!("{r:03}{c:03}"),
                name: format!("Område {}", r * columns + c + 1),
                parent: Some(if r % 2 == 0 { "kust" } else { "inland" }),
                persons: i64::from((r * 7919 + c * 104_729) % 1900),
                km2: 4.0,
            });
            areas.push(vec![wriggling_square(c * side, r * side, side, vertices)]);
        }
    }
    let map = MapShapes { origin_m: [0.0, 0.0], step_m: 50.0, size: [columns * side, rows * side], areas };
    result("grid", &places, map)
}

fn wriggling_square(x: i32, y: i32, side: i32, vertices: i32) -> Vec<[i32; 2]> {
    let wriggle = |a: i32, b: i32| (a * 31 + b * 17) % 5 - 2;
    let mut ring = Vec::new();
    for (dx, dy, fx, fy) in [(1, 0, 0, 0), (0, 1, 1, 0), (-1, 0, 1, 1), (0, -1, 0, 1)] {
        for k in 0..vertices {
            let (px, py) =
                (x + fx * side + dx * side * k / vertices, y + fy * side + dy * side * k / vertices);
            let off = if k == 0 { 0 } else { wriggle(px, py) };
            ring.push([px + dy.abs() * off, py + dx.abs() * off]);
        }
    }
    ring
}

fn result(name: &str, places: &[Place], map: MapShapes) -> RunResult {
    let n = places.len();
    let persons: Vec<i64> = places.iter().map(|p| p.persons).collect();
    let outside_persons = 212;
    let gaps: Vec<Vec<i64>> = SERVICES
        .iter()
        .enumerate()
        .map(|(s, _)| {
            let mut gaps: Vec<i64> = places.iter().map(|p| made_up_gap(p, s)).collect();
            gaps.push(outside_persons * (2 - s as i64 / 2) / 3);
            gaps
        })
        .collect();
    let mut with_outside = persons.clone();
    with_outside.push(outside_persons);

    let texts = |f: &dyn Fn(&Place) -> Option<String>, outside: Option<&str>| {
        Values::Text(places.iter().map(f).chain([outside.map(str::to_string)]).collect())
    };
    let mut areas = Table::default();
    areas.push(
        "area_code",
        Unit::Text,
        "Områdeskod",
        "Area code",
        texts(&|p| Some(p.code.clone()), Some("")),
    );
    areas.push(
        "area_name",
        Unit::Text,
        "Område",
        "Area",
        texts(&|p| Some(p.name.clone()), Some("outside all areas")),
    );
    areas.push(
        "parent_code",
        Unit::Text,
        "Överordnat område",
        "Parent area",
        texts(&|p| p.parent.map(str::to_string), None),
    );
    push_counts(&mut areas, &with_outside, &gaps);

    let of_parent = |values: &[i64], parent: &str| -> i64 {
        places.iter().zip(values).filter(|(p, _)| p.parent == Some(parent)).map(|(_, v)| v).sum()
    };
    let parent_codes = ["inland", "kust"];
    let mut parents = Table::default();
    let text = |values: [&str; 2]| Values::Text(values.iter().map(|v| Some((*v).to_string())).collect());
    parents.push("area_code", Unit::Text, "Områdeskod", "Area code", text(parent_codes));
    parents.push("area_name", Unit::Text, "Område", "Area", text(["Inlandet", "Kusten"]));
    parents.push("parent_code", Unit::Text, "Överordnat område", "Parent area", Values::Text(vec![None; 2]));
    let parent_persons: Vec<i64> = parent_codes.iter().map(|c| of_parent(&persons, c)).collect();
    let parent_gaps: Vec<Vec<i64>> =
        gaps.iter().map(|g| parent_codes.iter().map(|c| of_parent(g, c)).collect()).collect();
    push_counts(&mut parents, &parent_persons, &parent_gaps);

    let mut totals = Table::default();
    let all_gaps: Vec<Vec<i64>> = gaps.iter().map(|g| vec![g.iter().sum()]).collect();
    push_counts(&mut totals, &[with_outside.iter().sum()], &all_gaps);

    let ranking = ranking(places, &gaps[0]);
    let score = ranking.areas.iter().map(|a| a.score).chain([None]).collect();
    areas.push("score", Unit::Number, "Behovsindex", "Need score", Values::Real(score));
    let rank = ranking.areas.iter().map(|a| a.rank.map(i64::from)).chain([None]).collect();
    areas.push("rank", Unit::Rank, "Rang", "Rank", Values::Int(rank));

    let total_persons = with_outside.iter().sum::<i64>() as u64;
    RunResult {
        schema: SCHEMA,
        run_id: format!("{name}-4f1c09aa"),
        version: "0.1.0".into(),
        title: Title::ByLanguage(IndexMap::from([
            (Lang::Sv, "Bredbandsluckor i Västerbotten 2026".to_string()),
            (Lang::En, "Broadband gaps in Västerbotten 2026".to_string()),
        ])),
        language: vec![Lang::Sv, Lang::En],
        crs: "EPSG:3006".into(),
        inputs: inputs(n as u64),
        findings: findings(),
        services: services(),
        shown_service: Some("fixed_100".into()),
        total: Counts {
            settlements: total_persons / 2,
            persons: total_persons,
            households: total_persons / 2,
            workplaces: 0,
        },
        has_households: true,
        has_workplaces: false,
        areas,
        parents,
        totals,
        map: Some(map),
        ranking: Some(ranking),
        robustness: None,
        consultation: None,
        clusters: None,
        comparison: None,
        scenarios: Vec::new(),
        min_cell: 5,
        withheld: None,
        analysis: None,
        formats: vec![
            OutputFormat::Csv,
            OutputFormat::Parquet,
            OutputFormat::Geojson,
            OutputFormat::Gpkg,
            OutputFormat::Html,
        ],
    }
}

/// More of a gap where few live on much land.
fn made_up_gap(place: &Place, service: usize) -> i64 {
    let density = place.persons as f64 / place.km2;
    let wish = [0.85, 0.55, 0.35][service];
    let share = (wish / (1.0 + density / 1.2)).clamp(0.004, 1.0);
    ((place.persons as f64 * share).round() as i64 + place.persons % 7).min(place.persons)
}

fn push_counts(table: &mut Table, persons: &[i64], gaps: &[Vec<i64>]) {
    let ints = |v: &mut dyn Iterator<Item = i64>| Values::Int(v.map(Some).collect());
    table.push("persons", Unit::Persons, "Personer", "Persons", ints(&mut persons.iter().copied()));
    table.push(
        "households",
        Unit::Households,
        "Hushåll",
        "Households",
        ints(&mut persons.iter().map(|p| p / 2)),
    );
    for (service, gap) in SERVICES.iter().zip(gaps) {
        let name = |what: &str| format!("{service}_{what}");
        let reached = persons.iter().zip(gap).map(|(p, g)| p - g);
        table.push(&name("reached_persons"), Unit::Persons, "", "", ints(&mut reached.into_iter()));
        table.push(&name("gap_persons"), Unit::Persons, "", "", ints(&mut gap.iter().copied()));
        table.push(&name("gap_households"), Unit::Households, "", "", ints(&mut gap.iter().map(|g| g / 2)));
        let share = persons.iter().zip(gap).map(|(&p, &g)| (p > 0).then(|| g as f64 / p as f64)).collect();
        table.push(&name("gap_share"), Unit::Share, "", "", Values::Real(share));
    }
}

fn ranking(places: &[Place], gap: &[i64]) -> Ranking {
    let shares: Vec<Option<f64>> =
        places.iter().zip(gap).map(|(p, &g)| (p.persons > 0).then(|| g as f64 / p.persons as f64)).collect();
    let sparse: Vec<f64> = places.iter().map(|p| p.persons as f64 / p.km2).collect();
    let low = shares.iter().flatten().copied().fold(f64::INFINITY, f64::min);
    let high = shares.iter().flatten().copied().fold(0.0, f64::max);
    let densest = sparse.iter().copied().fold(0.0, f64::max);
    let mut areas: Vec<AreaScore> = places
        .iter()
        .enumerate()
        .map(|(i, place)| {
            let a = shares[i].map(|s| (s - low) / (high - low));
            let b = 1.0 - sparse[i] / densest;
            let parts = vec![
                ScorePart {
                    raw: shares[i],
                    normalised: a,
                    weight: if a.is_some() { 0.7 } else { 0.0 },
                    contribution: a.map_or(0.0, |a| 0.7 * a),
                },
                ScorePart {
                    raw: Some(sparse[i]),
                    normalised: Some(b),
                    weight: if a.is_some() { 0.3 } else { 1.0 },
                    contribution: if a.is_some() { 0.3 * b } else { b },
                },
            ];
            AreaScore {
                code: place.code.clone(),
                score: Some(parts.iter().map(|p| p.contribution).sum()),
                rank: None,
                is_tied: false,
                n_missing: u32::from(a.is_none()),
                gap_persons: gap[i] as u64,
                parts,
            }
        })
        .collect();
    let mut order: Vec<u32> = (0..places.len() as u32).collect();
    order.sort_by(|&a, &b| {
        let score = |i: u32| areas[i as usize].score.unwrap_or(0.0);
        score(b).total_cmp(&score(a)).then(a.cmp(&b))
    });
    for (rank, &i) in order.iter().enumerate() {
        areas[i as usize].rank = Some(rank as u32 + 1);
    }
    let indicator = |id: &str, unit: &str, direction, scale, weight| IndicatorUsed {
        id: id.into(),
        unit: unit.into(),
        direction,
        normalise: Normalise::MinMax { bounds: None },
        scale: Some(scale),
        weight,
        n_missing: 0,
    };
    Ranking {
        geometric_floor: 0.01,
        aggregate: Aggregate::Arithmetic,
        indicators: vec![
            indicator("fixed_gap_share", "share", Direction::HigherIsMoreNeed, [low, high], 0.7),
            indicator("density", "persons per km²", Direction::LowerIsMoreNeed, [0.0, densest], 0.3),
        ],
        areas,
        order,
        unranked: Vec::new(),
        findings: Vec::new(),
    }
}

fn services() -> IndexMap<String, ServiceConfig> {
    let title = |sv: &str, en: &str| {
        Some(Title::ByLanguage(IndexMap::from([(Lang::Sv, sv.to_string()), (Lang::En, en.to_string())])))
    };
    IndexMap::from([
        (
            "fixed_100".to_string(),
            ServiceConfig {
                title: title("fast bredband på 100 Mbit/s", "fixed broadband of 100 Mbit/s"),
                kind: Some(Kind::Fixed),
                min_download_mbps: Some(100.0),
                target: Some(0.98),
                ..Default::default()
            },
        ),
        (
            "mobile_5g".to_string(),
            ServiceConfig { technology: Some(OneOrMany::One(Technology::G5)), ..Default::default() },
        ),
        (
            "either".to_string(),
            ServiceConfig {
                title: title("både fast 100 Mbit/s och 5G", "both fixed 100 Mbit/s and 5G"),
                any_of: Some(vec!["fixed_100".into(), "mobile_5g".into()]),
                ..Default::default()
            },
        ),
    ])
}

fn inputs(n_areas: u64) -> Vec<Provenance> {
    let all = |n| RowBalance { read: n, accepted: n, ..Default::default() };
    let file = |role: &str, file: &str, rows, date: Option<&str>, synthetic| Provenance {
        role: role.into(),
        file: file.into(),
        format: "GeoJSON".into(),
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        bytes: 1_234_567,
        crs: "EPSG:3006".into(),
        rows,
        owner: Some(if synthetic { "whitespot".into() } else { "SCB".into() }),
        date: date.map(str::to_string),
        licence: Some("CC0".into()),
        synthetic,
        ..Default::default()
    };
    vec![
        file(
            "settlements",
            "data/bebyggelse.csv",
            RowBalance { read: 151_204, accepted: 151_190, repaired: 0, rejected: 14, left_out: 12 },
            Some("2025-12-31"),
            true,
        ),
        file("areas", "data/kommuner.geojson", all(n_areas), Some("2024-01-01"), false),
        file(
            "coverage fixed_2025",
            "data/fast_2025.geojson",
            RowBalance { read: 5_412, accepted: 5_198, repaired: 209, rejected: 5, left_out: 0 },
            Some("2025-10-01"),
            true,
        ),
        file("coverage mobile_2025", "data/mobil_2025.gpkg", all(18), None, true),
    ]
}

fn findings() -> Vec<Finding> {
    vec![
        Finding::note(
            "edge",
            "data/fast_2025.geojson",
            "37 settlements lie on a coverage edge and count as reached",
        )
        .with_count(37),
        Finding::warning(
            "outside_all_areas",
            "data/bebyggelse.csv",
            "37 settlements lie outside every area; they are kept in the totals",
        )
        .with_count(37)
        .with_persons(212)
        .with_examples(["rad 88".to_string(), "rad 1204".to_string()])
        .with_hint("set `snap_m = 500` under `[areas]` to give them to the nearest area"),
    ]
}
