//! `areas.xlsx`: ranking, decomposition, scenarios, grants and method as a workbook for committees.
//!
//! Numbers are numbers, shares are percent cells, and text is only ever text: a cell that a spreadsheet could
//! take for a formula (it begins with `=`, `+`, `-` or `@`) is marked as quoted, so that it stays text when it is
//! edited too. The same result gives the same bytes: no time of writing is kept.

mod grants;
mod method;
mod ranking;

use crate::{ReportError, sections::Pen, words::Words};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};
use whitespot_model::{config::Lang, result::RunResult};

/// Rows a sheet of a workbook can hold, less head and foot; what is beyond stands in `areas.csv`.
const MOST_ROWS: usize = 1_048_000;

/// Writes the workbook in one language.
pub(crate) fn render(result: &RunResult, lang: Lang) -> Result<Vec<u8>, ReportError> {
    let words = Words::of(lang)?;
    let pen = Pen { lang, words: &words };
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(
        &DocProperties::new()
            .set_title(result.title.in_lang(lang))
            .set_comment(format!("whitespot {}, run {}", result.version, result.run_id))
            .set_creation_datetime(&made),
    );
    ranking::areas(workbook.add_worksheet(), result, &pen)?;
    if let Some(of) = &result.ranking {
        ranking::parts(workbook.add_worksheet(), result, of, &pen)?;
    }
    if !result.scenarios.is_empty() {
        grants::outcomes(workbook.add_worksheet(), result, &pen)?;
        grants::grants(workbook.add_worksheet(), result, &pen)?;
    }
    method::method(workbook.add_worksheet(), result, &pen)?;
    Ok(workbook.save_to_buffer()?)
}

/// How a number is shown.
#[derive(Clone, Copy)]
enum Shown {
    /// A whole number with its thousands grouped.
    Count,
    /// A share of 0–1 as percent.
    Share,
    /// A number with three decimals.
    Real,
}

/// A value of a cell.
#[derive(Clone)]
enum Cell {
    Text(String),
    Number(f64, Shown),
    Empty,
}

impl Cell {
    fn count(value: Option<i64>) -> Cell {
        value.map_or(Cell::Empty, |v| Cell::Number(v as f64, Shown::Count))
    }

    fn share(value: Option<f64>) -> Cell {
        value.map_or(Cell::Empty, |v| Cell::Number(v, Shown::Share))
    }

    fn real(value: Option<f64>) -> Cell {
        value.map_or(Cell::Empty, |v| Cell::Number(v, Shown::Real))
    }

    fn text(value: impl Into<String>) -> Cell {
        Cell::Text(value.into())
    }
}

/// A sheet being written from the top: title, note, then a table whose head stays in view.
struct Sheet<'a> {
    sheet: &'a mut Worksheet,
    row: u32,
}

impl<'a> Sheet<'a> {
    fn begin(sheet: &'a mut Worksheet, name: &str, title: &str, notes: &[String]) -> Result<Self, XlsxError> {
        sheet.set_name(name)?;
        let mut written = Sheet { sheet, row: 0 };
        written.sheet.write_string_with_format(0, 0, title, &Format::new().set_bold().set_font_size(14))?;
        written.row = 1;
        for note in notes {
            written.sheet.write_string(written.row, 0, note)?;
            written.row += 1;
        }
        written.row += 1;
        Ok(written)
    }

    /// The head of the table, frozen so that it stays in view, with a filter over `n_rows` rows.
    fn head(&mut self, head: &[String], widths: &[f64], n_rows: usize) -> Result<(), XlsxError> {
        let bold = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Bottom);
        for (column, text) in head.iter().enumerate() {
            write_text(self.sheet, self.row, column as u16, text, &bold)?;
            self.sheet.set_column_width(column as u16, widths.get(column).copied().unwrap_or(13.0))?;
        }
        self.sheet.set_freeze_panes(self.row + 1, 0)?;
        if n_rows > 0 && !head.is_empty() {
            self.sheet.autofilter(self.row, 0, self.row + n_rows as u32, head.len() as u16 - 1)?;
        }
        self.row += 1;
        Ok(())
    }

    fn line(&mut self, cells: &[Cell]) -> Result<(), XlsxError> {
        for (column, cell) in cells.iter().enumerate() {
            let column = column as u16;
            match cell {
                Cell::Text(text) => write_text(self.sheet, self.row, column, text, &Format::new())?,
                Cell::Number(value, shown) => {
                    let format = Format::new().set_num_format(match shown {
                        Shown::Count => "#,##0",
                        Shown::Share => "0.0%",
                        Shown::Real => "0.000",
                    });
                    self.sheet.write_number_with_format(self.row, column, *value, &format)?;
                }
                Cell::Empty => {}
            }
        }
        self.row += 1;
        Ok(())
    }
}

fn write_text(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    // A cell holds 32,767 characters; a name that long is cut rather than the workbook lost.
    let text: String = text.chars().take(32_000).collect();
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        sheet.write_string_with_format(row, column, &text, &format.clone().set_quote_prefix())?;
    } else {
        sheet.write_string_with_format(row, column, &text, format)?;
    }
    Ok(())
}
