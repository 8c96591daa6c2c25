//! The sheet of method: what is counted, how it is weighed, from whose data.

use super::{Cell, Sheet, ranking};
use crate::{
    columns,
    sections::{Pen, service},
};
use rust_xlsxwriter::{Worksheet, XlsxError};
use whitespot_model::{
    config::need::{Aggregate, Direction},
    result::RunResult,
};

pub(super) fn method(sheet: &mut Worksheet, result: &RunResult, pen: &Pen) -> Result<(), XlsxError> {
    let mut written = Sheet::begin(
        sheet,
        &pen.text("xlsx.sheet_method"),
        &pen.text("method.heading"),
        &[format!("{} {} · whitespot {}", pen.text("page.run"), result.run_id, result.version)],
    )?;
    written.sheet.set_column_width(0, 34.0)?;
    written.sheet.set_column_width(1, 60.0)?;
    for column in 2..5 {
        written.sheet.set_column_width(column, 22.0)?;
    }
    for text in [ranking::made_up(result, pen), ranking::withheld(result, pen)].into_iter().flatten() {
        written.line(&[Cell::Text(text)])?;
    }
    written.line(&[Cell::Text(pen.text("method.gap_text"))])?;
    written.line(&[])?;
    written.line(&[Cell::Text(pen.text("place.service")), Cell::Text(pen.text("place.rule"))])?;
    for name in columns::published_services(result) {
        let Some(config) = result.services.get(name) else { continue };
        written.line(&[
            Cell::Text(service::label(result, name, pen)),
            Cell::Text(service::rule(result, config, pen)),
        ])?;
    }
    if let Some(of) = &result.ranking {
        written.line(&[])?;
        written.line(&[Cell::Text(pen.text(match of.aggregate {
            Aggregate::Arithmetic => "method.arithmetic",
            Aggregate::Geometric => "method.geometric",
            Aggregate::Points => "method.points",
        }))])?;
        written.line(
            &["method.indicator", "xlsx.direction", "method.weight"].map(|k| Cell::Text(pen.text(k))),
        )?;
        for indicator in &of.indicators {
            written.line(&[
                Cell::text(result.indicator_label(&indicator.id, pen.lang)),
                Cell::Text(pen.text(match indicator.direction {
                    Direction::HigherIsMoreNeed => "method.more_is_need",
                    Direction::LowerIsMoreNeed => "method.less_is_need",
                })),
                Cell::share(Some(indicator.weight)),
            ])?;
        }
    }
    written.line(&[])?;
    let head = ["data.source", "xlsx.file", "data.owner", "data.date", "data.licence"];
    written.line(&head.map(|k| Cell::Text(pen.text(k))))?;
    for input in &result.inputs {
        let or_empty = |text: &Option<String>| text.clone().map_or(Cell::Empty, Cell::Text);
        written.line(&[
            Cell::Text(pen.role(&input.role, result)),
            Cell::text(input.file.clone()),
            or_empty(&input.owner),
            or_empty(&input.date),
            or_empty(&input.licence),
        ])?;
    }
    Ok(())
}
