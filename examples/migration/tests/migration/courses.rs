use axum::Router;
use http::Request;
use http::request::Builder;
use migration::courses::{after, before};
use tower_edge_tests::TestResponse;

use crate::support::{FORWARDED, send};

/// An address that the proxy has appended to what the client sent.
const CLIENT: &str = "198.51.100.7";
const PAGE: &str = "https://courses.example";

async fn guess(app: &Router, forwarded: &str) -> TestResponse {
    let request = Request::post("/login")
        .header(FORWARDED, forwarded)
        .header("content-type", "application/json");
    send(app, request, r#"{ "password": "guessed" }"#).await
}

fn courses() -> Builder {
    Request::get("/courses")
        .header(FORWARDED, CLIENT)
        .header("origin", PAGE)
}

/// The first response that says that this is too much.
async fn rejected(app: &Router, request: impl Fn() -> Builder) -> TestResponse {
    for _ in 0..1000 {
        let response = send(app, request(), "").await;
        if response.status == 429 {
            return response;
        }
    }
    panic!("not limited");
}

#[tokio::test]
async fn before_who_forges_an_address_for_each_guess_is_not_limited() {
    let app = before::app().unwrap();

    for guesses in 0..100 {
        let forwarded = format!("203.0.113.{guesses}, {CLIENT}");
        assert_eq!(guess(&app, &forwarded).await.status, 401);
    }
}

#[tokio::test]
async fn after_only_the_address_that_the_proxy_appended_counts() {
    let app = after::app().unwrap();

    for guesses in 0..5 {
        let forwarded = format!("203.0.113.{guesses}, {CLIENT}");
        assert_eq!(guess(&app, &forwarded).await.status, 401);
    }
    assert_eq!(
        guess(&app, &format!("203.0.113.99, {CLIENT}")).await.status,
        429
    );
}

#[tokio::test]
async fn before_a_rejected_client_is_sent_a_wait_of_no_time() {
    let app = before::app().unwrap();

    assert_eq!(rejected(&app, courses).await.field("retry-after"), "0");
}

#[tokio::test]
async fn after_a_rejected_client_is_sent_a_wait_of_a_second() {
    let app = after::app().unwrap();

    assert_eq!(rejected(&app, courses).await.field("retry-after"), "1");
}

#[tokio::test]
async fn before_a_rejection_is_text_without_an_id_that_the_page_cannot_read() {
    let app = before::app().unwrap();

    let response = rejected(&app, courses).await;

    assert_eq!(response.text(), "Too Many Requests! Wait for 0s");
    for field in [
        "access-control-allow-origin",
        "content-type",
        "x-request-id",
    ] {
        assert!(!response.has(field), "{field}");
    }
}

#[tokio::test]
async fn after_a_rejection_is_a_problem_with_an_id_that_the_page_can_read() {
    let app = after::app().unwrap();

    let response = rejected(&app, courses).await;

    assert_eq!(response.field("access-control-allow-origin"), PAGE);
    assert_eq!(response.field("content-type"), "application/problem+json");
    assert_eq!(response.json()["status"], 429);
    assert!(response.has("x-request-id"));
}

fn preflight() -> Builder {
    Request::options("/courses")
        .header(FORWARDED, CLIENT)
        .header("origin", PAGE)
        .header("access-control-request-method", "GET")
}

#[tokio::test]
async fn before_preflights_are_charged_and_rejected() {
    let app = before::app().unwrap();

    assert_eq!(rejected(&app, preflight).await.status, 429);
}

#[tokio::test]
async fn after_preflights_are_not_limited() {
    let app = after::app().unwrap();

    for _ in 0..100 {
        assert_eq!(send(&app, preflight(), "").await.status, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn before_a_timeout_is_the_clients_fault_in_text_without_an_id() {
    let app = before::app().unwrap();

    let response = send(&app, Request::get("/report"), "").await;

    assert_eq!(response.status, 408);
    assert_eq!(response.field("content-type"), "text/plain; charset=utf-8");
    assert!(!response.has("x-request-id"));
}

#[tokio::test(start_paused = true)]
async fn after_a_timeout_is_504_as_a_problem_with_an_id() {
    let app = after::app().unwrap();

    let response = send(&app, Request::get("/report"), "").await;

    assert_eq!(response.status, 504);
    assert_eq!(response.field("content-type"), "application/problem+json");
    assert!(response.has("x-request-id"));
}

#[tokio::test]
async fn before_the_response_to_an_invalid_body_is_text() {
    let response = malformed(&before::app().unwrap()).await;

    assert_eq!(response.status, 400);
    assert_eq!(response.field("content-type"), "text/plain; charset=utf-8");
}

#[tokio::test]
async fn after_the_response_to_an_invalid_body_is_a_problem() {
    let response = malformed(&after::app().unwrap()).await;

    assert_eq!(response.status, 400);
    assert_eq!(response.field("content-type"), "application/problem+json");
}

async fn malformed(app: &Router) -> TestResponse {
    let request = Request::post("/login").header("content-type", "application/json");
    send(app, request, "{").await
}

#[tokio::test]
async fn before_an_id_of_any_length_is_accepted() {
    let id = "x".repeat(4000);

    let response = send(
        &before::app().unwrap(),
        courses().header("x-request-id", &id),
        "",
    )
    .await;

    assert_eq!(response.field("x-request-id"), id);
}

#[tokio::test]
async fn after_an_id_that_is_too_long_is_replaced() {
    let id = "x".repeat(4000);

    let response = send(
        &after::app().unwrap(),
        courses().header("x-request-id", &id),
        "",
    )
    .await;

    assert_eq!(response.field("x-request-id").len(), 32);
}

#[tokio::test]
async fn after_who_has_a_session_is_limited_by_it_and_not_by_the_shared_address() {
    let app = after::app().unwrap();
    rejected(&app, courses).await;

    let response = send(&app, courses().header("cookie", "session=7"), "").await;

    assert_eq!(response.status, 200);
}
