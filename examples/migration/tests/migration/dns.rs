use axum::Router;
use axum::body::Body;
use http::Request;
use migration::dns::{after, before};
use tower_edge_tests::{TestResponse, oneshot};

use crate::support::{FORWARDED, send};

const AFTER: &str = include_str!("../../src/dns/after.toml");
const BEFORE: &str = include_str!("../../src/dns/before.toml");

async fn publish(app: &Router, client: &str) -> TestResponse {
    send(
        app,
        Request::put("/a.example").header(FORWARDED, client),
        "192.0.2.1",
    )
    .await
}

#[tokio::test]
async fn before_a_dropped_extractor_makes_everybody_behind_the_proxy_one_client() {
    let app = before::app(BEFORE).unwrap();

    for expected in [204, 204, 429] {
        assert_eq!(publish(&app, "198.51.100.7").await.status, expected);
    }
    assert_eq!(publish(&app, "198.51.100.8").await.status, 429);
}

#[tokio::test]
async fn after_each_client_behind_the_proxy_has_its_own_limit() {
    let app = after::app(AFTER).unwrap();

    for expected in [204, 204, 429] {
        assert_eq!(publish(&app, "198.51.100.7").await.status, expected);
    }
    assert_eq!(publish(&app, "198.51.100.8").await.status, 204);
}

#[tokio::test]
async fn before_a_wait_is_rounded_down_so_that_who_obeys_is_rejected_again() {
    let app = before::app(BEFORE).unwrap();

    let rejected = exhausted(&app).await;

    // It is allowed after 3.9 seconds and more.
    assert_eq!(rejected.field("retry-after"), "3");
}

#[tokio::test]
async fn after_a_wait_is_rounded_up() {
    let app = after::app(AFTER).unwrap();

    let rejected = exhausted(&app).await;

    assert_eq!(rejected.field("retry-after"), "4");
}

/// The first response to a client that has published all that it may.
async fn exhausted(app: &Router) -> TestResponse {
    for _ in 0..2 {
        publish(app, "198.51.100.7").await;
    }
    publish(app, "198.51.100.7").await
}

#[tokio::test]
async fn before_an_error_is_text_without_a_type_or_nothing() {
    let app = before::app(BEFORE).unwrap();

    let rejected = exhausted(&app).await;
    let missing = send(&app, Request::get("/b.example"), "").await;

    assert_eq!(rejected.text(), "Too Many Requests! Wait for 3s");
    assert!(!rejected.has("content-type"));
    assert_eq!((missing.status, missing.text()), (404, ""));
}

#[tokio::test]
async fn after_each_error_is_a_problem_with_an_id() {
    let app = after::app(AFTER).unwrap();

    let rejected = exhausted(&app).await;
    let missing = send(&app, Request::get("/b.example"), "").await;

    for (response, status) in [(rejected, 429), (missing, 404)] {
        assert_eq!(response.field("content-type"), "application/problem+json");
        assert_eq!(response.json()["status"], status);
        assert!(response.has("x-request-id"));
    }
}

#[tokio::test]
async fn reading_is_not_limited() {
    for app in [before::app(BEFORE).unwrap(), after::app(AFTER).unwrap()] {
        exhausted(&app).await;

        for _ in 0..10 {
            let read = Request::get("/a.example").header(FORWARDED, "198.51.100.7");
            assert_eq!(send(&app, read, "").await.text(), "192.0.2.1");
        }
    }
}

#[tokio::test]
async fn before_an_unknown_setting_is_ignored() {
    let config = format!("{BEFORE}bursts = 2\n");

    assert!(before::app(&config).is_ok());
}

#[tokio::test]
async fn after_an_unknown_setting_is_an_error() {
    let config = format!("{AFTER}bursts = 2\n");

    let error = after::app(&config).unwrap_err().to_string();

    assert!(error.contains("unknown field `bursts`"), "{error}");
}

/// Publishes as if the server did not pass on who the peer is.
async fn publish_without_peer(app: Router) -> u16 {
    let request = Request::put("/a.example").body(Body::from("192.0.2.1"));
    oneshot(app, request.unwrap()).await.status
}

#[tokio::test]
async fn before_nobody_is_served_if_the_peer_is_not_known() {
    let app = before::app(BEFORE).unwrap();

    assert_eq!(publish_without_peer(app).await, 500);
}

#[tokio::test]
async fn after_all_count_as_one_client_if_the_peer_is_not_known() {
    let app = after::app(AFTER).unwrap();

    for expected in [204, 204, 429] {
        assert_eq!(publish_without_peer(app.clone()).await, expected);
    }
}
