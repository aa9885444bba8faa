//! Serves until a signal comes that stops the server, then drains the connections.

use std::io;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::rate_limit::{
    ApiKey, ClientAddress, KeyExtractor, Limit, MemoryStore, Quota, RateLimitLayer,
};
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge::version_gate::{SemVer, VersionGateLayer};
use tower_edge::{BoxError, Edge};

use crate::echo::{Echo, LIMITED};

/// Serves gRPC until `stop`; calls that are under way then have ten seconds to end in.
///
/// # Errors
///
/// When the server fails as a whole; a connection that fails is its own affair.
pub(crate) async fn serve(
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> Result<(), BoxError> {
    let minimum: SemVer = "1.2.0".parse()?;
    let once = Quota::new(1, Duration::from_secs(10))?.named("limited");
    let once = Limit::new(once, ApiKey.or(ClientAddress::new())).with_paths([LIMITED])?;
    let (drain, draining) = oneshot::channel();
    let edge = Edge::new()
        .layer(CorrelationIdLayer::new())
        // A gRPC request is answered in gRPC; the format is for whoever else finds the port.
        .layer(EnvelopeLayer::new(ProblemDetails).with_domain("edge.Echo"))
        .layer(VersionGateLayer::new(minimum))
        .layer(RateLimitLayer::new(once).with_store(MemoryStore::new(CALLERS)))
        .layer(UpstreamTimeoutLayer::new(UPSTREAM_TIMEOUT));
    let server = Server::builder()
        .http2_keepalive_interval(Some(KEEP_ALIVE))
        .layer(edge)
        .add_service(Echo)
        .serve_with_incoming_shutdown(
            TcpIncoming::from(listener).with_nodelay(Some(true)),
            // A sender that is dropped ends the wait as well.
            async { drop(draining.await) },
        );
    let mut server = std::pin::pin!(server);
    tokio::select! {
        result = &mut server => return Ok(result?),
        () = stop => drop(drain.send(())),
    }
    match timeout(DRAIN, server).await {
        Ok(result) => Ok(result?),
        // What is still open is cut.
        Err(_) => Ok(()),
    }
}

/// Resolves at SIGTERM or Ctrl-C, which are caught from now on and not only from the first poll on.
///
/// # Errors
///
/// When the system lets no signal be caught.
pub(crate) fn stop() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// How many callers are told apart.
const CALLERS: usize = 65_536;
const DRAIN: Duration = Duration::from_secs(10);
const KEEP_ALIVE: Duration = Duration::from_secs(20);
const UPSTREAM_TIMEOUT: Duration = Duration::from_secs(1);
