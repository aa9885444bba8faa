//! The records.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::extract::{Path, State};
use http::StatusCode;

/// The text of each name.
#[derive(Clone, Default)]
pub(super) struct Records(Arc<RwLock<HashMap<String, String>>>);

pub(super) async fn publish(
    State(Records(records)): State<Records>,
    Path(name): Path<String>,
    text: String,
) -> StatusCode {
    let mut records = records.write().unwrap_or_else(PoisonError::into_inner);
    records.insert(name, text);
    StatusCode::NO_CONTENT
}

pub(super) async fn resolve(
    State(Records(records)): State<Records>,
    Path(name): Path<String>,
) -> Result<String, StatusCode> {
    let records = records.read().unwrap_or_else(PoisonError::into_inner);
    records.get(&name).cloned().ok_or(StatusCode::NOT_FOUND)
}
