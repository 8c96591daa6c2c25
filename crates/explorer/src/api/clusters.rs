//! `GET /api/clusters`: the clusters as published, asked for when their layer is first shown.

use crate::{
    error::Refused,
    run::{ExploredRun, texts},
};
use axum::{Json, extract::State};
use serde::Serialize;
use std::sync::Arc;
use whitespot_model::table::{Table, Values};

/// Columns in the order of the clusters' table, which is that of their numbers in the tiles.
#[derive(Debug, Serialize)]
pub(crate) struct ClusterColumns {
    code: Vec<String>,
    name: Vec<String>,
    service: Vec<String>,
    area: Vec<String>,
    persons: Vec<Option<i64>>,
    households: Vec<Option<i64>>,
    cost_sek: Vec<Option<i64>>,
    rank: Vec<Option<i64>>,
}

pub(crate) async fn clusters(State(run): State<Arc<ExploredRun>>) -> Result<Json<ClusterColumns>, Refused> {
    let table = &run.result.clusters.as_ref().ok_or(Refused::Missing)?.table;
    let n = table.n_rows();
    let text = |column: &str| texts(table, column, n);
    Ok(Json(ClusterColumns {
        code: text("cluster_code"),
        name: text("cluster_name"),
        service: text("service"),
        area: text("area_code"),
        persons: ints(table, "persons"),
        households: ints(table, "households"),
        cost_sek: ints(table, "cost_sek"),
        rank: ints(table, "rank"),
    }))
}

fn ints(table: &Table, column: &str) -> Vec<Option<i64>> {
    match table.column(column).map(|c| &c.values) {
        Some(Values::Int(v)) => v.clone(),
        _ => vec![None; table.n_rows()],
    }
}
