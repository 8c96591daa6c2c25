//! Which path answers what.

use crate::{api, error, ogc, page, run::ExploredRun, tiles};
use axum::{
    Router,
    routing::{get, post},
};
use std::sync::Arc;

/// The pages and answers of one run. No path names a file: assets are built in, and everything else is reckoned
/// from the run or read from its published layers. Host and Origin are checked by [`crate::serve`], around this.
pub fn router(run: Arc<ExploredRun>) -> Router {
    Router::new()
        .route("/assets/{name}", get(page::asset))
        .route("/api/run", get(api::overview::overview))
        .route("/api/score", post(api::score::score))
        .route("/api/allocate", post(api::allocate::allocate))
        .route("/api/why", post(api::why::why))
        .route("/api/robustness", post(api::robustness::robustness))
        .route("/api/compare", post(api::compare::compare))
        .route("/api/block", post(api::block::block))
        .route("/tiles/areas/{z}/{x}/{y}", get(tiles::areas))
        .route("/api/clusters", get(api::clusters::clusters))
        .route("/tiles/clusters/{z}/{x}/{y}", get(tiles::clusters))
        .route("/tiles/coverage/{group}/{z}/{x}/{y}", get(tiles::coverage))
        .route("/tiles/points/{z}/{x}/{y}", get(tiles::points))
        .merge(ogc::routes())
        .fallback(page::missing)
        .layer(axum::middleware::from_fn(error::in_language))
        .with_state(run)
}
