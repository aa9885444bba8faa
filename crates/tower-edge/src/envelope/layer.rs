use std::error::Error;
use std::time::Duration;

use tower_edge_core::Exposure;
use tower_edge_core::Format;
use tower_edge_core::Head;
use tower_edge_core::Kind;
use tower_layer::Layer;

use super::Always;
use super::ByRequest;
use super::Envelope;
use super::NoPeek;
use super::PeekIds;
use super::settings::Settings;

/// Writes every error of a service in one format; see the [module docs](super) for an example.
#[derive(Clone, Copy, Debug)]
pub struct EnvelopeLayer<C, P = NoPeek> {
    choose: C,
    peek: P,
    settings: Settings,
}

impl<F: Format> EnvelopeLayer<Always<F>> {
    /// All errors in this format.
    #[must_use]
    pub const fn new(format: F) -> Self {
        Self {
            choose: Always(format),
            peek: NoPeek,
            settings: DEFAULTS,
        }
    }
}

impl<C> EnvelopeLayer<ByRequest<C>> {
    /// Errors in the format that the function chooses for the request.
    ///
    /// A service that speaks several formats chooses among `&'static dyn Format`s, or formats in an
    /// [`Arc`](std::sync::Arc).
    ///
    /// ```
    /// use tower_edge::core::{Format, Head};
    /// use tower_edge::envelope::EnvelopeLayer;
    /// use tower_edge::envelope::format::{MediaNest, ProblemDetails};
    ///
    /// fn format(head: Head<'_>) -> &'static (dyn Format + Send + Sync) {
    ///     if head.uri.path().starts_with("/medianest/") { &MediaNest } else { &ProblemDetails }
    /// }
    /// let layer = EnvelopeLayer::by_request(format);
    /// # let _ = layer;
    /// ```
    pub const fn by_request<F>(choose: C) -> Self
    where
        C: Fn(Head<'_>) -> F,
    {
        Self {
            choose: ByRequest(choose),
            peek: NoPeek,
            settings: DEFAULTS,
        }
    }
}

impl<C, P> EnvelopeLayer<C, P> {
    /// Asks this function first what an error of the inner service is.
    ///
    /// It is given each error of the chain in turn, from the outermost to its last
    /// [source](Error::source).
    #[must_use]
    pub const fn with_classify(
        mut self,
        classify: fn(&(dyn Error + 'static)) -> Option<Kind>,
    ) -> Self {
        self.settings.classify = classify;
        self
    }

    /// Sets how much may leave the service; the default is [`Exposure::Production`].
    #[must_use]
    pub const fn with_exposure(mut self, exposure: Exposure) -> Self {
        self.settings.exposure = exposure;
        self
    }

    /// Finds the ids of JSON-RPC requests, for formats that want them.
    ///
    /// The body of such a request is lent to the inner service, which reads the bytes unchanged. Only
    /// when a refusal is written, the rest of the body is read: up to `max` bytes of it in all, and
    /// for [one second](PeekIds::TIME). The ids of a longer or slower request are not known.
    ///
    /// The inner service's request body becomes [`Lent`](super::Lent).
    #[must_use]
    pub fn with_rpc_ids(self, max: usize) -> EnvelopeLayer<C, PeekIds> {
        let peek = PeekIds::new(max, PeekIds::TIME);
        EnvelopeLayer {
            choose: self.choose,
            peek,
            settings: self.settings,
        }
    }
}

impl<C> EnvelopeLayer<C, PeekIds> {
    /// Sets how long the rest of a refused request's body is waited for.
    #[must_use]
    pub const fn with_rpc_ids_time(mut self, time: Duration) -> Self {
        self.peek = self.peek.with_time(time);
        self
    }
}

impl<S, C: Clone, P: Clone> Layer<S> for EnvelopeLayer<C, P> {
    type Service = Envelope<S, C, P>;

    fn layer(&self, inner: S) -> Envelope<S, C, P> {
        Envelope::new(inner, self.choose.clone(), self.peek.clone(), self.settings)
    }
}

const DEFAULTS: Settings = Settings {
    classify: |_| None,
    exposure: Exposure::Production,
};
