//! The sheets of areas: ranked with their gaps, and what each score is made of.

use super::{Cell, MOST_ROWS, Sheet};
use crate::{
    columns,
    sections::{Pen, method::unit_word, service},
};
use rust_xlsxwriter::{Worksheet, XlsxError};
use whitespot_model::{need::Ranking, result::RunResult};

/// Areas by rank (by gap where there is no ranking), then what lies outside all, then everything.
pub(super) fn areas(sheet: &mut Worksheet, result: &RunResult, pen: &Pen) -> Result<(), XlsxError> {
    let services = columns::published_services(result);
    let label = |name: &str| service::label(result, name, pen);
    let mut head: Vec<String> = Vec::new();
    let mut widths = Vec::new();
    let mut add = |text: String, width: f64| {
        head.push(text);
        widths.push(width);
    };
    if result.ranking.is_some() {
        add(pen.text("place.rank"), 7.0);
    }
    add(pen.text("xlsx.code"), 12.0);
    add(pen.text("place.area"), 26.0);
    add(pen.text("place.parent"), 12.0);
    add(pen.text("place.persons"), 12.0);
    if result.has_households {
        add(pen.text("xlsx.households"), 12.0);
    }
    for name in &services {
        add(pen.fill("xlsx.gap_persons", &[("service", &label(name))]), 15.0);
        if result.has_households {
            add(pen.fill("xlsx.gap_households", &[("service", &label(name))]), 15.0);
        }
        add(pen.fill("xlsx.gap_share", &[("service", &label(name))]), 15.0);
    }
    if result.ranking.is_some() {
        add(pen.text("place.score"), 12.0);
    }
    let mut notes = vec![pen.text(if result.ranking.is_some() { "xlsx.ranked" } else { "xlsx.unranked" })];
    notes.extend(made_up(result, pen));
    notes.extend(withheld(result, pen));
    let order = in_order(result);
    let n_rows = order.len().min(MOST_ROWS);
    let mut written =
        Sheet::begin(sheet, &pen.text("xlsx.sheet_ranking"), result.title.in_lang(pen.lang), &notes)?;
    written.head(&head, &widths, n_rows)?;
    for row in order.into_iter().take(MOST_ROWS) {
        written.line(&area_line(result, &services, row, pen))?;
    }
    let n_areas = columns::n_areas(result);
    if n_areas < result.areas.n_rows() {
        written.line(&area_line(result, &services, n_areas, pen))?;
    }
    written.line(&total_line(result, &services, pen))
}

/// Rows of the areas, most need first; without a ranking most persons in the gap first.
fn in_order(result: &RunResult) -> Vec<usize> {
    let n = columns::n_areas(result);
    match &result.ranking {
        Some(ranking) => {
            ranking.order.iter().chain(&ranking.unranked).map(|i| *i as usize).filter(|i| *i < n).collect()
        }
        None => {
            let gap = columns::shown_service(result).map(|name| format!("{name}_gap_persons"));
            let key =
                |row: usize| gap.as_ref().and_then(|g| columns::int(&result.areas, g, row)).unwrap_or(0);
            let mut rows: Vec<usize> = (0..n).collect();
            rows.sort_by_key(|&row| std::cmp::Reverse(key(row)));
            rows
        }
    }
}

fn area_line(result: &RunResult, services: &[&str], row: usize, pen: &Pen) -> Vec<Cell> {
    let table = &result.areas;
    let is_outside = row >= columns::n_areas(result);
    let mut cells = Vec::new();
    if result.ranking.is_some() {
        cells.push(Cell::count(columns::int(table, "rank", row)));
    }
    cells.push(Cell::text(columns::text(table, "area_code", row)));
    cells.push(match is_outside {
        true => Cell::Text(pen.text("word.outside")),
        false => Cell::text(columns::text(table, "area_name", row)),
    });
    cells.push(Cell::text(columns::text(table, "parent_code", row)));
    push_measures(&mut cells, table, result, services, row);
    if result.ranking.is_some() {
        cells.push(Cell::real(columns::number(table, "score", row)));
    }
    cells
}

