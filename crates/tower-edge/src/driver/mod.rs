//! Several layers as one service, with the same responses at a lower cost.
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
//! use tower_edge::timeout::UpstreamTimeoutLayer;
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
//! The layer that is added first is outermost, as in a `ServiceBuilder`. An `Edge` takes the layers that are a
//! [`Gate`]: `CorrelationIdLayer`, `EnvelopeLayer`, `VersionGateLayer`, `SupportedVersionsLayer`, `RateLimitLayer`,
//! `UpstreamTimeoutLayer`, `RequestMetricsLayer`, and another `Edge`. It is itself a layer. Layers of your own, such as
//! CORS or authentication, stand between two `Edge`s, or between an `Edge` and single layers. So do the other layers of
//! this crate: `JsonRpcIdLayer` outside of the envelope, `FirstFrameErrorLayer` and `QueueTimeoutLayer` inside of the
//! `Edge`.
//!
//! The type of an `Edge` names its layers. An `impl EdgeLayer` hides what they need, and cannot stand around a service.
//! So a function takes and returns the `Router` or the service that they are around, or names the type, such as
//! `Edge<Chain<SetCorrelationId, Chain<UpstreamTimeout, ()>>>`:
//!
//! ```
//! # use std::time::Duration;
//! use axum::Router;
//! # use tower_edge::Edge;
//! # use tower_edge::envelope::{EnvelopeLayer, format::ProblemDetails};
//! # use tower_edge::timeout::UpstreamTimeoutLayer;
//!
//! fn with_edge(router: Router) -> Router {
//!     let edge = Edge::new().layer(EnvelopeLayer::new(ProblemDetails));
//!     router.layer(edge.layer(UpstreamTimeoutLayer::new(Duration::from_secs(1))))
//! }
//! # let _ = with_edge(Router::new());
//! ```
//!
//! # When the service does not compile
//!
//! The compiler may only write that "the method `oneshot` exists for struct `EdgeService`, but its trait bounds were not
//! satisfied". To have it name the bound, pass the service to a function:
//!
//! ```
//! # use http::{Request, Response};
//! # use tower::service_fn;
//! # use tower_edge::Edge;
//! fn check<B, S: tower::Service<Request<B>>>(service: S) -> S {
//!     service
//! }
//!
//! # let inner = service_fn(async |_: Request<String>| Ok::<_, std::io::Error>(Response::new(String::new())));
//! let service = check::<String, _>(Edge::new().service(inner));
//! # let _ = service;
//! ```
//!
//! | inside of | the inner service needs | else write |
//! |---|---|---|
//! | each layer but the envelope | a body with a [`Default`], which hyper's `Incoming` has not | `.map_response(\|response: Response<_>\| response.map(ResponseBody::inner))` |
//! | the envelope | an `http_body::Body<Data = Bytes>` | `.map_response(\|response: Response<_>\| response.map(Full::<Bytes>::from))` |
//! | the envelope | an error that is `Into<BoxError>` | `.map_err(…)` |
//! | a rate limit | `Clone` | tower's `BufferLayer` |
//!
//! # How it works
//!
//! Inside, each layer is a gate. It decides on the head of a request: admit, reject with a
//! [`Problem`](crate::Problem), or wait for a store. It writes its fields on the head of the response. One service and
//! one future, [`EdgeService`] and [`ResponseFuture`], run the gates of an `Edge`, and also that of a layer that stands
//! alone. Read the files in this order:
//!
//! 1. `edge`: layers become gates, and what is prepared for all requests.
//! 2. `gate`: what a gate is, and when it is called.
//! 3. `chain`: two gates are one gate.
//! 4. `service`: the gates decide, then the inner service is called, at once or after a store's decision.
//! 5. `hold`: the readied inner service waits for that decision, or is released when the request is rejected.
//! 6. `future`: the inner service responds, then the gates finish the response.

mod chain;
mod edge;
mod future;
mod gate;
mod hold;
mod service;

pub use self::chain::Chain;
#[doc(hidden)]
pub use self::chain::{Append, ChainState, ChainTimer, Either};
pub(crate) use self::edge::{Driver, Sealed};
pub use self::edge::{Edge, EdgeLayer};
pub use self::future::ResponseFuture;
pub use self::gate::{Decision, Finish, Gate, InnerResponse, RequestHead, WriteHead};
pub use self::hold::{Hold, Later};
pub use self::service::EdgeService;
