use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Path;
use axum::response::sse::Event;
use axum::response::{IntoResponse, Sse};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::{Stream, StreamExt, stream};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};
use tokio::net::{TcpListener, TcpSocket};

/// Starts the upstream on a socket of its own. Returns its URL, and one at which nothing listens.
///
/// # Errors
///
/// When the system has no socket for it.
pub async fn start() -> io::Result<(String, String)> {
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listener = TcpListener::bind(loopback).await?;
    // A port that is taken and not listened on refuses connections.
    let closed = TcpSocket::new_v4()?;
    closed.bind(loopback)?;
    let base = format!("http://{}", listener.local_addr()?);
    let refused = format!("http://{}", closed.local_addr()?);
    tokio::spawn(async move {
        let _closed = closed;
        axum::serve(listener, router()).await
    });
    Ok((base, refused))
}

fn router() -> Router {
    let trace = Json(json!({"trace": "at db.rs:42, password hunter2"}));
    let wait = [(RETRY_AFTER, "7")];
    Router::new()
        .route("/echo", get(echo))
        .route("/error", get((StatusCode::INTERNAL_SERVER_ERROR, trace)))
        .route("/media/{id}", get(medium))
        .route("/ok", get(Json(json!({"ok": true}))))
        .route("/ratelimited", get((StatusCode::TOO_MANY_REQUESTS, wait)))
        .route("/reset", get(reset))
        .route("/slow", get(pending::<()>))
        .route("/stall", get(stall))
        .route("/stream", get(async || Sse::new(events())))
}

/// The fields of the request, names in lower case, several values of one name joined.
async fn echo(headers: HeaderMap) -> Json<Value> {
    let mut fields = Map::new();
    for name in headers.keys() {
        let values = headers.get_all(name).iter();
        let values: Vec<_> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        fields.insert(name.to_string(), values.join(", ").into());
    }
    Json(json!({"headers": fields}))
}

async fn medium(Path(id): Path<u64>) -> Result<Json<Value>, StatusCode> {
    match id {
        1..=100 => Ok(Json(json!({"id": id, "title": format!("Medium {id}")}))),
        _ => Err(StatusCode::NOT_FOUND),
    }
}

/// A body that fails before its first byte closes the connection without a response.
async fn reset() -> Body {
    let failure = io::Error::from(io::ErrorKind::ConnectionReset);
    Body::from_stream(stream::iter([Err::<&str, _>(failure)]))
}

async fn stall() -> impl IntoResponse {
    let chunks = stream::iter([Ok::<_, Infallible>("first\n")]).chain(stream::pending());
    let fields = [(CACHE_CONTROL, "no-cache"), (CONTENT_TYPE, "text/plain")];
    (fields, Body::from_stream(chunks))
}

/// Five events, 300 ms apart.
fn events() -> impl Stream<Item = Result<Event, Infallible>> {
    stream::iter(1..=5).then(async |number| {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let event = Event::default().id(number.to_string()).event("tick");
        Ok(event.data(json!({"tick": number}).to_string()))
    })
}
