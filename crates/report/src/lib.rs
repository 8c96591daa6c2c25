#![cfg_attr(test, allow(clippy::unwrap_used))]
//! The report: one HTML file a language that opens from a disk, asks no network and prints on A4.
//!
//! It computes nothing: every number comes from a [`RunResult`]; here numbers are only written, sorted and
//! drawn. Whatever comes from data is escaped by the templates. Texts are in `i18n/sv.toml` and `i18n/en.toml`,
//! and the same result gives the same bytes.
//!
//! ```
//! use whitespot_model::{config::Lang, result::RunResult};
//!
//! fn both_languages(result: &RunResult) -> Result<(), whitespot_report::ReportError> {
//!     let svenska = whitespot_report::render_html(result, Lang::Sv)?;
//!     let english = whitespot_report::render_html(result, Lang::En)?;
//!     assert!(svenska.starts_with("<!doctype html>") && english.contains("lang=\"en\""));
//!     Ok(())
//! }
//! ```
//!
//! Modules from the whole page to its smallest parts:

mod columns;
mod format;
mod map;
mod page;
mod sections;
mod words;
mod xlsx;

use whitespot_model::{config::Lang, result::RunResult};

/// Writes the report of a run in one language.
///
/// The page holds everything it needs: style, script, maps and data. It never holds settlements.
///
/// # Errors
/// Only where a text or template of the report itself is broken, which its tests rule out.
pub fn render_html(result: &RunResult, lang: Lang) -> Result<String, ReportError> {
    page::render(result, lang)
}

/// Writes the workbook `areas.xlsx` of a run in one language: ranking, decomposition, scenarios, grants, method.
///
/// # Errors
/// Where a text is broken, or a sheet holds more than a workbook can.
pub fn render_xlsx(result: &RunResult, lang: Lang) -> Result<Vec<u8>, ReportError> {
    xlsx::render(result, lang)
}

/// The report cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A template does not fit its values; a bug of whitespot.
    #[error("a template of the report is broken: {0:#}")]
    Template(#[from] minijinja::Error),
    /// The workbook cannot be written.
    #[error("the workbook cannot be written: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The texts of a language cannot be read; a bug of whitespot.
    #[error("the texts `i18n/{lang}.toml` of the report are broken: {reason}")]
    Words {
        /// Code of the language.
        lang: &'static str,
        /// What is wrong.
        reason: String,
    },
}
