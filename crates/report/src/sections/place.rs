//! 2 Where: the ranked table and the map, which share one selection and step through the services together.

use super::{Pen, service, why};
use crate::{
    columns, format,
    map::{CLASS_LIMITS, MapDrawing, class_of},
};
use serde::Serialize;
use std::cmp::Ordering;
use whitespot_model::result::RunResult;

/// With more areas the script shows the table page by page, and only the current page is printed.
const MOST_ROWS_PRINTED: usize = 400;

/// Values of `place.html`.
#[derive(Serialize)]
pub(crate) struct Place {
    sentence: String,
    services: Vec<ServiceChoice>,
    shown: usize,
    has_rank: bool,
    has_parents: bool,
    rows: Vec<Row>,
    outside: Option<Row>,
    total: Row,
    parents: Vec<Row>,
    pub(crate) map: Option<MapDrawing>,
    /// The classes of the legend in words.
    classes: Vec<String>,
    is_long: bool,
    why: Option<why::Why>,
    /// Everything the script needs to step through services and to sort.
    script_data: String,
}

#[derive(Serialize)]
struct ServiceChoice {
    name: String,
    label: String,
    rule: String,
    gap: String,
    share: String,
}

/// One line of the table, as it is written for the service that is shown.
#[derive(Serialize)]
struct Row {
    /// Number of the area; links rows, shapes and the script's data.
    i: usize,
    rank: Option<u32>,
    is_tied: bool,
    n_missing: u32,
    code: String,
    name: String,
    parent: String,
    persons: String,
    gap: Option<String>,
    share: Option<String>,
    percent: Option<f64>,
    class: char,
    score: Option<String>,
    is_empty: bool,
    title: String,
}

/// What the script steps through; texts are written here so that the script formats nothing.
#[derive(Serialize)]
struct ScriptData {
    services: Vec<ScriptService>,
    order: ScriptOrder,
}

#[derive(Serialize)]
struct ScriptService {
    /// One character an area: its class.
    classes: String,
    gap: Vec<Option<i64>>,
    share: Vec<Option<f64>>,
    gap_text: Vec<String>,
    share_text: Vec<String>,
    parents: Vec<Pair>,
    total: Pair,
    outside: Pair,
}

/// Who lack a service, their share, and the length of its bar, 0–100.
type Pair = (String, String, f64);

/// Keys to sort by, one an area.
#[derive(Serialize)]
struct ScriptOrder {
    name: Vec<usize>,
    parent: Vec<usize>,
    rank: Vec<Option<u32>>,
    persons: Vec<Option<i64>>,
    score: Vec<Option<f64>>,
}

pub(crate) fn section(result: &RunResult, pen: &Pen) -> Place {
    let names = columns::published_services(result);
    let shown_name = columns::shown_service(result);
    let shown = names.iter().position(|&n| Some(n) == shown_name).unwrap_or(0);
    let n_areas = columns::n_areas(result);
    let has_outside = n_areas < result.areas.n_rows();
    let service = shown_name.unwrap_or("");
    let order = published_order(result, service, pen);

    let parents = Parents::of(result);
    let rows: Vec<Row> = order.iter().map(|&i| area_row(result, i, service, &parents, pen)).collect();
    let outside = has_outside.then(|| {
        let mut row = area_row(result, n_areas, service, &parents, pen);
        row.name = pen.text("word.outside");
        row
    });
    let outside = outside.filter(|r| r.persons != pen.count(0));
    let mut total = table_row(&result.totals, 0, service, pen);
    total.name = pen.text("word.all");
    let area_names: Vec<&str> = (0..n_areas).map(|i| area_name(result, i)).collect();
    Place {
        sentence: sentence(result, &order, service, pen),
        services: names.iter().map(|&n| service_choice(result, n, pen)).collect(),
        shown,
        has_rank: result.ranking.is_some(),
        has_parents: !parents.codes.is_empty(),
        parents: (0..result.parents.n_rows()).map(|p| table_row(&result.parents, p, service, pen)).collect(),
        rows,
        outside,
        total,
        map: result
            .map
            .as_ref()
            .filter(|m| m.areas.len() == n_areas && n_areas > 0)
            .map(|m| MapDrawing::new(m, &area_names)),
        classes: CLASS_LIMITS.windows(2).map(|l| format::share_range(l[0], l[1], pen.lang)).collect(),
        is_long: n_areas > MOST_ROWS_PRINTED,
        why: why::table(result, pen),
        script_data: script_data(result, &names, &area_names, &parents, pen),
    }
}

