//! hyper-util's server, without a framework.

use std::net::SocketAddr;

use hyper::service::service_fn as hyper_service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt, service_fn};
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge_tests::{Protocol, listen};

use crate::handlers;
use crate::hosts::rest;
use crate::stack::stack;

async fn start() -> SocketAddr {
    let service = stack!(EnvelopeLayer::new(ProblemDetails)).service(service_fn(handlers::serve));
    // Without its type, of which rustc does not see in an `async` block that it is `Send`.
    let service = BoxCloneSyncService::new(service);
    listen(move |stream| {
        let service = service.clone();
        async move {
            let service = hyper_service_fn(move |request| service.clone().oneshot(request));
            let server = auto::Builder::new(TokioExecutor::new());
            let stream = TokioIo::new(stream);
            // Some cases break connections off.
            let _ = server.serve_connection_with_upgrades(stream, service).await;
        }
    })
    .await
}

/// The handler has to leave the body out, as those of axum do.
pub(crate) const HEAD_ON_HTTP_2: &str =
    "over HTTP/2, hyper sends the body that a handler gives to HEAD";

#[tokio::test]
async fn the_layers_hold_under_hyper_util() {
    rest::host(|| Box::pin(start()), "")
        .except("head", Some(Protocol::Http2), "cut", HEAD_ON_HTTP_2)
        .verify()
        .await;
}
