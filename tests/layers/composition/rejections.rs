//! What an axum service responds to input that its extractors reject.

use axum::extract::rejection::{ExtensionRejection, FormRejection};
use axum::extract::{DefaultBodyLimit, Form};
use axum::routing::{get, post};
use axum::{Extension, Router};
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde::Deserialize;
use tower_edge::axum::{Json, Path, Query};
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::{Kind, Problem};
use tower_edge_formats::MediaNest;
use tower_edge_tests::TestResponse;

use crate::composition::requests::send;

#[derive(Deserialize)]
struct SecretMedium {
    title: String,
    tags: Vec<SecretTag>,
    #[serde(rename = "tmdbId")]
    tmdb_id: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum SecretTag {
    Comedy,
    Tragedy,
}

#[derive(Clone, Deserialize)]
struct SecretPage {
    page: u8,
}

/// The service as its handlers are, without an envelope.
fn app() -> Router {
    Router::new()
        .route("/media", post(create).get(list))
        .route(
            "/media/{id}",
            get(async |Path(id): Path<u64>| id.to_string()),
        )
        .route(
            "/media/{id}/tags/{tag}",
            get(async |Path((id, tag)): Path<(u64, i64)>| format!("{id} {tag}")),
        )
        .route(
            "/media/{id}/is/{new}",
            get(async |Path(flags): Path<Vec<(String, bool)>>| flags.len().to_string()),
        )
        .route("/form", post(form))
        .route("/mistake", get(mistake))
        .route("/taken", get(taken))
        .layer(DefaultBodyLimit::max(1024))
}

async fn create(Json(medium): Json<SecretMedium>) -> String {
    let comic = |tag: &&SecretTag| matches!(tag, SecretTag::Comedy);
    let comic = medium.tags.iter().filter(comic).count();
    format!("{} {} {comic}", medium.title, medium.tmdb_id)
}

async fn list(Query(SecretPage { page }): Query<SecretPage>) -> String {
    page.to_string()
}

async fn form(form: Result<Form<SecretPage>, FormRejection>) -> Result<String, Problem> {
    let Form(SecretPage { page }) = form?;
    Ok(page.to_string())
}

/// Nobody has added the extension.
async fn mistake(
    page: Result<Extension<SecretPage>, ExtensionRejection>,
) -> Result<String, Problem> {
    let Extension(SecretPage { page }) = page?;
    Ok(page.to_string())
}

async fn taken() -> Result<String, Problem> {
    Err(Problem::new(Kind::AlreadyExists).with_message("The title is taken"))
}

fn enveloped() -> Router {
    app().layer(EnvelopeLayer::new(ProblemDetails))
}

fn post_as(path: &str, content_type: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let request = Request::post(path).header("content-type", content_type);
    request.body(Full::new(body.into())).unwrap()
}

fn json(body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    post_as("/media", "application/json", body)
}

fn fetch(path: &str) -> Request<Full<Bytes>> {
    Request::get(path).body(Full::default()).unwrap()
}

/// What no client is to learn.
fn shows_nothing(response: &TestResponse) {
    for secret in [
        "Secret",
        "tmdb_id",
        "alloc::",
        "u32",
        "u8",
        "serde",
        "tragedy",
        ", expected",
    ] {
        assert!(
            !response.text().contains(secret),
            "{secret} in {}",
            response.text()
        );
    }
}

#[tokio::test]
async fn each_refusal_has_its_status_with_an_envelope_and_without() {
    for (request, status, kind) in [
        (json("{\"title\": "), 400, Kind::BadRequest),
        (json(format!("{VALID} {{}}")), 400, Kind::BadRequest),
        (
            post_as("/media", "text/plain", "{}"),
            415,
            Kind::UnsupportedMediaType,
        ),
        (json("x".repeat(2000)), 413, Kind::ContentTooLarge),
        (json("[]"), 422, Kind::Validation),
        (fetch("/media?page=x"), 422, Kind::Validation),
        (fetch("/media"), 422, Kind::Validation),
        (fetch("/media/x"), 422, Kind::Validation),
        (fetch("/media/%FF"), 422, Kind::Validation),
        (
            post_as("/form", "text/plain", "page=1"),
            415,
            Kind::UnsupportedMediaType,
        ),
        (
            post_as("/form", "application/x-www-form-urlencoded", "page=x"),
            422,
            Kind::Validation,
        ),
        (fetch("/taken"), 409, Kind::AlreadyExists),
        (fetch("/mistake"), 500, Kind::Internal),
    ] {
        for app in [app(), enveloped()] {
            let response = send(app, request.clone()).await;

            assert_eq!(response.status, status, "{}", response.text());
            assert_eq!(response.extension::<Problem>().kind(), kind);
            assert_eq!(
                response.values("content-type"),
                ["application/problem+json"]
            );
            assert_eq!(response.json()["status"], status);
            assert!(response.json()["detail"].is_string());
            shows_nothing(&response);
        }
    }
}

#[tokio::test]
async fn the_first_member_that_is_not_valid_is_pointed_at() {
    let body = r#"{"title": 7, "tags": ["comedy", "farce"]}"#;
    for app in [app(), enveloped()] {
        let response = send(app, json(body)).await;

        let errors = serde_json::json!([
            {"detail": "must be a string", "pointer": "#/title", "value": "7"},
        ]);
        assert_eq!(response.json()["errors"], errors);
        shows_nothing(&response);
    }
}

#[tokio::test]
async fn a_member_that_is_missing_is_named() {
    let response = send(enveloped(), json(r#"{"title": "", "tags": []}"#)).await;

    let errors = serde_json::json!([{"detail": "is required", "pointer": "#/tmdbId"}]);
    assert_eq!(response.json()["errors"], errors);
}

#[tokio::test]
async fn a_parameter_is_named_and_not_pointed_at() {
    for (path, name, detail) in [
        ("/media?page=x", "page", "must be a whole number"),
        ("/media", "page", "is required"),
        (
            "/media/x",
            "id",
            "must be a whole number that is not negative",
        ),
        ("/media/99999999999999999999", "id", "is too large"),
        (
            "/media/-1",
            "id",
            "must be a whole number that is not negative",
        ),
        ("/media/1/tags/x", "tag", "must be a whole number"),
        ("/media/1/tags/-12345678901234567890", "tag", "is too small"),
        ("/media/true/is/maybe", "new", "must be true or false"),
    ] {
        let response = send(enveloped(), fetch(path)).await;

        let error = &response.json()["errors"][0];
        assert_eq!(error["parameter"], name, "{path}");
        assert_eq!(error["detail"], detail, "{path}");
        assert!(error["pointer"].is_null(), "{path}");
    }
}

#[tokio::test]
async fn broken_json_has_the_place_where_it_breaks() {
    let response = send(enveloped(), json("{\n  \"title\": ,\n}")).await;

    assert_eq!(response.json()["issue"], "malformed_json");
    assert_eq!(response.json()["line"], 2);
}

#[tokio::test]
async fn an_envelope_writes_anew_what_a_handler_has_responded_with() {
    let service = app().layer(EnvelopeLayer::new(MediaNest));

    let response = send(service, fetch("/taken")).await;

    assert_eq!(response.status, 409);
    assert_eq!(response.values("content-type"), ["application/json"]);
    assert_eq!(response.json()["success"], false);
    assert_eq!(response.json()["error"]["message"], "The title is taken");
    let length = response.list("content-length");
    assert!(length.is_empty() || length == response.text().len().to_string());
    assert!(response.extension::<Problem>().is_rendered());
}

#[tokio::test]
async fn what_is_valid_reaches_the_handler() {
    let response = send(enveloped(), json(VALID)).await;

    assert_eq!((response.status, response.text()), (200, "Manhattan 696 1"));
    for (path, body) in [("/media?page=2", "2"), ("/media/3", "3")] {
        assert_eq!(send(enveloped(), fetch(path)).await.body, body);
    }
}

const VALID: &str = r#"{"title": "Manhattan", "tags": ["comedy", "tragedy"], "tmdbId": 696}"#;