/// Names of the parent areas by code.
struct Parents<'a> {
    codes: Vec<(&'a str, &'a str)>,
}

impl<'a> Parents<'a> {
    fn of(result: &'a RunResult) -> Parents<'a> {
        let mut codes: Vec<(&str, &str)> = (0..result.parents.n_rows())
            .map(|p| {
                let code = columns::text(&result.parents, "area_code", p);
                let name = columns::text(&result.parents, "area_name", p);
                (code, if name.is_empty() { code } else { name })
            })
            .collect();
        codes.sort_unstable();
        Parents { codes }
    }

    fn name(&self, code: &str) -> &'a str {
        self.codes.binary_search_by(|p| p.0.cmp(code)).map_or("", |i| self.codes[i].1)
    }
}

fn area_name(result: &RunResult, i: usize) -> &str {
    let name = columns::text(&result.areas, "area_name", i);
    if name.is_empty() { columns::text(&result.areas, "area_code", i) } else { name }
}

/// The order of the ranking; without one, the most persons in the gap first.
fn published_order(result: &RunResult, service: &str, pen: &Pen) -> Vec<usize> {
    let n_areas = columns::n_areas(result);
    if let Some(ranking) = &result.ranking {
        let listed = ranking.order.iter().chain(&ranking.unranked).map(|&i| i as usize);
        let order: Vec<usize> = listed.filter(|&i| i < n_areas).collect();
        if order.len() == n_areas {
            return order;
        }
    }
    let column = format!("{service}_gap_persons");
    let mut order: Vec<usize> = (0..n_areas).collect();
    order.sort_by(|&a, &b| {
        let gap = |i| columns::int(&result.areas, &column, i);
        gap(b).cmp(&gap(a)).then_with(|| by_name(result, a, b, pen))
    });
    order
}

fn by_name(result: &RunResult, a: usize, b: usize, pen: &Pen) -> Ordering {
    format::compare_names(area_name(result, a), area_name(result, b), pen.lang).then(a.cmp(&b))
}

fn service_choice(result: &RunResult, name: &str, pen: &Pen) -> ServiceChoice {
    ServiceChoice {
        name: name.to_string(),
        label: service::label(result, name, pen),
        rule: result.services.get(name).map(|s| service::rule(result, s, pen)).unwrap_or_default(),
        gap: pen.count_or_missing(columns::int(&result.totals, &format!("{name}_gap_persons"), 0)),
        share: pen.share_or_missing(columns::number(&result.totals, &format!("{name}_gap_share"), 0)),
    }
}

/// Which areas stand first, in words.
fn sentence(result: &RunResult, order: &[usize], service: &str, pen: &Pen) -> String {
    let name = service::label(result, service, pen);
    let first: Vec<String> = order.iter().take(3).map(|&i| area_name(result, i).to_string()).collect();
    if service.is_empty() || first.is_empty() {
        return pen.text("place.nothing");
    }
    let key = if result.ranking.is_some() { "place.sentence_ranked" } else { "place.sentence_gap" };
    pen.fill(key, &[("areas", &pen.list(&first)), ("n", &pen.count(order.len() as i64)), ("service", &name)])
}

fn area_row(result: &RunResult, i: usize, service: &str, parents: &Parents, pen: &Pen) -> Row {
    let mut row = table_row(&result.areas, i, service, pen);
    row.name = area_name(result, i).to_string();
    row.parent = parents.name(columns::text(&result.areas, "parent_code", i)).to_string();
    if let Some(area) = result.ranking.as_ref().and_then(|r| r.areas.get(i)) {
        row.rank = area.rank;
        row.is_tied = area.is_tied;
        row.n_missing = area.n_missing;
        row.score = area.score.map(|s| format::real(s, 3, pen.lang));
    }
    row.title = title(&row, pen);
    row
}

