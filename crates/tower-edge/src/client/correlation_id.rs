//! Sends the correlation id of the current request upstream, and the trace that it belongs to.
//!
//! ```
//! use http::{Request, Response};
//! use tower::{Service, ServiceBuilder, service_fn};
//! use tower_edge::client::correlation_id::{
//!     CorrelationId, PropagateCorrelationIdLayer, RequestContext,
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut client = ServiceBuilder::new()
//!     .layer(PropagateCorrelationIdLayer::new().with_targets(|request| {
//!         request.uri.host().is_some_and(|host| host.ends_with(".internal"))
//!     }))
//!     .service(service_fn(async |request: Request<()>| {
//!         let sent = request.headers().get("x-correlation-id").cloned();
//!         Ok::<_, std::convert::Infallible>(Response::new(sent))
//!     }));
//!
//! // `CorrelationIdLayer` enters the context of each request that it serves.
//! let mut context = RequestContext::new(Some(CorrelationId::from_u128(7)), None);
//! let mut send = |uri: &str| {
//!     let request = Request::get(uri).body(()).unwrap();
//!     context.enter(|| client.call(request))
//! };
//! let inside = send("http://library.internal/").await?.into_body();
//! let outside = send("http://elsewhere.example/").await?.into_body();
//!
//! assert_eq!(inside.unwrap(), "00000000000000000000000000000007");
//! assert_eq!(outside, None);
//! # Ok(())
//! # }
//! ```
//!
//! # What it does to a request and a response
//!
//! | | a request to a [target](PropagateCorrelationIdLayer::with_targets) | another request |
//! |---|---|---|
//! | inner service | is called | is called |
//! | request fields written | `X-Correlation-ID`, `traceparent`, `tracestate` | none |
//! | request fields removed | `X-Request-ID`, and an invalid `traceparent` | all of these |
//! | response | passes through | passes through |
//!
//! The id is the one in the extensions of the request, else that of the current [`RequestContext`]. The layer writes it
//! into `X-Correlation-ID` or [another field](PropagateCorrelationIdLayer::with_header), and replaces a value that is
//! there. It [removes](PropagateCorrelationIdLayer::with_aliases) `X-Correlation-ID` and `X-Request-ID` otherwise, so
//! that the upstream reads no other id.
//!
//! Without an id, the layer leaves these fields as they are. If the field to write is missing too, a
//! [`CorrelationIdLayer`](../../correlation_id/struct.CorrelationIdLayer.html) is missing, or a spawned task does not
//! take the context along: feature `tracing` logs that once at level WARN.
//!
//! A valid `traceparent` of the request stays, with a valid `tracestate`. Otherwise both are those of the context, or
//! removed ([W3C Trace Context, section 4.3](https://www.w3.org/TR/trace-context/#a-traceparent-is-received)).
//!
//! The inner service is always called, and its response passes through. Requests to other destinations than the
//! [targets](PropagateCorrelationIdLayer::with_targets) lose all these fields, since a request that a proxy forwards
//! may have the id and the trace in its own fields.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderMap, HeaderName, Request};
pub use tower_edge_core::{CorrelationId, RequestContext, TraceContext};
use tower_edge_core::{Head, TraceParent};
use tower_layer::Layer;
use tower_service::Service;

use crate::telemetry::correlation_id::log_no_context;

/// Sends the current correlation id and trace upstream. See the [module docs](self) for an example.
#[doc(alias("PropagateRequestIdLayer", "request id", "trace id", "x-request-id"))]
#[derive(Clone)]
pub struct PropagateCorrelationIdLayer {
    /// Other fields that may have an id.
    aliases: Cow<'static, [HeaderName]>,
    targets: Option<Arc<Targets>>,
    header: HeaderName,
}

type Targets = dyn Fn(Head<'_>) -> bool + Send + Sync;

impl PropagateCorrelationIdLayer {
    /// A layer that sends the id to every destination, in `X-Correlation-ID`.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            aliases: Cow::Borrowed(&ALIASES),
            targets: None,
            header: X_CORRELATION_ID,
        }
    }

    /// Sets other fields that may have an id. They are removed when an id is written, and when none may be sent. The
    /// default is `X-Correlation-ID` and `X-Request-ID`. The field that is [written](Self::with_header) stays.
    #[must_use]
    pub fn with_aliases(self, aliases: impl IntoIterator<Item = HeaderName>) -> Self {
        Self {
            aliases: aliases.into_iter().collect(),
            ..self
        }
    }

    /// Sends the id and the trace only to the destinations for which the closure returns `true`. The default is all.
    ///
    /// An id that reaches a third party reveals internals ([W3C Trace Context, section
    /// 6.1](https://www.w3.org/TR/trace-context/#privacy-of-traceparent-field)). So requests for other destinations
    /// also lose the fields that they already have, as in a request that a proxy forwards.
    #[must_use]
    pub fn with_targets(
        self,
        is_target: impl Fn(Head<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self {
            targets: Some(Arc::new(is_target)),
            ..self
        }
    }

    /// Sets the field into which the id is written.
    #[must_use]
    pub fn with_header(self, header: HeaderName) -> Self {
        Self { header, ..self }
    }

    fn remove_aliases(&self, headers: &mut HeaderMap) {
        for alias in self.aliases.iter().filter(|alias| **alias != self.header) {
            headers.remove(alias);
        }
    }
}

impl Default for PropagateCorrelationIdLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for PropagateCorrelationIdLayer {
    type Service = PropagateCorrelationId<S>;

    fn layer(&self, inner: S) -> PropagateCorrelationId<S> {
        PropagateCorrelationId {
            inner,
            settings: self.clone(),
        }
    }
}

impl fmt::Debug for PropagateCorrelationIdLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PropagateCorrelationIdLayer")
            .field("aliases", &self.aliases)
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// Sends the current correlation id and trace upstream. See the [module docs](self) for an example.
#[derive(Clone, Debug)]
pub struct PropagateCorrelationId<S> {
    inner: S,
    settings: PropagateCorrelationIdLayer,
}

impl<S, B> Service<Request<B>> for PropagateCorrelationId<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        let targets = self.settings.targets.as_ref();
        if targets.is_none_or(|is_target| is_target(Head::from(&request))) {
            let context = RequestContext::current();
            let own = request.extensions().get::<CorrelationId>();
            let id = own.or(context.correlation_id()).cloned();
            let headers = request.headers_mut();
            if let Some(id) = id {
                self.settings.remove_aliases(headers);
                headers.insert(&self.settings.header, id.header_value().clone());
            } else if !headers.contains_key(&self.settings.header) {
                log_no_context();
            }
            match context.trace_context() {
                Some(trace) if TraceParent::from_headers(headers).is_none() => {
                    trace.write_to(headers);
                }
                _ => TraceContext::remove_invalid(headers),
            }
        } else {
            let headers = request.headers_mut();
            self.settings.remove_aliases(headers);
            headers.remove(&self.settings.header);
            TraceContext::remove(headers);
        }
        self.inner.call(request)
    }
}

static ALIASES: [HeaderName; 2] = [X_CORRELATION_ID, HeaderName::from_static("x-request-id")];

const X_CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

#[cfg(test)]
mod tests;
