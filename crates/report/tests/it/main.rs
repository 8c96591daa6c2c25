//! The report as a reader gets it: whole pages of made-up results.

mod made_up;
mod page;
