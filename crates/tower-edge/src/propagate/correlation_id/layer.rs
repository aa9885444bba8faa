use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use http::HeaderName;
use tower_edge_core::Head;
use tower_layer::Layer;

use super::PropagateCorrelationId;

/// Sends the current correlation id and trace upstream; see the [module docs](super) for an example.
#[derive(Clone)]
pub struct PropagateCorrelationIdLayer {
    /// Other fields that ids go by.
    pub(super) aliases: Cow<'static, [HeaderName]>,
    pub(super) destinations: Option<Arc<Destinations>>,
    pub(super) header: HeaderName,
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

static ALIASES: [HeaderName; 1] = [HeaderName::from_static("x-request-id")];
