use std::time::Duration;

use tower_layer::Layer;

use super::DrainRequestBody;
use super::discard::Bounds;

/// Discards what nobody has read of a request's body; see the [module docs](super) for an example.
#[derive(Clone, Copy, Debug)]
pub struct DrainRequestBodyLayer {
    bounds: Bounds,
}

impl DrainRequestBodyLayer {
    /// A response waits for 256 KiB and half a second at most.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            bounds: Bounds::BEFORE_RESPONSE,
        }
    }

    /// Sets the number of bytes that a response waits for; 256 KiB by default.
    ///
    /// Reading that much should cost less than a new connection. A zero waits for no body at all.
    #[must_use]
    pub const fn with_max_bytes(mut self, max_bytes: u64) -> Self {
        self.bounds.bytes = max_bytes;
        self
    }

    /// Sets the time that a response waits for the rest of the body; half a second by default.
    ///
    /// Keep it short: a client may send the rest only when it has the response, and waits as long.
    #[must_use]
    pub const fn with_max_time(mut self, max_time: Duration) -> Self {
        self.bounds.time = max_time;
        self
    }
}

impl<S> Layer<S> for DrainRequestBodyLayer {
    type Service = DrainRequestBody<S>;

    fn layer(&self, inner: S) -> DrainRequestBody<S> {
        DrainRequestBody::new(inner, self.bounds)
    }
}

impl Default for DrainRequestBodyLayer {
    fn default() -> Self {
        Self::new()
    }
}
