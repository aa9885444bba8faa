//! Limits that are read from a TOML file: `limits.toml` beside this file, or the one that is named after `--`.
//!
//! `cargo run -p tower-edge --example limits_from_toml --features axum,serde`, and then:
//!
//! ```console
//! $ curl -i -X POST localhost:3000/login
//! HTTP/1.1 401 Unauthorized
//! ratelimit: "second";r=19;t=1, "login";r=4;t=65
//! ratelimit-policy: "second";q=20;w=1, "login";q=5;w=60
//! …
//! $ curl -i localhost:3000/
//! HTTP/1.1 200 OK
//! ratelimit: "second";r=19;t=1
//! ratelimit-policy: "second";q=20;w=1
//! …
//! hello
//! ```

use std::net::SocketAddr;
use std::{env, fs};

use axum::Router;
use axum::routing::{get, post};
use http::StatusCode;
use tokio::net::TcpListener;
use tower_edge::envelope::{EnvelopeLayer, format::ProblemDetails};
use tower_edge::rate_limit::{Limits, RateLimitLayer};
use tower_edge::{BoxError, Edge};

const LIMITS: &str = include_str!("limits.toml");

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let text = match env::args_os().nth(1) {
        Some(path) => fs::read_to_string(path)?,
        None => LIMITS.to_owned(),
    };
    let app = app(toml::from_str(&text)?);
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(TcpListener::bind("127.0.0.1:3000").await?, app).await?)
}

fn app(limits: Limits) -> Router {
    let edge = Edge::new()
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(RateLimitLayer::new(limits));
    Router::new()
        .route("/", get("hello\n"))
        .route("/login", post(StatusCode::UNAUTHORIZED))
        .layer(edge)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::Request;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn the_limits_are_those_of_the_file() {
        let app = app(toml::from_str(LIMITS).unwrap());

        for expected in [401, 401, 401, 401, 401, 429] {
            let request = Request::post("/login").body(Body::empty()).unwrap();
            let response = app.clone().oneshot(request).await.unwrap();

            assert_eq!(response.status(), expected);
            let policies = &response.headers()["ratelimit-policy"];
            assert_eq!(policies, r#""second";q=20;w=1, "login";q=5;w=60"#);
        }
    }
}
