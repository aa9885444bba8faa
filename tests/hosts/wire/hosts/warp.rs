//! warp, as a tower service.

use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;

use bytes::Bytes;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge_tests::Protocol;
use warp::Filter;
use warp::reply::stream;

use crate::handlers::{self, LARGE, MAX_BODY, PARTS};
use crate::hosts::hyper_util::HEAD_ON_HTTP_2;
use crate::hosts::rest;
use crate::stack::stack;

async fn start() -> SocketAddr {
    let hello = warp::path!("hello").and(warp::get()).map(|| "hello");
    let hello_head = warp::path!("hello").and(warp::head()).map(|| "hello");
    let echo = warp::path!("echo")
        .and(warp::post())
        .and(warp::body::content_length_limit(MAX_BODY as u64))
        .and(warp::body::bytes())
        .map(|body: Bytes| warp::http::Response::new(body));
    let large = warp::path!("large").map(|| LARGE);
    let panic = warp::path!("panic").map(|| {
        handlers::panic();
        ""
    });
    let slow = warp::path!("slow").then(pending::<&'static str>);
    let parts = warp::path!("stream").map(|| {
        let parts = PARTS.map(|part| Ok::<_, Infallible>(Bytes::from(part)));
        stream(tokio_stream::iter(parts))
    });
    let routes = hello
        .or(hello_head)
        .or(echo)
        .or(large)
        .or(panic)
        .or(slow)
        .or(parts);
    let service = stack!(EnvelopeLayer::new(ProblemDetails)).service(warp::service(routes));
    tower_edge_tests::serve(service).await
}

#[tokio::test]
async fn the_layers_hold_around_a_filter_of_warp() {
    let mut host = rest::host(|| Box::pin(start()), "");
    // A filter sends none, and switches to WebSocket alone, by a feature.
    host.trailers = None;
    host.upgrade = None;
    host.except("head", Some(Protocol::Http2), "cut", HEAD_ON_HTTP_2)
        .verify()
        .await;
}
