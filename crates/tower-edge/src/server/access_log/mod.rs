//! Logs one line for each request, whatever its outcome.
//!
//! The line is a `tracing` event at level INFO with the target `tower_edge::access` and the message `request`. As in
//! nginx and Apache, it is logged when the body of the response has ended or was dropped, and so has the bytes that
//! were sent. Put [`AccessLogLayer`] inside of the correlation id and outside of the envelope: the line has the data
//! of both.
//!
//! The layer calls the inner service for each request, and changes neither the request nor the response. The line has
//! these fields:
//!
//! | field | value |
//! |---|---|
//! | `correlation.id` | that of the request, if it has one |
//! | `http.request.method` | its first 32 letters |
//! | `url.path` | its first 200 bytes, without the query, which may hold secrets |
//! | `http.response.status_code` | that of the response, if there was one |
//! | `problem.key` | the key of the response's [`Problem`](tower_edge_core::Problem), if it has one |
//! | `error.type` | without a response: `aborted` if the client left, `error` if the service failed, `panic`; after a response `aborted` if its body failed, or was dropped before its end |
//! | `duration_us` | microseconds until the head of the response |
//! | `total_us` | microseconds until the end of its body |
//! | `http.response.body.size` | bytes of the body that the server has taken to send |
//!
//! The names with a dot are OpenTelemetry's, but for `correlation.id` and `problem.key`. As its [conventions] want it, a
//! request without a response has no status: where nginx logs 499, look for `error.type="aborted"`.
//!
//! The event belongs to no span, so that no field is logged twice. `RUST_LOG=info,tower_edge::access=off` turns the
//! lines off; a request then costs one check of the level.
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::{BodyExt, Full};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::server::AccessLogLayer;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = ServiceBuilder::new()
//!     .layer(AccessLogLayer::new())
//!     .service(service_fn(async |_: Request<()>| {
//!         Ok::<_, std::convert::Infallible>(Response::new(Full::<Bytes>::from("hello")))
//!     }));
//!
//! let response = service.oneshot(Request::get("/a?b=c").body(())?).await?;
//! let body = response.into_body().collect().await?.to_bytes();
//!
//! assert_eq!(body, "hello");
//! // INFO tower_edge::access: request http.request.method=GET url.path="/a" http.response.status_code=200
//! //      duration_us=9 total_us=12 http.response.body.size=5
//! # Ok(())
//! # }
//! ```
//!
//! [conventions]: https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server-span

mod entry;
mod layer;

pub use self::layer::{AccessLog, AccessLogBody, AccessLogLayer, ResponseFuture};

#[cfg(test)]
mod tests;
