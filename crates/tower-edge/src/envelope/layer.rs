use std::error::Error;
use std::sync::Arc;

use tower_edge_core::{Exposure, Format, Head, Kind};
use tower_layer::Layer;

use super::config::Config;
use super::format::ProblemDetails;
use super::{Envelope, FormatSelector, ProblemEvent, UpstreamErrorPolicy};
use crate::driver::{Driver, EdgeLayer, EdgeService};

/// Writes every error of a service in one format. See the [module docs](super) for an example.
#[doc(alias("catch panic", "CatchPanicLayer", "error handler", "HandleErrorLayer"))]
#[derive(Clone, Debug)]
pub struct EnvelopeLayer {
    driver: Driver<Envelope>,
}

impl EnvelopeLayer {
    /// Writes all errors in this format.
    #[must_use]
    pub fn new(format: impl Format + 'static) -> Self {
        Self::of(Config::new(Arc::new(format)))
    }

    /// Writes errors in the format that a selector returns for the request: [`ByPath`](super::ByPath),
    /// [`ByAccept`](super::ByAccept), a function, or a type of yours.
    ///
    /// ```
    /// use tower_edge::Head;
    /// use tower_edge::envelope::format::{Grpc, ProblemDetails};
    /// use tower_edge::envelope::{EnvelopeLayer, Format};
    ///
    /// fn format(head: Head<'_>) -> &'static dyn Format {
    ///     if head.uri.path().starts_with("/edge.Echo/") { &Grpc } else { &ProblemDetails }
    /// }
    /// let layer = EnvelopeLayer::select(format);
    /// # let _ = layer;
    /// ```
    ///
    /// For a format that depends on a header field, see
    /// [`SelectedFormat::with_vary`](super::SelectedFormat::with_vary).
    #[must_use]
    pub fn select(selector: impl FormatSelector + 'static) -> Self {
        let mut config = Config::new(Arc::new(ProblemDetails));
        config.selector = Some(Arc::new(selector));
        Self::of(config)
    }

    /// The same for a closure. The compiler infers its argument.
    ///
    /// ```
    /// use tower_edge::envelope::EnvelopeLayer;
    /// use tower_edge::envelope::format::{Grpc, ProblemDetails};
    ///
    /// let layer = EnvelopeLayer::select_fn(|head| {
    ///     if head.uri.path().starts_with("/edge.Echo/") { &Grpc } else { &ProblemDetails }
    /// });
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn select_fn<S>(select: S) -> Self
    where
        S: Send + Sync + 'static + Fn(Head<'_>) -> &'static dyn Format,
    {
        Self::select(select)
    }

    /// Calls this function with each problem once: when the envelope writes it, or when it ends a body early.
    ///
    /// The function receives the data that the feature `tracing` logs, even if that feature is off. It runs on the
    /// thread that serves the request, so it should not block.
    ///
    /// ```
    /// use tower_edge::envelope::EnvelopeLayer;
    /// use tower_edge::envelope::format::ProblemDetails;
    ///
    /// let layer = EnvelopeLayer::new(ProblemDetails).on_problem(|event| {
    ///     eprintln!("{} {}: {}", event.status(), event.key(), event.causes());
    /// });
    /// # let _ = layer;
    /// ```
    ///
    /// [`RecentProblems`](super::RecentProblems) keeps the last ones.
    #[must_use]
    pub fn on_problem(self, hook: impl Fn(&ProblemEvent<'_>) + Send + Sync + 'static) -> Self {
        self.with(|config| config.on_problem = Some(Arc::new(hook)))
    }

    /// Asks this function first to classify an error of the inner service. If it returns `None`,
    /// [`classify`](super::classify) decides.
    ///
    /// It receives each error of the chain in turn, from the outermost to its last [source](Error::source).
    ///
    /// ```
    /// use tower_edge::Kind;
    /// use tower_edge::envelope::EnvelopeLayer;
    /// use tower_edge::envelope::format::ProblemDetails;
    ///
    /// let layer = EnvelopeLayer::new(ProblemDetails)
    ///     .with_classify(|error| error.is::<std::fmt::Error>().then_some(Kind::NotImplemented));
    /// # let _ = layer;
    /// ```
    ///
    /// It is for errors whose meaning depends on the stack. For example, tower's `Overloaded` behind a rate limit is
    /// [`Kind::RateLimited`]. The `TimeoutError` of tower-http's bodies is [`Kind::RequestTimeout`] if the layer limits
    /// the body of the request.
    #[must_use]
    pub fn with_classify(
        self,
        classify: impl Fn(&(dyn Error + 'static)) -> Option<Kind> + Send + Sync + 'static,
    ) -> Self {
        self.with(|config| config.classify = Some(Arc::new(classify)))
    }

    /// Sets the name of the service: the domain of the reason in the details that clients of gRPC, gRPC-Web, Connect
    /// and AIP-193 receive. It distinguishes the reasons of this service from those of others
    /// ([AIP-193](https://google.aip.dev/193#errorinfo)). The default is none.
    #[must_use]
    pub fn with_domain(self, domain: &'static str) -> Self {
        self.with(|config| config.domain = domain)
    }

    /// Sets which details clients may see. The default is [`Exposure::Production`].
    #[must_use]
    pub fn with_exposure(self, exposure: Exposure) -> Self {
        self.with(|config| config.exposure = exposure)
    }

    /// Sets whether the text of a bare 4xx response becomes the message of its problem. By default, the envelope
    /// replaces the text.
    ///
    /// ```
    /// use tower_edge::envelope::EnvelopeLayer;
    /// use tower_edge::envelope::format::ProblemDetails;
    ///
    /// // A handler of axum may return `(StatusCode::BAD_REQUEST, "your sku is wrong")`.
    /// let layer = EnvelopeLayer::new(ProblemDetails).with_client_error_text(true);
    /// # let _ = layer;
    /// ```
    ///
    /// The envelope then keeps the texts of frameworks too, such as those of axum's rejections. It truncates a text to
    /// [`Problem::MAX_MESSAGE`](tower_edge_core::Problem::MAX_MESSAGE) bytes. It replaces a text that is not UTF-8, or
    /// that is not ready with the head of the response. The feature `tracing` logs each replaced text at level `DEBUG`.
    #[must_use]
    pub fn with_client_error_text(self, kept: bool) -> Self {
        self.with(|config| config.keeps_text = kept)
    }

    /// Sets what the envelope does with an error whose body has a type of its own, such as an upstream's. The default
    /// is [`UpstreamErrorPolicy::PassThrough`].
    #[must_use]
    pub fn with_upstream_errors(self, policy: UpstreamErrorPolicy) -> Self {
        self.with(|config| config.upstream_errors = policy)
    }

    fn of(config: Config) -> Self {
        let config = Arc::new(config);
        Self {
            driver: Driver::new(Envelope { config }),
        }
    }

    fn with(self, change: impl FnOnce(&mut Config)) -> Self {
        Self {
            driver: self
                .driver
                .with(|gate| change(Arc::make_mut(&mut gate.config))),
        }
    }
}

impl<S> Layer<S> for EnvelopeLayer {
    type Service = EdgeService<S, Envelope>;

    fn layer(&self, inner: S) -> Self::Service {
        self.driver.service(inner)
    }
}

impl EdgeLayer for EnvelopeLayer {
    type Gate = Envelope;

    fn into_gate(self) -> Envelope {
        self.driver.into_gate()
    }
}
