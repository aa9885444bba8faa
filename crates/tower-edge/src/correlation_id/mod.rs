//! Gives every request an id that its answer, its logs and its calls upstream share.
//!
//! The id is the first valid one of `X-Correlation-ID` and `X-Request-ID`; a field that occurs twice
//! or holds anything but 1 to 128 harmless characters is passed over. Where there is none, an id of
//! 32 hexadecimal digits is made, without a system call. An id that a layer further out has given to
//! the request is kept.
//!
//! The inner service is always called. It finds the [`CorrelationId`] in the request's extensions,
//! and every response carries it in exactly one `X-Correlation-ID`, whatever the inner service said
//! there.
//!
//! ```
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::correlation_id::{CorrelationId, CorrelationIdLayer};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = ServiceBuilder::new().layer(CorrelationIdLayer::new()).service(service_fn(
//!     async |request: Request<()>| {
//!         let id = request.extensions().get::<CorrelationId>().map(ToString::to_string);
//!         Ok::<_, std::convert::Infallible>(Response::new(id))
//!     },
//! ));
//!
//! let request = Request::get("/").header("x-correlation-id", "req_abc123xyz").body(())?;
//! let response = service.oneshot(request).await?;
//!
//! assert_eq!(response.headers()["x-correlation-id"], "req_abc123xyz");
//! assert_eq!(response.body().as_deref(), Some("req_abc123xyz"));
//! # Ok(())
//! # }
//! ```

mod future;
mod layer;
mod names;
mod service;

pub use tower_edge_core::CorrelationId;

pub use self::future::ResponseFuture;
pub use self::layer::CorrelationIdLayer;
pub use self::service::SetCorrelationId;
