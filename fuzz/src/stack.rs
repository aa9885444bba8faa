use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::timeout;
use tower::{ServiceBuilder, service_fn};
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::envelope::{
    ByAccept, EnvelopeLayer, FormatSelector, JsonRpcIdLayer, SelectedFormat,
};
use tower_edge::rate_limit::{ApiKey, Limit, MemoryStore, Quota, RateLimitLayer};
use tower_edge::server::{
    AccessLogLayer, DrainRequestBodyLayer, HttpService, Server, ValidRequestLayer,
};
use tower_edge::timeout::{RequestBodyTimeoutLayer, UpstreamTimeoutLayer};
use tower_edge::version_gate::{SemVer, VersionGateLayer};
use tower_edge::{BoxError, Edge, Head};
use tower_edge_formats::{Connect, PlexMcp};

/// What the handler says in its errors, and no response may.
pub const SECRET: &str = "SECRET-7d1f";

/// Sends these bytes to a server with all layers, and then nothing, or the end of the sending side. Gives what the server
/// has sent until it closed the connection, and the methods of the requests that it has served.
///
/// Time is paused, so that waiting takes none.
///
/// # Panics
///
/// If the server keeps the connection open.
#[must_use]
pub fn exchange(sent: &[u8], closes: bool) -> (Vec<u8>, Vec<Method>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    let served = Arc::new(Mutex::new(Vec::new()));
    let service = stack(Arc::clone(&served));
    let received = runtime.block_on(async {
        let (client, server) = duplex(64 * 1024);
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        tokio::spawn(async move {
            Server::new()
                .serve_connection(server, peer, service, std::future::pending())
                .await;
        });
        let (mut reading, mut writing) = tokio::io::split(client);
        let mut received = Vec::new();
        let sent = sent.to_vec();
        let write = tokio::spawn(async move {
            // The server may have closed the connection before.
            let _ = writing.write_all(&sent).await;
            if closes {
                let _ = writing.shutdown().await;
            }
            writing
        });
        let read = timeout(LONGEST, reading.read_to_end(&mut received)).await;
        let read = read.expect("the server closes a connection that asks nothing");
        read.unwrap();
        drop(write);
        received
    });
    drop(runtime);
    let served = std::mem::take(&mut *served.lock().unwrap_or_else(PoisonError::into_inner));
    (received, served)
}

/// All layers around the handler.
fn stack(served: Arc<Mutex<Vec<Method>>>) -> impl HttpService {
    let version: SemVer = "1.2.0".parse().unwrap();
    let limit = Limit::new(Quota::per_minute(30), ApiKey);
    ServiceBuilder::new()
        .map_request(move |request: Request<Incoming>| {
            let mut served = served.lock().unwrap_or_else(PoisonError::into_inner);
            served.push(request.method().clone());
            request
        })
        .layer(DrainRequestBodyLayer::new())
        .layer(CorrelationIdLayer::new())
        .layer(AccessLogLayer::new())
        .layer(JsonRpcIdLayer::new(MAX_BODY))
        .layer(EnvelopeLayer::select(formats()))
        .layer(ValidRequestLayer::new())
        .layer(
            Edge::new()
                .layer(VersionGateLayer::new(version))
                .layer(RateLimitLayer::new(limit).with_store(MemoryStore::new(64)))
                .layer(UpstreamTimeoutLayer::new(Duration::from_secs(1))),
        )
        .layer(RequestBodyTimeoutLayer::new(Duration::from_secs(2)))
        .service(service_fn(handle))
}

/// The format of Connect for its calls, and for others the one that `Accept` prefers.
fn formats() -> impl FormatSelector {
    let by_accept = ByAccept::new(PlexMcp).with(ProblemDetails);
    move |head: Head<'_>| {
        let connect = CONNECT.select(head);
        connect.map_or_else(|| by_accept.select(head), SelectedFormat::from)
    }
}

/// An echo, and routes on which it fails or never responds.
async fn handle<B>(request: Request<B>) -> Result<Response<Full<Bytes>>, BoxError>
where
    B: Body<Data: Send, Error: Into<BoxError>>,
{
    match request.uri().path() {
        "/fails" => Err(SECRET.into()),
        "/fails-as-text" => Ok(Response::builder()
            .status(500)
            .header("content-type", "text/plain")
            .body(Full::from(SECRET))?),
        "/never" => std::future::pending().await,
        "/unread" => Ok(Response::new(Full::from("unread"))),
        _ => {
            let body = request.into_body().collect().await;
            let body = body.map_err(Into::<BoxError>::into)?.to_bytes();
            // In small letters, in which the secret is not written.
            Ok(Response::new(Full::from(body.to_ascii_lowercase())))
        }
    }
}

/// Longer than each of the server's limits.
const LONGEST: Duration = Duration::from_secs(60 * 60);
const MAX_BODY: usize = 64 * 1024;

static CONNECT: Connect = Connect::new();
