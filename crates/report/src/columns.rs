//! Reads the published tables by the names of their columns.

use whitespot_model::{result::RunResult, table::Table, table::Values};

/// The whole number in a column's row; `None` where the column or the value is missing.
pub(crate) fn int(table: &Table, column: &str, row: usize) -> Option<i64> {
    match &table.column(column)?.values {
        Values::Int(values) => values.get(row).copied().flatten(),
        _ => None,
    }
}

/// The number in a column's row; `None` where the column or the value is missing.
pub(crate) fn number(table: &Table, column: &str, row: usize) -> Option<f64> {
    let values = &table.column(column)?.values;
    if row < values.len() { values.number(row) } else { None }
}

/// Whether a column's row says yes; `false` where the column or the value is missing.
pub(crate) fn flag(table: &Table, column: &str, row: usize) -> bool {
    match table.column(column).map(|c| &c.values) {
        Some(Values::Bool(values)) => values.get(row).copied().flatten().unwrap_or(false),
        _ => false,
    }
}

/// The text in a column's row; empty where the column or the value is missing.
pub(crate) fn text<'a>(table: &'a Table, column: &str, row: usize) -> &'a str {
    match table.column(column).map(|c| &c.values) {
        Some(Values::Text(values)) => values.get(row).and_then(|v| v.as_deref()).unwrap_or(""),
        _ => "",
    }
}

/// Names of the services that have columns, in the order of the analysis file.
pub(crate) fn published_services(result: &RunResult) -> Vec<&str> {
    let has_columns = |name: &str| result.areas.column(&format!("{name}_gap_persons")).is_some();
    result.services.keys().map(String::as_str).filter(|name| has_columns(name)).collect()
}

/// The service the report opens on.
pub(crate) fn shown_service(result: &RunResult) -> Option<&str> {
    let published = published_services(result);
    let wanted = result.shown_service.as_deref();
    published.iter().copied().find(|&name| Some(name) == wanted).or(published.first().copied())
}

/// Number of areas, without the row for what lies outside all of them.
pub(crate) fn n_areas(result: &RunResult) -> usize {
    let n = result.areas.n_rows();
    match n.checked_sub(1) {
        Some(last) if text(&result.areas, "area_code", last).is_empty() => last,
        _ => n,
    }
}
