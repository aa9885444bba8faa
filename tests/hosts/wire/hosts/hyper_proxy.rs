//! The reverse proxy of `examples/hyper-proxy`, which brings layers of its own.

use std::future::pending;
use std::net::SocketAddr;

use clap::Parser;
use http::Response;
use tokio::net::TcpListener;
use tower::{ServiceBuilder, service_fn};
use tower_edge::ResponseBody;
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::server::{DrainRequestBodyLayer, Server};
use tower_http::compression::CompressionLayer;

use crate::handlers;
use crate::hosts::rest;
use crate::stack::{FAULT, cors, fault};

async fn start() -> SocketAddr {
    let upstream = ServiceBuilder::new()
        .layer(DrainRequestBodyLayer::new())
        .layer(EnvelopeLayer::new(ProblemDetails))
        .filter(fault)
        .service(service_fn(handlers::serve));
    let upstream = tower_edge_tests::serve(upstream).await;
    let upstream = format!("http://{upstream}");
    let words = ["hyper-proxy", "--upstream", &upstream, "--limit", "1/1h"];
    let words = words.into_iter().chain(["--forward-field", FAULT]);
    let flags = hyper_proxy::Flags::parse_from(words);
    let service = ServiceBuilder::new()
        .layer(CompressionLayer::new())
        .layer(CorrelationIdLayer::new())
        .layer(cors())
        // CORS needs a body that has a default.
        .map_response(|response: Response<_>| response.map(ResponseBody::inner))
        .service(hyper_proxy::service(flags));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { Server::new().serve(listener, service, pending()).await });
    address
}

#[tokio::test]
async fn the_layers_hold_in_a_proxy_on_hyper() {
    let mut host = rest::host(|| Box::pin(start()), "");
    // `Upgrade` ends at the proxy.
    host.upgrade = None;
    host.except(
        "trailers",
        None,
        "other trailers",
        "`TE` is of one connection, and the proxy sends none to the upstream",
    )
    .except(
        "unavailable",
        None,
        "retry-after [\"3600\"]",
        "the limit has nothing left for longer than the upstream asks to wait",
    )
    .verify()
    .await;
}
