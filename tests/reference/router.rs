//! What `Reference::to_router` serves.

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use tower_edge::reference::Reference;
use tower_edge_formats::JsonApi;

use crate::references::SHOP;

#[tokio::test]
async fn all_errors_are_a_page_unless_a_client_prefers_json() {
    for (accept, content_type) in [
        ("", PAGE),
        ("*/*", PAGE),
        ("text/html, */*;q=0.8", PAGE),
        ("image/png", PAGE),
        ("application/json", JSON),
        ("text/html;q=0.5, application/json", JSON),
    ] {
        let response = get("/errors", "/errors", accept).await;

        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], content_type, "{accept}");
        assert_eq!(response.headers()["vary"], "Accept");
    }
}

#[tokio::test]
async fn the_json_of_all_errors_is_that_of_each() {
    let all = json(get("/errors", "/errors", JSON).await).await;

    let all = all.as_array().unwrap();
    for row in SHOP.definitions() {
        let error = get("/errors", &format!("/errors/{}", row.key()), JSON).await;
        assert!(all.contains(&json(error).await), "{}", row.key());
    }
    assert!(all.iter().any(|error| error["key"] == "upstream_timeout"));
}

#[tokio::test]
async fn a_host_for_errors_alone_has_them_at_its_root() {
    for path in ["/", "/out_of_stock"] {
        let response = get("/", path, "text/html").await;

        assert_eq!(response.status(), 200, "{path}");
        let page = response.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&page).contains("id=\"out_of_stock\""));
    }
}

async fn get(at: &str, path: &str, accept: &str) -> Response<Body> {
    let reference = Reference::new("Shop", &SHOP);
    let reference = reference.with_format(JsonApi::new().with_catalog(&SHOP));
    let app: Router = reference.to_router(at);
    let mut request = Request::get(path);
    if !accept.is_empty() {
        request = request.header("accept", accept);
    }
    app.oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap()
}

async fn json(response: Response<Body>) -> Value {
    let body = response.into_body().collect().await.unwrap();
    serde_json::from_slice(&body.to_bytes()).unwrap()
}

const JSON: &str = "application/json";
const PAGE: &str = "text/html; charset=utf-8";