fn total_line(result: &RunResult, services: &[&str], pen: &Pen) -> Vec<Cell> {
    let mut cells = vec![Cell::Empty; usize::from(result.ranking.is_some())];
    cells.extend([Cell::Empty, Cell::Text(pen.text("word.all")), Cell::Empty]);
    push_measures(&mut cells, &result.totals, result, services, 0);
    cells
}

fn push_measures(
    cells: &mut Vec<Cell>,
    table: &whitespot_model::table::Table,
    result: &RunResult,
    services: &[&str],
    row: usize,
) {
    cells.push(Cell::count(columns::int(table, "persons", row)));
    if result.has_households {
        cells.push(Cell::count(columns::int(table, "households", row)));
    }
    for name in services {
        cells.push(Cell::count(columns::int(table, &format!("{name}_gap_persons"), row)));
        if result.has_households {
            cells.push(Cell::count(columns::int(table, &format!("{name}_gap_households"), row)));
        }
        cells.push(Cell::share(columns::number(table, &format!("{name}_gap_share"), row)));
    }
}

/// One row an area and indicator: raw → normalised × weight → part of the score.
pub(super) fn parts(
    sheet: &mut Worksheet,
    result: &RunResult,
    ranking: &Ranking,
    pen: &Pen,
) -> Result<(), XlsxError> {
    let head = [
        "place.rank",
        "xlsx.code",
        "place.area",
        "method.indicator",
        "xlsx.raw",
        "xlsx.unit",
        "xlsx.normalised",
        "method.weight",
        "xlsx.contribution",
        "place.score",
    ]
    .map(|key| pen.text(key));
    let widths = [7.0, 12.0, 26.0, 24.0, 14.0, 18.0, 14.0, 10.0, 14.0, 12.0];
    let order: Vec<usize> = ranking.order.iter().chain(&ranking.unranked).map(|i| *i as usize).collect();
    let n_rows = (order.len() * ranking.indicators.len()).min(MOST_ROWS);
    let mut written = Sheet::begin(
        sheet,
        &pen.text("xlsx.sheet_parts"),
        &pen.text("xlsx.parts_title"),
        &[pen.text("xlsx.parts_note")],
    )?;
    written.head(&head, &widths, n_rows)?;
    let lines = order.into_iter().flat_map(|row| {
        let area = &ranking.areas[row];
        ranking.indicators.iter().zip(&area.parts).map(move |(indicator, part)| {
            [
                Cell::count(area.rank.map(i64::from)),
                Cell::text(area.code.clone()),
                Cell::text(columns::text(&result.areas, "area_name", row)),
                Cell::text(result.indicator_label(&indicator.id, pen.lang)),
                part.raw.map_or(Cell::Empty, |v| match indicator.unit.as_str() {
                    "share" => Cell::share(Some(v)),
                    _ => Cell::real(Some(v)),
                }),
                Cell::text(unit_word(&indicator.unit, pen)),
                Cell::real(part.normalised),
                Cell::share(Some(part.weight)),
                Cell::real(Some(part.contribution)),
                Cell::real(area.score),
            ]
        })
    });
    for line in lines.take(MOST_ROWS) {
        written.line(&line)?;
    }
    Ok(())
}

/// Which inputs are made up, where any are.
pub(super) fn made_up(result: &RunResult, pen: &Pen) -> Option<String> {
    let roles: Vec<String> =
        result.inputs.iter().filter(|p| p.synthetic).map(|p| pen.role(&p.role, result)).collect();
    (!roles.is_empty()).then(|| {
        format!("{} {} {}.", pen.text("page.banner"), pen.text("page.banner_which"), roles.join(", "))
    })
}

/// That small counts are withheld, where any are.
pub(super) fn withheld(result: &RunResult, pen: &Pen) -> Option<String> {
    let withheld = result.withheld.as_ref()?;
    Some(pen.fill("data.withheld", &[("n", &pen.count(i64::from(withheld.min_cell)))]))
}
