#![cfg_attr(test, allow(clippy::unwrap_used))]
//! The explorer: a local web page over one finished run.
//!
//! It listens on 127.0.0.1 only, answers no other site, and serves nothing but the run it was given. Scores come from
//! `whitespot-need` and allocations from `whitespot-funding`, called with what `run.json` holds: the page computes
//! nothing but order, selection and drawing, so there is no second implementation of any formula.
//!
//! The map is drawn in the analysis CRS: its metres are laid out around the point 0, 0 of the tiles' own plane, where
//! that plane neither stretches nor turns. Areas keep their size against one another, which Web Mercator would not.
//!
//! ```no_run
//! fn explore(folder: std::path::PathBuf, result: whitespot_model::result::RunResult) {
//!     let opened = whitespot_explorer::serve(folder, result, 4173, |address| println!("http://{address}/"));
//!     if let Err(reason) = opened {
//!         println!("{reason}");
//!     }
//! }
//! ```
//!
//! Modules from the socket to the answers:

mod api;
mod error;
mod guard;
mod http;
mod ogc;
mod page;
mod router;
mod run;
mod server;
mod tiles;
mod words;

pub use error::ExplorerError;
pub use router::router;
pub use run::ExploredRun;
pub use server::serve;
