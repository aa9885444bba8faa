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
//! | `correlation_id` | that of the request, if it has one |
//! | `method` | its first 32 letters |
//! | `path` | its first 200 bytes, without the query, which may hold secrets |
//! | `status` | that of the response; 499, as in nginx, if the client left before there was one; 500 if the service failed or panicked |
//! | `problem_key` | the key of the response's [`Problem`](tower_edge_core::Problem), if it has one |
//! | `duration_us` | microseconds until the head of the response |
//! | `total_us` | microseconds until the end of its body |
//! | `bytes` | bytes of the body that the server has taken to send |
//! | `aborted` | true if the body failed, or was dropped before its end |
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
//! // INFO tower_edge::access: request method=GET path="/a" status=200 duration_us=9 total_us=12 bytes=5
//! # Ok(())
//! # }
//! ```

mod entry;
mod layer;

pub use self::layer::{AccessLog, AccessLogBody, AccessLogLayer, ResponseFuture};

#[cfg(test)]
mod tests;
