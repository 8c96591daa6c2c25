//! Clusters: groups of neighbouring settlements without a service, each a candidate build project.

use super::Pen;
use crate::{
    columns, format,
    map::{MapDrawing, ScaleBar},
};
use serde::Serialize;
use std::{collections::BTreeMap, fmt::Write as _};
use whitespot_model::{clusters::ClustersResult, result::RunResult, table::Table};

/// Rows of the table; the file holds the rest.
const MOST_ROWS: usize = 100;
/// Dots on the map, those in the table first; more would make the page heavy.
const MOST_DOTS: usize = 20_000;
/// Persons from which a dot is larger.
const SIZES: [i64; 3] = [10, 50, 250];
/// Clusters with their number on the map.
const N_NUMBERED: usize = 10;
/// With more areas their borders below the clusters would be all there is to see.
const MOST_BORDERS: usize = 1_000;
/// Closer numbers would lie over one another, CSS pixels.
const NUMBER_PX: f64 = 15.0;

/// Values of `clusters.html`.
#[derive(Serialize)]
pub(crate) struct Clusters {
    groups: Vec<Group>,
    link_m: String,
    lattice_m: String,
    has_placeholders: bool,
}

/// The clusters of one service.
#[derive(Serialize)]
struct Group {
    /// Makes ids of groups differ.
    id: usize,
    service: String,
    sentence: String,
    has_rank: bool,
    has_cost: bool,
    has_households: bool,
    rows: Vec<Row>,
    n_left_out: Option<String>,
    map: Option<Drawn>,
}

#[derive(Serialize)]
struct Row {
    rank: Option<String>,
    code: String,
    name: String,
    persons: String,
    households: Option<String>,
    distance: Option<String>,
    cost: Option<String>,
    per_household: Option<String>,
    score: Option<String>,
    title: String,
}

/// The clusters on the map of the areas.
#[derive(Serialize)]
struct Drawn {
    view_box: [i32; 4],
    units_in_px: f64,
    /// How many areas have their borders drawn below.
    n_borders: usize,
    /// Dots of the clusters in the table, in its order; `None` where one has no outline.
    shown: Vec<Option<Dot>>,
    /// Dots of the others, one path a size.
    rest: Vec<String>,
    n_drawn: Option<String>,
    numbers: Vec<Number>,
    /// What each size of dot stands for.
    sizes: Vec<String>,
    scale_bar: Option<ScaleBar>,
}

#[derive(Serialize)]
struct Dot {
    x: i32,
    y: i32,
    size: usize,
}

#[derive(Serialize)]
struct Number {
    x: i32,
    y: i32,
    text: String,
}

/// The section; `None` where the analysis asks for no clusters.
pub(crate) fn section(result: &RunResult, map: Option<&MapDrawing>, pen: &Pen) -> Option<Clusters> {
    let clusters = result.clusters.as_ref()?;
    let table = &clusters.table;
    let mut by_service: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for i in 0..table.n_rows() {
        by_service.entry(columns::text(table, "service", i)).or_default().push(i);
    }
    // In the order of the services.
    let in_order = result.services.keys().filter_map(|name| by_service.remove_entry(name.as_str()));
    let groups: Vec<Group> = in_order
        .enumerate()
        .map(|(id, (service, rows))| group(result, clusters, (id, service), rows, map, pen))
        .collect();
    let metres = |v: f64| format::number(v, pen.lang);
    (!groups.is_empty()).then(|| Clusters {
        groups,
        link_m: metres(clusters.link_m),
        lattice_m: metres(clusters.lattice_m),
        has_placeholders: (0..table.n_rows()).any(|i| columns::flag(table, "cost_placeholder", i)),
    })
}

fn group(
    result: &RunResult,
    clusters: &ClustersResult,
    (id, service): (usize, &str),
    mut rows: Vec<usize>,
    map: Option<&MapDrawing>,
    pen: &Pen,
) -> Group {
    let table = &clusters.table;
    let has = |column: &str| rows.iter().any(|&i| columns::number(table, column, i).is_some());
    let (has_rank, has_cost) = (has("rank"), has("cost_sek"));
    let has_households = result.has_households && table.column("households").is_some();
    // By rank; without a ranking the most persons first. Rows come by code.
    rows.sort_by_key(|&i| {
        let rank = columns::int(table, "rank", i).unwrap_or(i64::MAX);
        (rank, std::cmp::Reverse(columns::int(table, "persons", i)))
    });
    let label = result.service_label(service, pen.lang);
    let first: Vec<String> =
        rows.iter().take(3).map(|&i| columns::text(table, "cluster_name", i).to_string()).collect();
    let persons = columns::int(&result.totals, &format!("{service}_gap_persons"), 0);
    let n = rows.len();
    Group {
        id,
        sentence: pen.fill(
            if has_rank { "clusters.sentence_ranked" } else { "clusters.sentence" },
            &[
                ("persons", &pen.count_or_missing(persons)),
                ("service", &label),
                ("clusters", &pen.words.count("clusters.n_clusters", n as u64, &pen.count(n as i64))),
                ("first", &pen.list(&first)),
            ],
        ),
        service: label,
        has_rank,
        has_cost,
        has_households,
        rows: rows.iter().take(MOST_ROWS).map(|&i| row(result, table, i, pen)).collect(),
        n_left_out: (n > MOST_ROWS).then(|| pen.count((n - MOST_ROWS) as i64)),
        map: map.and_then(|map| drawn(result, clusters, &rows, map, pen)),
    }
}

