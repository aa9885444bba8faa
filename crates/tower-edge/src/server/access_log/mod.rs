//! Logs one line for each request, whatever becomes of it.
//!
//! The line is an event of `tracing` at level INFO with the target `tower_edge::access` and the message
//! `request`. It is written when the body of the response has ended or was dropped, as in nginx and
//! Apache, so that it says what was sent. [`AccessLogLayer`] stands inside of the correlation id and
//! outside of the envelope, so as to know both.
//!
//! | field | is |
//! |---|---|
//! | `correlation_id` | that of the request, where there is one |
//! | `method` | the first 32 letters of it |
//! | `path` | the first 200 bytes of it, without the query, which may hold secrets |
//! | `status` | that of the response; 499, as in nginx, where the client has left before there was one; 500 where the service has failed or panicked |
//! | `problem_key` | what to look the [`Problem`](tower_edge_core::Problem) up by, where the response carries one |
//! | `duration_us` | microseconds until the head of the response |
//! | `total_us` | microseconds until the end of its body |
//! | `bytes` | bytes of the body that the server has taken to send |
//! | `aborted` | true where the body was dropped before its end, or has failed |
//!
//! The event belongs to no span, so that it says nothing twice. `RUST_LOG=info,tower_edge::access=off`
//! turns the lines off; a request of which none is written costs a look at the level.
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
