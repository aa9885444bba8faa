//! Protects a login against guessed passwords: 20 failures a minute for an address, 10 an hour for an account.
//!
//! `cargo run -p tower-edge --example login_protection --features axum`, and then:
//!
//! ```sh
//! curl -i localhost:3000/login -H 'content-type: application/json' -d '{"email": "a@example.com", "password": "?"}'
//! curl -i -X POST localhost:3000/unlock/a@example.com
//! ```
//!
//! A login that succeeds costs nothing. Whoever has used an account's quota up locks its owner out until one of it is
//! back, six minutes later, or until somebody unlocks it.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use http::StatusCode;
use serde::Deserialize;
use tokio::net::TcpListener;
use tower_edge::axum::{Json, Path};
use tower_edge::envelope::{EnvelopeLayer, format::ProblemDetails};
use tower_edge::rate_limit::{
    ChargeOn, ClientAddress, Key, Limit, MemoryStore, Quota, RateLimitHandle, RateLimitLayer, Store,
};
use tower_edge::{BoxError, Edge, Kind, Problem};

const ACCOUNT: Quota = Quota::per_hour(10).named("login-account");
const ADDRESS: Quota = Quota::per_minute(20).named("login-address");

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let app = app(MemoryStore::default());
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(TcpListener::bind("127.0.0.1:3000").await?, app).await?)
}

fn app(store: MemoryStore) -> Router {
    let limits = RateLimitLayer::new([
        Limit::new(ADDRESS, ClientAddress::new()).with_charge_on(ChargeOn::Failures),
        Limit::in_handler(ACCOUNT).with_charge_on(ChargeOn::Failures),
    ]);
    let limits = limits.with_store(store.clone()).with_handle();
    let edge = Edge::new()
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(limits);
    let login = Router::new().route("/login", post(login)).layer(edge);
    // Where administrators come in, and nobody else.
    let unlock = Router::new()
        .route("/unlock/{email}", post(unlock))
        .with_state(store);
    login.merge(unlock)
}

#[derive(Deserialize)]
struct Login {
    email: String,
    password: String,
}

async fn login(limits: RateLimitHandle, Json(login): Json<Login>) -> Result<&'static str, Problem> {
    limits.check(ACCOUNT.name(), &account(&login.email)).await?;
    match login.password == "correct horse" {
        true => Ok("welcome\n"),
        false => Err(Problem::new(Kind::Unauthenticated)),
    }
}

async fn unlock(
    State(store): State<MemoryStore>,
    Path(email): Path<String>,
) -> Result<StatusCode, Problem> {
    match store.reset(&ACCOUNT, &account(&email)).await {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(never) => match never {},
    }
}

/// One account, however its name is written.
fn account(email: &str) -> Key<'static> {
    Key::from(email.trim().to_lowercase())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::ConnectInfo;
    use http::Request;
    use tower::ServiceExt;

    use super::*;

    async fn status(app: &Router, host: usize, uri: &str, password: &str) -> u16 {
        let address = SocketAddr::from(([192, 0, 2, u8::try_from(host).unwrap()], 1));
        let body = format!(r#"{{"email": "a@example.com", "password": "{password}"}}"#);
        let request = Request::post(uri).header("content-type", "application/json");
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(ConnectInfo(address));
        app.clone()
            .oneshot(request)
            .await
            .unwrap()
            .status()
            .as_u16()
    }

    #[tokio::test]
    async fn it_holds_against_10_000_guesses_from_100_addresses() {
        let app = app(MemoryStore::default());

        let mut compared = 0;
        for guess in 0..10_000 {
            compared += usize::from(status(&app, guess % 100, "/login", "guess").await == 401);
        }

        assert_eq!(compared, 10);
        assert_eq!(status(&app, 200, "/login", "correct horse").await, 429);
        assert_eq!(status(&app, 201, "/unlock/A@example.com", "").await, 204);
        for _ in 0..30 {
            assert_eq!(status(&app, 200, "/login", "correct horse").await, 200);
        }
    }
}
