use http::HeaderName;
use tower_layer::Layer;

use super::SetCorrelationId;

/// Gives every request a correlation id; see the [module docs](super) for an example.
#[derive(Clone, Debug)]
pub struct CorrelationIdLayer {
    alias: Option<HeaderName>,
    header: HeaderName,
}

impl CorrelationIdLayer {
    /// A layer that reads `X-Correlation-ID`, then `X-Request-ID`, and writes `X-Correlation-ID`.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            alias: Some(HeaderName::from_static("x-request-id")),
            header: HeaderName::from_static("x-correlation-id"),
        }
    }

    /// Sets the field that is read where the first holds no valid id; `None` reads no other.
    #[must_use]
    pub fn with_alias(mut self, alias: Option<HeaderName>) -> Self {
        self.alias = alias;
        self
    }

    /// Sets the field that is read first, and that responses carry.
    #[must_use]
    pub fn with_header(mut self, header: HeaderName) -> Self {
        self.header = header;
        self
    }
}

impl Default for CorrelationIdLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for CorrelationIdLayer {
    type Service = SetCorrelationId<S>;

    fn layer(&self, inner: S) -> SetCorrelationId<S> {
        SetCorrelationId::new(inner, self.header.clone(), self.alias.clone())
    }
}
