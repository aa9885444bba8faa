//! The API of the hosts of HTTP, under any of them.

use std::convert::Infallible;
use std::future::pending;

use bytes::Bytes;
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, TRAILER, UPGRADE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper_util::rt::TokioIo;
use tokio::io;
use tower_edge::BoxError;

pub(crate) type ApiBody = BoxBody<Bytes, Infallible>;

/// All of it, without a framework.
pub(crate) async fn serve<B>(mut request: Request<B>) -> Result<Response<ApiBody>, BoxError>
where
    B: Body<Data: Send, Error: Into<BoxError>> + Send,
{
    let path = request.uri().path().to_owned();
    let is_get = [Method::GET, Method::HEAD].contains(request.method());
    Ok(match &*path {
        "/echo" if !is_get => return echo(request.into_body()).await,
        "/hello" if is_get => hello(),
        "/large" => large(),
        "/panic" => {
            panic();
            bare(StatusCode::OK)
        }
        "/slow" => pending().await,
        "/stream" => stream(),
        "/switch" => switch(&mut request),
        "/trailers" => trailers(),
        "/hello" => {
            let mut response = bare(StatusCode::METHOD_NOT_ALLOWED);
            let allowed = HeaderValue::from_static("GET, HEAD");
            response.headers_mut().insert(ALLOW, allowed);
            response
        }
        _ => bare(StatusCode::NOT_FOUND),
    })
}

pub(crate) fn hello() -> Response<ApiBody> {
    text(Full::from("hello").boxed())
}

pub(crate) fn large() -> Response<ApiBody> {
    text(Full::from(LARGE).boxed())
}

#[expect(clippy::panic, reason = "the layers have to make a response of it")]
pub(crate) fn panic() {
    panic!("secret");
}

pub(crate) fn stream() -> Response<ApiBody> {
    let frames = PARTS.map(|part| Ok(Frame::data(Bytes::from(part))));
    text(StreamBody::new(tokio_stream::iter(frames)).boxed())
}

pub(crate) fn trailers() -> Response<ApiBody> {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-checksum", 7.into());
    let frames = [Frame::data(Bytes::from("hello")), Frame::trailers(trailers)];
    let frames = tokio_stream::iter(frames.map(Ok));
    let mut response = text(StreamBody::new(frames).boxed());
    // Without it hyper sends none on HTTP/1.1.
    let names = HeaderValue::from_static("x-checksum");
    response.headers_mut().insert(TRAILER, names);
    response
}

/// Sends back what comes on the connection from then on.
pub(crate) fn switch<B>(request: &mut Request<B>) -> Response<ApiBody> {
    let upgrade = hyper::upgrade::on(request);
    tokio::spawn(async move {
        let stream = TokioIo::new(upgrade.await.unwrap());
        let (mut read, mut write) = io::split(stream);
        // The test may be over.
        let _ = io::copy(&mut read, &mut write).await;
    });
    let mut response = bare(StatusCode::SWITCHING_PROTOCOLS);
    for (name, value) in [(CONNECTION, "upgrade"), (UPGRADE, "echo")] {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

async fn echo<B>(body: B) -> Result<Response<ApiBody>, BoxError>
where
    B: Body<Data: Send, Error: Into<BoxError>> + Send,
{
    let body = Limited::new(body, MAX_BODY).collect().await?;
    Ok(text(Full::from(body.to_bytes()).boxed()))
}

fn text(body: ApiBody) -> Response<ApiBody> {
    let mut response = Response::new(body);
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, text);
    response
}

fn bare(status: StatusCode) -> Response<ApiBody> {
    let mut response = Response::<ApiBody>::default();
    *response.status_mut() = status;
    response
}

pub(crate) const LARGE: &str = include_str!("handlers.rs");
/// How many bytes `/echo` reads.
pub(crate) const MAX_BODY: usize = 1024;
pub(crate) const PARTS: [&str; 2] = ["first ", "second"];
