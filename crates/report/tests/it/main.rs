//! The report as a reader gets it: whole pages of made-up results.
#![allow(clippy::unwrap_used)]

mod made_up;
mod made_up_funding;
mod page;
mod style;
mod workbook;
