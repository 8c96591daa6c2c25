//! `POST /api/compare`: two states of the page against each other.

use super::{Question, allocate::allocated, reckon};
use crate::{error::Refused, run::ExploredRun};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use whitespot_model::funding::{ComparisonPair, Outcome};

/// Two states that were pinned.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Both {
    a: Question,
    b: Question,
}

/// What they do, and B minus A.
#[derive(Debug, Serialize)]
pub(crate) struct Compared {
    a: Outcome,
    b: Outcome,
    pair: ComparisonPair,
}

pub(crate) async fn compare(
    State(run): State<Arc<ExploredRun>>,
    Json(both): Json<Both>,
) -> Result<Json<Compared>, Refused> {
    reckon(move || {
        let (_, a) = allocated(&run, &both.a)?;
        let (_, b) = allocated(&run, &both.b)?;
        let pair = whitespot_funding::compare::pair(&a, &b);
        Ok(Json(Compared { a: a.outcome, b: b.outcome, pair }))
    })
    .await
}
