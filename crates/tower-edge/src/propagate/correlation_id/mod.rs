//! Sends the correlation id of the current request upstream, and the trace that it belongs to.
//!
//! The id is the one in the extensions of the request that is sent, else that of the scope that the
//! call is made in, which the layer for correlation ids sets when it is [told to]. It is written into
//! `X-Correlation-ID`, in the place of whatever is there, and `X-Request-ID` is
//! [removed](PropagateCorrelationIdLayer::with_aliases), so that nobody reads another id. Where there is
//! none, these fields are left as they are.
//!
//! `traceparent` and `tracestate` of the request that is sent are kept where they are valid; where
//! there is no valid `traceparent`, both are those of the scope, or removed
//! ([W3C Trace Context, section 4.3](https://www.w3.org/TR/trace-context/#a-traceparent-is-received)).
//!
//! The inner service is always called, and its response not touched. Requests for other destinations
//! than [chosen](PropagateCorrelationIdLayer::with_destinations) are passed on without any of these
//! fields: what a proxy forwards has the id and the trace in its own fields.
//!
//! [told to]: ../../correlation_id/struct.CorrelationIdLayer.html#method.with_scope
//!
//! ```
//! use http::{Request, Response};
//! use tower::{Service, ServiceBuilder, service_fn};
//! use tower_edge::core::{CorrelationId, RequestScope};
//! use tower_edge::propagate::correlation_id::PropagateCorrelationIdLayer;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut client = ServiceBuilder::new()
//!     .layer(PropagateCorrelationIdLayer::new().with_destinations(|request| {
//!         request.uri.host().is_some_and(|host| host.ends_with(".internal"))
//!     }))
//!     .service(service_fn(async |request: Request<()>| {
//!         let sent = request.headers().get("x-correlation-id").cloned();
//!         Ok::<_, std::convert::Infallible>(Response::new(sent))
//!     }));
//!
//! let mut scope = RequestScope::new(Some(CorrelationId::from_u128(7)), None);
//! let mut ask = |uri: &str| {
//!     let request = Request::get(uri).body(()).unwrap();
//!     scope.enter(|| client.call(request))
//! };
//! let inside = ask("http://library.internal/").await?.into_body();
//! let outside = ask("http://elsewhere.example/").await?.into_body();
//!
//! assert_eq!(inside.unwrap(), "00000000000000000000000000000007");
//! assert_eq!(outside, None);
//! # Ok(())
//! # }
//! ```

mod layer;
mod service;

pub use self::layer::PropagateCorrelationIdLayer;
pub use self::service::PropagateCorrelationId;
