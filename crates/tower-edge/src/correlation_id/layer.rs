use http::HeaderName;
use tower_layer::Layer;

use super::SetCorrelationId;
use super::names::SharedNames;

/// Gives every request a correlation id; see the [module docs](super) for an example.
#[derive(Clone, Debug)]
pub struct CorrelationIdLayer {
    names: SharedNames,
}

impl CorrelationIdLayer {
    /// A layer that reads `X-Correlation-ID`, then `X-Request-ID`, and writes `X-Correlation-ID`.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            names: SharedNames::DEFAULT,
        }
    }

    /// Sets the field that is read where the first holds no valid id; `None` reads no other.
    #[must_use]
    pub fn with_alias(self, alias: Option<HeaderName>) -> Self {
        Self {
            names: self.names.with(|names| names.alias = alias),
        }
    }

    /// Sets the field that is read first, and that responses carry.
    #[must_use]
    pub fn with_header(self, header: HeaderName) -> Self {
        Self {
            names: self.names.with(|names| names.header = header),
        }
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
        SetCorrelationId::new(inner, self.names.clone())
    }
}
