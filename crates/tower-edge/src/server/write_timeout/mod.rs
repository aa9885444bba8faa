//! Ends the body of a response that the client does not take.
//!
//! ```
//! use std::time::Duration;
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::{BodyExt, Full};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::server::write_timeout::WriteTimeoutLayer;
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let service = ServiceBuilder::new()
//!     .layer(WriteTimeoutLayer::new(Duration::from_secs(10)))
//!     .service(service_fn(async |_: Request<()>| {
//!         let body = Full::new(Bytes::from(vec![b'x'; 1_000_000]));
//!         Ok::<_, std::convert::Infallible>(Response::new(body))
//!     }));
//! let mut body = service.oneshot(Request::new(())).await?.into_body();
//! body.frame().await.ok_or("no frame")??;
//!
//! tokio::time::sleep(Duration::from_secs(60)).await;
//!
//! let error = body.frame().await.ok_or("no end")?.unwrap_err();
//! assert_eq!(error.to_string(), "the client took none of the response for 10s");
//! # Ok(())
//! # }
//! ```
//!
//! # What it does to a request and a response
//!
//! | | a client that takes the response | a client that does not |
//! |---|---|---|
//! | inner service | is called | is called |
//! | head of the response | passes through | passes through |
//! | body | passes through, 16 KiB at a time | is dropped, and fails with a [`WriteTimeoutError`] |
//!
//! A server polls a body for its next frame when the client has room for it. [`WriteTimeoutLayer`] drops a body that
//! is not polled for the given time, with all that it holds: a buffer, a file, the connection to an upstream. If the
//! server polls it again, the body fails, and the server ends the stream or the connection.
//!
//! Use it under servers that you cannot change, such as `axum::serve`. [`Server`](super::Server) does not need it,
//! since it ends the stream at once.

mod body;
mod layer;

pub use self::body::{WriteTimeoutBody, WriteTimeoutError};
pub use self::layer::{ResponseFuture, WriteTimeout, WriteTimeoutLayer};
