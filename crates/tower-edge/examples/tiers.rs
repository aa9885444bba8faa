//! Customers with plans: 60 requests a minute, or 600 with plan Pro.
//!
//! `cargo run -p tower-edge --example tiers --features axum`, and then:
//!
//! ```console
//! $ curl -si localhost:3000/ -H 'x-api-key: alice' | grep -E '^HTTP|limit'
//! HTTP/1.1 200 OK
//! x-ratelimit-remaining: 59
//! x-ratelimit-limit: 60
//! x-ratelimit-reset: 1796049560
//! $ curl -si localhost:3000/ -H 'x-api-key: bob' | grep -E '^HTTP|limit'
//! HTTP/1.1 200 OK
//! x-ratelimit-remaining: 599
//! x-ratelimit-limit: 600
//! x-ratelimit-reset: 1796049559
//! ```

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use http::HeaderValue;
use tokio::net::TcpListener;
use tower_edge::Edge;
use tower_edge::envelope::{EnvelopeLayer, format::ProblemDetails};
use tower_edge::rate_limit::key::ExtensionKey;
use tower_edge::rate_limit::{Key, KeyExtractor, Limit, Quota, RateLimitLayer};

const FREE: Quota = Quota::per_minute(60).named("requests");
const PRO: Quota = Quota::per_minute(600).named("requests");

/// Who a request is from.
#[derive(Clone, Copy)]
struct Customer {
    id: u64,
    is_pro: bool,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app()).await
}

fn app() -> Router {
    let key = ExtensionKey::new(|customer: &Customer| Key::from(customer.id));
    let limit = Limit::new(FREE, key.required()).with_tier(PRO, |head| {
        let customer = head.extensions.get::<Customer>();
        customer.is_some_and(|customer| customer.is_pro)
    });
    let edge = Edge::new()
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(RateLimitLayer::new(limit));
    Router::new()
        .route("/", get("hello\n"))
        .layer(edge)
        // Outside of the limit, which needs to know the customer.
        .layer(from_fn(authenticate))
}

async fn authenticate(mut request: Request, next: Next) -> Response {
    let key = request.headers().get("x-api-key");
    if let Some(customer) = key.and_then(customer) {
        request.extensions_mut().insert(customer);
    }
    next.run(request).await
}

/// Stands for a look into a database.
fn customer(api_key: &HeaderValue) -> Option<Customer> {
    let (id, is_pro) = match api_key.as_bytes() {
        b"alice" => (1, false),
        b"bob" => (2, true),
        _ => return None,
    };
    Some(Customer { id, is_pro })
}

#[cfg(test)]
#[tokio::test]
async fn a_customer_has_the_limit_of_its_plan() {
    use axum::body::Body;
    use tower_edge_tests::oneshot;

    let app = app();
    let send = async |api_key| {
        let request = Request::get("/").header("x-api-key", api_key);
        oneshot(app.clone(), request.body(Body::empty()).unwrap()).await
    };

    for (api_key, limit) in [("alice", 60), ("bob", 600)] {
        let response = send(api_key).await;
        assert_eq!(response.status, 200);
        assert_eq!(response.number("x-ratelimit-limit"), limit);
    }
    assert_eq!(send("mallory").await.status, 401);
}
