//! The limit may count by the route that axum has matched.

use axum::Router;
use axum::routing::any;
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use tower_edge::rate_limit::key::Route;
use tower_edge::rate_limit::{Limit, Quota, RateLimitLayer};

use crate::composition::requests::send;

/// Asks in turn, and expects the first request of each route to be served and no other.
async fn assert_counted(router: Router, rows: &[(&str, &str, u16)]) {
    let limit = Limit::new(Quota::per_hour(1), Route);
    let limited = router.layer(RateLimitLayer::new(limit));

    for (method, path, status) in rows {
        let mut request = Request::new(Full::<Bytes>::default());
        *request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
        *request.uri_mut() = path.parse().unwrap();
        let response = send(limited.clone(), request).await;

        assert_eq!(response.status, *status, "{method} {path}");
    }
}

#[tokio::test]
async fn a_route_is_its_method_and_template_however_the_path_is_written() {
    let inner = Router::new().route("/{id}", any(async || "media"));
    let router = Router::new()
        .route("/a", any(async || "a"))
        .nest("/media", inner);

    assert_counted(
        router,
        &[
            ("GET", "/media/7", 200),
            ("GET", "/media/8?x=1", 429),
            ("HEAD", "/media/9", 429),
            ("PUT", "/media/7", 200),
            ("MADE", "/media/7", 200),
            ("UP", "/media/7", 429),
            ("GET", "/a", 200),
        ],
    )
    .await;
}

#[tokio::test]
async fn requests_that_match_no_route_share_an_allowance() {
    let router = Router::new().route("/a", any(async || "a"));

    assert_counted(
        router,
        &[
            ("GET", "/A", 404),
            ("GET", "//a", 429),
            ("POST", "/b?x=1", 429),
            ("GET", "/a?x=1", 200),
        ],
    )
    .await;
}