/// What is said of an area on hover and by a screen reader.
fn title(row: &Row, pen: &Pen) -> String {
    let value = match (&row.share, &row.gap) {
        (Some(share), Some(gap)) => {
            pen.fill("place.title", &[("share", share), ("gap", gap), ("persons", &row.persons)])
        }
        _ => pen.text(if row.is_empty { "word.nobody" } else { "word.missing" }),
    };
    match row.rank {
        Some(rank) => pen.fill(
            "place.title_ranked",
            &[("area", &row.name), ("value", &value), ("rank", &rank.to_string())],
        ),
        None => pen.fill("place.title_unranked", &[("area", &row.name), ("value", &value)]),
    }
}

fn table_row(table: &whitespot_model::table::Table, i: usize, service: &str, pen: &Pen) -> Row {
    let share = columns::number(table, &format!("{service}_gap_share"), i);
    let persons = columns::int(table, "persons", i);
    Row {
        i,
        rank: None,
        is_tied: false,
        n_missing: 0,
        code: columns::text(table, "area_code", i).to_string(),
        name: columns::text(table, "area_name", i).to_string(),
        parent: String::new(),
        persons: pen.count_or_missing(persons),
        gap: columns::int(table, &format!("{service}_gap_persons"), i).map(|n| pen.count(n)),
        share: share.map(|s| pen.share(s)),
        percent: share.map(|s| (s * 1000.0).round() / 10.0),
        class: class_of(share),
        score: None,
        is_empty: persons == Some(0),
        title: String::new(),
    }
}

fn script_data(
    result: &RunResult,
    services: &[&str],
    area_names: &[&str],
    parents: &Parents,
    pen: &Pen,
) -> String {
    let n = area_names.len();
    let dash = || pen.text("word.dash");
    let pair = |table: &whitespot_model::table::Table, service: &str, i: usize| {
        let gap = columns::int(table, &format!("{service}_gap_persons"), i);
        let share = columns::number(table, &format!("{service}_gap_share"), i);
        (
            gap.map_or_else(dash, |v| pen.count(v)),
            share.map_or_else(dash, |v| pen.share(v)),
            share.map_or(0.0, |s| (s * 1000.0).round() / 10.0),
        )
    };
    let script_service = |&service: &&str| {
        let gap: Vec<Option<i64>> =
            (0..n).map(|i| columns::int(&result.areas, &format!("{service}_gap_persons"), i)).collect();
        let share: Vec<Option<f64>> =
            (0..n).map(|i| columns::number(&result.areas, &format!("{service}_gap_share"), i)).collect();
        ScriptService {
            classes: share.iter().map(|&s| class_of(s)).collect(),
            gap_text: gap.iter().map(|v| v.map_or_else(dash, |v| pen.count(v))).collect(),
            share_text: share.iter().map(|v| v.map_or_else(dash, |v| pen.share(v))).collect(),
            // Lengths of bars and keys to sort by need no more digits.
            share: share.iter().map(|v| v.map(|v| (v * 1e5).round() / 1e5)).collect(),
            gap,
            parents: (0..result.parents.n_rows()).map(|p| pair(&result.parents, service, p)).collect(),
            total: pair(&result.totals, service, 0),
            outside: if n < result.areas.n_rows() {
                pair(&result.areas, service, n)
            } else {
                (dash(), dash(), 0.0)
            },
        }
    };
    let mut by_names: Vec<usize> = (0..n).collect();
    by_names.sort_by(|&a, &b| by_name(result, a, b, pen));
    let parent_of = |i: usize| parents.name(columns::text(&result.areas, "parent_code", i));
    let mut by_parents = by_names.clone();
    by_parents.sort_by(|&a, &b| format::compare_names(parent_of(a), parent_of(b), pen.lang));
    let ranked = |i: usize| result.ranking.as_ref().and_then(|r| r.areas.get(i));
    let data = ScriptData {
        services: services.iter().map(script_service).collect(),
        order: ScriptOrder {
            name: places(&by_names),
            parent: places(&by_parents),
            rank: (0..n).map(|i| ranked(i).and_then(|a| a.rank)).collect(),
            persons: (0..n).map(|i| columns::int(&result.areas, "persons", i)).collect(),
            score: (0..n).map(|i| ranked(i).and_then(|a| a.score)).collect(),
        },
    };
    crate::page::json_for_script(&data)
}

/// The place of each area in an order.
fn places(order: &[usize]) -> Vec<usize> {
    let mut places = vec![0; order.len()];
    for (place, &i) in order.iter().enumerate() {
        places[i] = place;
    }
    places
}