fn row(result: &RunResult, table: &Table, i: usize, pen: &Pen) -> Row {
    let whole = |column: &str| columns::int(table, column, i).map(|n| pen.count(n));
    let rounded = |column: &str| columns::number(table, column, i).map(|v| pen.count(v.round() as i64));
    let name = match columns::text(table, "cluster_name", i) {
        "" => columns::text(table, "cluster_code", i),
        name => name,
    };
    let rank = whole("rank");
    let persons = whole("persons").unwrap_or_default();
    // Where settlements have households every cluster has, so that an empty cell is a withheld one.
    let is_withheld = result.has_households && columns::int(table, "households", i).is_none();
    let told = |text: Option<String>| match is_withheld {
        true => text.or_else(|| Some(pen.text("scenarios.withheld"))),
        false => text,
    };
    let title = pen.fill(
        if rank.is_some() { "clusters.title_ranked" } else { "clusters.title" },
        &[("cluster", name), ("persons", &persons), ("rank", rank.as_deref().unwrap_or(""))],
    );
    Row {
        code: columns::text(table, "cluster_code", i).to_string(),
        name: name.to_string(),
        persons,
        households: told(whole("households")),
        distance: rounded("distance_m"),
        cost: told(whole("cost_sek")),
        per_household: told(rounded("cost_per_household_sek")),
        score: columns::number(table, "score", i).map(|s| format::real(s, 3, pen.lang)),
        rank,
        title,
    }
}

/// `None` where clusters have no outlines.
fn drawn(
    result: &RunResult,
    clusters: &ClustersResult,
    rows: &[usize],
    map: &MapDrawing,
    pen: &Pen,
) -> Option<Drawn> {
    let shapes = clusters.map.as_ref()?;
    let n_areas = columns::n_areas(result);
    let dot = |&i: &usize| {
        let [x, y] = map.middle(shapes, shapes.areas.get(i)?)?;
        let persons = columns::int(&clusters.table, "persons", i).unwrap_or(0);
        Some(Dot { x, y, size: SIZES.iter().filter(|least| persons >= **least).count() })
    };
    let n_shown = rows.len().min(MOST_ROWS);
    let n_drawn = rows.len().min(MOST_DOTS);
    let shown: Vec<Option<Dot>> = rows[..n_shown].iter().map(dot).collect();
    let mut rest = vec![String::new(); SIZES.len() + 1];
    for dot in rows[n_shown..n_drawn].iter().filter_map(dot) {
        let _ = write!(rest[dot.size], "M{} {}h0", dot.x, dot.y);
    }
    let apart = (NUMBER_PX * map.units_in_px) as i32;
    let mut numbers: Vec<Number> = Vec::new();
    for (k, dot) in shown.iter().take(N_NUMBERED).enumerate() {
        let Some(Dot { x, y, .. }) = *dot else { continue };
        if numbers.iter().all(|n| (n.x - x).abs() > apart || (n.y - y).abs() > apart) {
            numbers.push(Number { x, y, text: (k + 1).to_string() });
        }
    }
    let sizes = (0..=SIZES.len())
        .map(|k| {
            let from = pen.count(if k == 0 { 1 } else { SIZES[k - 1] });
            match SIZES.get(k) {
                Some(next) => format!("{from}–{}", pen.count(next - 1)),
                None => format!("{from}–"),
            }
        })
        .collect();
    Some(Drawn {
        view_box: map.view_box,
        units_in_px: map.units_in_px,
        n_borders: if n_areas <= MOST_BORDERS { n_areas } else { 0 },
        shown,
        rest,
        n_drawn: (n_drawn < rows.len()).then(|| pen.count(n_drawn as i64)),
        numbers,
        sizes,
        scale_bar: map.scale_bar.clone(),
    })
}
