//! What the catalogue does, and its sessions.

use std::future::pending;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderValue, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tower_http::cors::CorsLayer;

/// Who a session is of.
#[derive(Clone)]
pub(super) struct User {
    pub(super) id: u64,
}

#[derive(Deserialize)]
struct Credentials {
    password: String,
}

pub(super) fn router() -> Router {
    Router::new()
        .route("/courses", get(courses))
        .route("/login", post(login))
        .route("/report", get(report))
}

async fn courses() -> Json<Value> {
    Json(json!([{ "title": "Rust" }]))
}

async fn login(Json(credentials): Json<Credentials>) -> Response {
    if credentials.password == "correct" {
        ([(SET_COOKIE, "session=7; HttpOnly")], Json(json!({}))).into_response()
    } else {
        StatusCode::UNAUTHORIZED.into_response()
    }
}

/// Never ends.
async fn report() -> StatusCode {
    pending().await
}

/// Stands for a look into a store of sessions.
pub(super) async fn session(mut request: Request, next: Next) -> Response {
    let cookie = request.headers().get(COOKIE);
    if cookie.is_some_and(|cookie| cookie == "session=7") {
        request.extensions_mut().insert(User { id: 7 });
    }
    next.run(request).await
}

/// Lets the page call the API with its cookies.
pub(super) fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST])
        .allow_origin(HeaderValue::from_static("https://courses.example"))
}
