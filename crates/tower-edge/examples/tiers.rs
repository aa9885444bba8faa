//! Limits by what a customer pays for, and by what was agreed with a customer.
//!
//! `cargo run -p tower-edge --example tiers --features axum`, and then:
//!
//! ```sh
//! curl -i localhost:3000/          -H 'x-api-key: free'    # 60 a minute
//! curl -i localhost:3000/          -H 'x-api-key: pro'     # 600 a minute
//! curl -i localhost:3000/export    -H 'x-api-key: free'    # 2 a month
//! curl -i localhost:3000/export    -H 'x-api-key: custom'  # 500 a month, as agreed
//! curl -i localhost:3000/                                  # 401
//! ```

use std::net::SocketAddr;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use tokio::net::TcpListener;
use tower_edge::envelope::{EnvelopeLayer, format::ProblemDetails};
use tower_edge::rate_limit::key::ExtensionKey;
use tower_edge::rate_limit::{Key, KeyExtractor, Limit, Quota, RateLimitLayer};
use tower_edge::{BoxError, Edge};

const EXPORTS: Quota = Quota::per_month(2).named("exports");
const FREE: Quota = Quota::per_minute(60).named("requests");
const PRO: Quota = Quota::per_minute(600).named("requests");

/// Who a request is from.
#[derive(Clone)]
struct Customer {
    exports: Quota,
    id: u64,
    is_pro: bool,
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let app = app()?.into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(TcpListener::bind("127.0.0.1:3000").await?, app).await?)
}

fn app() -> Result<Router, BoxError> {
    let customer = ExtensionKey::new(|customer: &Customer| Key::from(customer.id));
    let requests = Limit::new(FREE, customer.required()).with_tier(PRO, |head| {
        head.extensions
            .get()
            .is_some_and(|customer: &Customer| customer.is_pro)
    });
    let agreed = |customer: &Customer| customer.exports;
    let exports = Limit::by(
        move |head| head.extensions.get().map_or(EXPORTS, agreed),
        customer,
    )
    .with_paths(["/export"])?;
    let edge = Edge::new()
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(RateLimitLayer::new([requests, exports]));
    let router = Router::new()
        .route("/", get("hello\n"))
        .route("/export", get("a,b\n1,2\n"));
    Ok(router.layer(edge).layer(from_fn(authenticate)))
}

/// Stands for a look into a database.
async fn authenticate(mut request: Request, next: Next) -> Response {
    let key = request
        .headers()
        .get("x-api-key")
        .map(http::HeaderValue::as_bytes);
    let customer = match key {
        Some(b"free") => Some(Customer {
            exports: EXPORTS,
            id: 1,
            is_pro: false,
        }),
        Some(b"pro") => Some(Customer {
            exports: EXPORTS,
            id: 2,
            is_pro: true,
        }),
        Some(b"custom") => {
            let exports = Quota::per_month(500).named("exports");
            Some(Customer {
                exports,
                id: 3,
                is_pro: true,
            })
        }
        _ => None,
    };
    if let Some(customer) = customer {
        request.extensions_mut().insert(customer);
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn each_customer_has_the_quotas_of_its_tier_and_its_own() {
        let app = app().unwrap();

        for (key, path, limit) in [
            ("free", "/", "60"),
            ("pro", "/", "600"),
            ("free", "/export", "2"),
            ("pro", "/export", "2"),
            ("custom", "/export", "500"),
        ] {
            let request = Request::get(path).header("x-api-key", key);
            let response = app
                .clone()
                .oneshot(request.body(Body::empty()).unwrap())
                .await
                .unwrap();

            assert_eq!(
                response.headers()["x-ratelimit-limit"],
                limit,
                "{key} {path}"
            );
        }
        let response = app.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(response.status(), 401);
    }
}
