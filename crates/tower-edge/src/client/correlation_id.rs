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
//! use tower_edge::client::correlation_id::{
//!     CorrelationId, PropagateCorrelationIdLayer, RequestScope,
//! };
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

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderMap, HeaderName, Request};
pub use tower_edge_core::{CorrelationId, RequestScope, TraceContext};
use tower_edge_core::{Head, TraceParent};
use tower_layer::Layer;
use tower_service::Service;

/// Sends the current correlation id and trace upstream; see the [module docs](self) for an example.
#[derive(Clone)]
pub struct PropagateCorrelationIdLayer {
    /// Other fields that ids go by.
    aliases: Cow<'static, [HeaderName]>,
    destinations: Option<Arc<Destinations>>,
    header: HeaderName,
}

type Destinations = dyn Fn(Head<'_>) -> bool + Send + Sync;

impl PropagateCorrelationIdLayer {
    /// A layer that tells every destination, in `X-Correlation-ID`.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            aliases: Cow::Borrowed(&ALIASES),
            destinations: None,
            header: HeaderName::from_static("x-correlation-id"),
        }
    }

    /// Sets the other fields that ids go by, which are removed where an id is written and where none is to
    /// be sent; the default is `X-Request-ID`.
    #[must_use]
    pub fn with_aliases(self, aliases: impl IntoIterator<Item = HeaderName>) -> Self {
        Self {
            aliases: aliases.into_iter().collect(),
            ..self
        }
    }

    /// Tells only those of which this is true. Ids that reach third parties say something of what
    /// goes on inside
    /// ([W3C Trace Context, section 6.1](https://www.w3.org/TR/trace-context/#privacy-of-traceparent-field)),
    /// so that requests to others lose what they have of them: as a request does that a proxy forwards.
    #[must_use]
    pub fn with_destinations(
        self,
        tells: impl Fn(Head<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self {
            destinations: Some(Arc::new(tells)),
            ..self
        }
    }

    /// Sets the field that the id is written into.
    #[must_use]
    pub fn with_header(self, header: HeaderName) -> Self {
        Self { header, ..self }
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
        PropagateCorrelationId::new(inner, self.clone())
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

/// Sends the current correlation id and trace upstream; see the [module docs](self) for an example.
#[derive(Clone, Debug)]
pub struct PropagateCorrelationId<S> {
    inner: S,
    settings: PropagateCorrelationIdLayer,
}

impl<S> PropagateCorrelationId<S> {
    const fn new(inner: S, settings: PropagateCorrelationIdLayer) -> Self {
        Self { inner, settings }
    }

    fn tells<B>(&self, request: &Request<B>) -> bool {
        let destinations = self.settings.destinations.as_ref();
        destinations.is_none_or(|tells| tells(Head::from(request)))
    }
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
        if self.tells(&request) {
            let scope = RequestScope::current();
            let own = request.extensions().get::<CorrelationId>();
            let id = own.or(scope.correlation_id()).cloned();
            let headers = request.headers_mut();
            if let Some(id) = id {
                remove_all(headers, &self.settings.aliases);
                headers.insert(&self.settings.header, id.header_value().clone());
            }
            match scope.trace_context() {
                Some(context) if TraceParent::from_headers(headers).is_none() => {
                    context.write_to(headers);
                }
                _ => TraceContext::remove_invalid(headers),
            }
        } else {
            let headers = request.headers_mut();
            remove_all(headers, &self.settings.aliases);
            headers.remove(&self.settings.header);
            TraceContext::remove(headers);
        }
        self.inner.call(request)
    }
}

fn remove_all(headers: &mut HeaderMap, names: &[HeaderName]) {
    for name in names {
        headers.remove(name);
    }
}

static ALIASES: [HeaderName; 1] = [HeaderName::from_static("x-request-id")];

#[cfg(test)]
mod tests;
