//! `POST /api/score`: scores and ranks with other weights.

use super::{Question, reckon};
use crate::{error::Refused, run::ExploredRun};
use axum::{Json, extract::State};
use serde::Serialize;
use std::sync::Arc;

/// Scores and ranks in the order of the areas.
#[derive(Debug, Serialize)]
pub(crate) struct Scored {
    /// The weights, brought to sum 1.
    weights: Vec<f64>,
    scores: Vec<Option<f64>>,
    ranks: Vec<Option<u32>>,
}

pub(crate) async fn score(
    State(run): State<Arc<ExploredRun>>,
    Json(question): Json<Question>,
) -> Result<Json<Scored>, Refused> {
    reckon(move || {
        let ranking = question.ranking(&run)?.ok_or(Refused::Missing)?;
        Ok(Json(Scored {
            weights: question.weights_of(&run)?.shares().to_vec(),
            scores: ranking.areas.iter().map(|a| a.score).collect(),
            ranks: ranking.areas.iter().map(|a| a.rank).collect(),
        }))
    })
    .await
}
