//! All layers in one service: half the instructions of five services, and the same responses.
//!
//! ```
//! use std::convert::Infallible;
//! use std::time::Duration;
//!
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::Edge;
//! use tower_edge::correlation_id::CorrelationIdLayer;
//! use tower_edge::envelope::{EnvelopeLayer, format::ProblemDetails};
//! use tower_edge::upstream_timeout::UpstreamTimeoutLayer;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let edge = Edge::new()
//!     .layer(CorrelationIdLayer::new())
//!     .layer(EnvelopeLayer::new(ProblemDetails))
//!     .layer(UpstreamTimeoutLayer::new(Duration::from_secs(1)));
//!
//! let service = ServiceBuilder::new().layer(edge).service(service_fn(
//!     async |_: Request<String>| Ok::<_, Infallible>(Response::new(String::from("hello"))),
//! ));
//! let response = service.oneshot(Request::new(String::new())).await?;
//!
//! assert_eq!(response.status(), 200);
//! assert!(response.headers().contains_key("x-correlation-id"));
//! # Ok(())
//! # }
//! ```
//!
//! An [`Edge`] is itself a layer. The layer that is added first is outermost, as in a `ServiceBuilder`. Layers of your
//! own, such as CORS or authentication, stand between two `Edge`s, or between an `Edge` and single layers.
//!
//! Inside, each layer is a [`Gate`]. It decides on the head of a request: admit, reject with a
//! [`Problem`](crate::Problem), or wait for a store. It writes its fields on the head of the response. One service and
//! one future, [`EdgeService`] and [`ResponseFuture`], run the gates of an `Edge`, and also those of a layer that stands
//! alone. They read in this order:
//!
//! 1. `gate`: what a gate is.
//! 2. `chain`: two gates are one gate.
//! 3. `service`: the gates decide, then the inner service is called.
//! 4. `future`: the inner service responds, then the gates finish the response.
//! 5. `hold`: what waits for a store that decides later.

mod chain;
mod edge;
mod future;
mod gate;
mod hold;
mod service;

pub use self::chain::{Append, Chain, ChainState, ChainTimer, Either};
pub use self::edge::{Edge, EdgeLayer};
pub use self::future::ResponseFuture;
pub use self::gate::{Decision, Finish, Gate, InnerResponse, RequestHead, WriteHead};
pub use self::hold::Hold;
pub use self::service::EdgeService;

pub(crate) use self::edge::{Driver, Sealed};
