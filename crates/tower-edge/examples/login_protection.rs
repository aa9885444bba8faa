//! A login that holds against guessed passwords: 20 failures a minute for an address, 10 an hour for an account.
//!
//! `cargo run -p tower-edge --example login_protection --features axum`, and then eleven times:
//!
//! ```console
//! $ curl -i localhost:3000/login -H 'content-type: application/json' -d '{"email": "a@example.com", "password": "?"}'
//! HTTP/1.1 429 Too Many Requests
//! retry-after: 360
//! …
//! {"type":"about:blank","title":"Too Many Requests","status":429,"detail":"Too many requests; try again later.","violated-policies":["login-account"],"retry_after":360}
//! ```
//!
//! A login that succeeds costs nothing. Whoever has used an account's quota up locks its owner out for six minutes.

use std::net::SocketAddr;

use axum::{Router, routing::post};
use serde::Deserialize;
use tokio::net::TcpListener;
use tower_edge::axum::Json;
use tower_edge::envelope::{EnvelopeLayer, format::ProblemDetails};
use tower_edge::rate_limit::{
    ChargeOn, ClientAddress, Key, Limit, Quota, RateLimitHandle, RateLimitLayer,
};
use tower_edge::{Edge, Kind, Problem};

const ACCOUNT: Quota = Quota::per_hour(10).named("login-account");
const ADDRESS: Quota = Quota::per_minute(20).named("login-address");

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    let app = app().into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).await
}

fn app() -> Router {
    let limits = RateLimitLayer::new([
        Limit::new(ADDRESS, ClientAddress::new()).with_charge_on(ChargeOn::Failures),
        // The account stands in the body, so the handler says whose it is.
        Limit::in_handler(ACCOUNT).with_charge_on(ChargeOn::Failures),
    ]);
    let edge = Edge::new()
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(limits.with_handle());
    Router::new().route("/login", post(login)).layer(edge)
}

#[derive(Deserialize)]
struct Login {
    email: String,
    password: String,
}

async fn login(limits: RateLimitHandle, Json(login): Json<Login>) -> Result<&'static str, Problem> {
    // One account, however its name is written.
    let account = Key::from(login.email.trim().to_lowercase());
    limits.check(ACCOUNT.name(), &account).await?;
    match login.password == "correct horse" {
        true => Ok("welcome\n"),
        false => Err(Problem::new(Kind::Unauthenticated)),
    }
}

#[cfg(test)]
#[tokio::test]
async fn ten_of_1000_guesses_from_100_addresses_are_compared_and_a_success_costs_nothing() {
    use axum::{body::Body, extract::ConnectInfo, extract::Request};
    use tower_edge_tests::oneshot;

    let app = app();
    let send = async |host, email, password| {
        let peer = SocketAddr::from(([192, 0, 2, host], 1));
        let request = Request::post("/login").header("content-type", "application/json");
        let body = format!(r#"{{"email": "{email}", "password": "{password}"}}"#);
        let request = request.extension(ConnectInfo(peer)).body(Body::from(body));
        oneshot(app.clone(), request.unwrap()).await.status
    };

    let mut compared = 0;
    for _ in 0..10 {
        for host in 0..100 {
            compared += usize::from(send(host, "a@example.com", "guess").await == 401);
        }
    }

    assert_eq!(compared, 10);
    assert_eq!(send(200, "A@example.com", "correct horse").await, 429);
    for _ in 0..30 {
        assert_eq!(send(200, "b@example.com", "correct horse").await, 200);
    }
}
