//! Gives every request an id that its answer, its logs and its calls upstream share.
//!
//! The id is the first valid one of `X-Correlation-ID` and `X-Request-ID`; a field that occurs twice
//! or holds anything but 1 to 128 harmless characters is passed over. Where there is none, an id of
//! 32 hexadecimal digits is made, without a system call ([`Ids`] has others). An id that a layer
//! further out has given to the request is kept.
//!
//! The inner service is always called, unless ids that are not valid are to be
//! [refused](CorrelationIdLayer::with_refusal) with a 400, which an envelope further in can be
//! [left to answer](CorrelationIdLayer::with_refusal_inside). It finds the [`CorrelationId`] in the
//! request's extensions, and every response carries it in exactly one `X-Correlation-ID`, whatever
//! the inner service said there.
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
//!
//! # Where the id is found
//!
//! Handlers of axum take a [`CorrelationId`] as an argument (feature `axum`). Code that has no request
//! asks [`CorrelationId::current`], once the layer is [told to](CorrelationIdLayer::with_scope) set
//! it. An inner service's error carries no id, as it has no fields. Have an
//! [`EnvelopeLayer`](../envelope/struct.EnvelopeLayer.html) inside, which leaves no errors.
//!
//! Browsers show the field to a page of another origin only if CORS exposes it
//! (`Access-Control-Expose-Headers`). An id is no secret and no proof of anything.
//!
//! # Telemetry
//!
//! Feature `tracing` opens a span `request` at `INFO` for each request, under the target `tower_edge::correlation_id`:
//!
//! | field | is |
//! |---|---|
//! | `correlation_id` | the id |
//! | `client_id` | an id of the client that was not [trusted](Trust) |
//! | `method` | the first 32 bytes of it |
//! | `route` | the matched path of axum, with feature `axum` and inside of a `Router` |
//! | `status`, `problem_key` | those of the response |
//! | `outcome` | without a response: `error` where the inner service has failed, `dropped` where nobody waits any more |
//! | `duration_us` | microseconds until the head of the response, or until the outcome |

mod gate;
mod ids;
mod layer;
mod scope;
mod settings;

pub use tower_edge_core::{
    ClientCorrelationId, CorrelationId, GenerateId, InvalidCorrelationId, PeerAddress,
    PendingRefusal, RequestScope, RouteTemplate, TraceContext, TraceParent,
};

pub use self::gate::SetCorrelationId;
pub use self::ids::{IdFormat, Ids, InvalidPrefix};
pub use self::layer::CorrelationIdLayer;
pub use self::scope::{InScope, Scope, ScopedBody, in_current_scope};
pub use self::settings::Trust;
