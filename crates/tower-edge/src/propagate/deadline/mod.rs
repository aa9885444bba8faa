//! Tells an upstream how long its answer will be waited for, and does not ask it for what is too late.
//!
//! The layer goes around a client. The earlier counts of a [`Deadline`](tower_edge_core::Deadline) in
//! the extensions of the request and the [current](tower_edge_core::Deadline::current) one, which
//! [`UpstreamTimeoutLayer::with_deadlines`](../../upstream_timeout/struct.UpstreamTimeoutLayer.html#method.with_deadlines)
//! sets further out: what remains of it, less a margin, is sent. Where nothing remains, the upstream is
//! not called, and the answer is a 504 with a [`Problem`](tower_edge_core::Problem); where the field is
//! `grpc-timeout`, one of gRPC with the status `DEADLINE_EXCEEDED`. A request without a deadline is
//! passed on as it is. Feature `metrics` counts what was too late in `timeouts_total`, with the phase
//! `deadline`.
//!
//! ```
//! use std::time::Duration;
//!
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::core::Deadline;
//! use tower_edge::core::deadline::DeadlineField;
//! use tower_edge::propagate::deadline::PropagateDeadlineLayer;
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let layer = PropagateDeadlineLayer::new(DeadlineField::REQUEST_TIMEOUT_MS)
//!     .with_margin(Duration::from_millis(50));
//! let client = ServiceBuilder::new().layer(layer).service(service_fn(async |request: Request<()>| {
//!     let told = request.headers()["x-request-timeout-ms"].to_str().unwrap_or_default().to_owned();
//!     Ok::<_, std::convert::Infallible>(Response::new(told))
//! }));
//!
//! let now = tokio::time::Instant::now().into_std();
//! let mut request = Request::new(());
//! if let Some(deadline) = Deadline::after(now, Duration::from_secs(1)) {
//!     request.extensions_mut().insert(deadline);
//! }
//!
//! assert_eq!(client.oneshot(request).await?.into_body(), "950");
//! # Ok(())
//! # }
//! ```

mod future;
mod layer;
mod service;

pub use self::future::ResponseFuture;
pub use self::layer::PropagateDeadlineLayer;
pub use self::service::PropagateDeadline;
