use std::error::Error;

use tower_edge_core::{Exposure, Format, Head, Kind};
use tower_layer::Layer;

use super::settings::Settings;
use super::{Always, ByRequest, Choose, Envelope, Report, Upstream};
use crate::driver::{Driver, EdgeLayer, EdgeService};

/// Writes every error of a service in one format; see the [module docs](super) for an example.
#[derive(Debug)]
pub struct EnvelopeLayer<C> {
    driver: Driver<Envelope<C>>,
}

impl<F: Clone + Format + 'static> EnvelopeLayer<Always<F>> {
    /// All errors in this format.
    #[must_use]
    pub fn new(format: F) -> Self {
        Self::by(Always(format))
    }
}

impl<C> EnvelopeLayer<ByRequest<C>> {
    /// Errors in the format that the function chooses for the request.
    ///
    /// A service that speaks several formats chooses among [`AnyFormat`](super::AnyFormat)s, or formats
    /// in an [`Arc`](std::sync::Arc). Where the choice depends on a header field, the function answers
    /// with a [`Varied`](super::Varied) format.
    ///
    /// ```
    /// use tower_edge::Head;
    /// use tower_edge::envelope::format::ProblemDetails;
    /// use tower_edge_formats::MediaNest;
    /// use tower_edge::envelope::{AnyFormat, EnvelopeLayer};
    ///
    /// fn format(head: Head<'_>) -> AnyFormat {
    ///     if head.uri.path().starts_with("/medianest/") { &MediaNest } else { &ProblemDetails }
    /// }
    /// let layer = EnvelopeLayer::by_request(format);
    /// # let _ = layer;
    /// ```
    pub fn by_request<F>(choose: C) -> Self
    where
        C: Fn(Head<'_>) -> F,
        F: Format + 'static,
    {
        Self::by(ByRequest(choose))
    }
}

impl<C: Choose> EnvelopeLayer<C> {
    /// Errors in the format that is chosen for the request: by [`ByPath`](super::ByPath),
    /// [`ByAccept`](super::ByAccept), [`ByContentType`](super::ByContentType) or a type of yours.
    #[must_use]
    pub fn by(choose: C) -> Self {
        Self {
            driver: Driver::new(Envelope {
                choose,
                settings: DEFAULTS,
            }),
        }
    }
}

impl<C: Choose + Clone> EnvelopeLayer<C> {
    /// Tells this function of each problem, once: when it is written, and when it ends a body early.
    ///
    /// It is told what the feature `tracing` logs, whether or not that is on. It is called where the
    /// request is served, so it should not block. A function that holds something of its own can be
    /// leaked once, with [`Box::leak`], when the service is built.
    ///
    /// ```
    /// use tower_edge::envelope::EnvelopeLayer;
    /// use tower_edge::envelope::format::ProblemDetails;
    ///
    /// let layer = EnvelopeLayer::new(ProblemDetails).on_problem(&|report| {
    ///     eprintln!("{} {}: {}", report.status(), report.key(), report.causes());
    /// });
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn on_problem(self, hook: &'static (dyn Fn(&Report<'_>) + Send + Sync)) -> Self {
        self.with(|settings| settings.on_problem = Some(hook))
    }

    /// Asks this function first what an error of the inner service is.
    ///
    /// It is given each error of the chain in turn, from the outermost to its last
    /// [source](Error::source).
    ///
    /// Here belongs what means one thing or another by where it stands: tower's `Overloaded` behind a
    /// limit on rates, or the `TimeoutError` of tower-http's bodies, which is the client's fault
    /// ([`Kind::RequestTimeout`]) where it is the request's body that is limited. Unsaid, the one is an
    /// overload and the other an internal error.
    #[must_use]
    pub fn with_classify(self, classify: fn(&(dyn Error + 'static)) -> Option<Kind>) -> Self {
        self.with(|settings| settings.classify = classify)
    }

    /// Sets the name of the service: the domain of the reason in the details that gRPC and gRPC-Web
    /// clients are given, by which they tell it from that of another service
    /// ([AIP-193](https://google.aip.dev/193#errorinfo)). By default it is left out.
    #[must_use]
    pub fn with_domain(self, domain: &'static str) -> Self {
        self.with(|settings| settings.domain = domain)
    }

    /// Sets how much may leave the service; the default is [`Exposure::Production`].
    #[must_use]
    pub fn with_exposure(self, exposure: Exposure) -> Self {
        self.with(|settings| settings.exposure = exposure)
    }

    /// Sets whether a problem that an inner envelope has written is written anew, in this envelope's
    /// format; by default it is written once and left alone.
    ///
    /// For a service whose answers have to look alike although a part of it, such as a mounted service
    /// of another team, brings an envelope and a format along. The problem stays the same occurrence
    /// and is not logged again; what the other format has said of the error in header fields
    /// (`X-Error-*`) goes. An answer that the other format has given a status below 400, such as an
    /// error of JSON-RPC, is left alone.
    ///
    /// ```
    /// use tower::{ServiceBuilder, ServiceExt, service_fn};
    /// # use bytes::Bytes;
    /// # use http::{Request, Response};
    /// # use http_body_util::Empty;
    /// use tower_edge::envelope::EnvelopeLayer;
    /// use tower_edge::envelope::format::ProblemDetails;
    /// use tower_edge_formats::MediaNest;
    /// use tower_edge::{Kind, Problem};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = ServiceBuilder::new()
    ///     .layer(EnvelopeLayer::new(ProblemDetails).with_inner_rewritten(true))
    ///     .layer(EnvelopeLayer::new(MediaNest))
    ///     .service(service_fn(
    ///         async |_: Request<()>| Err::<Response<Empty<Bytes>>, _>(Problem::new(Kind::NotFound)),
    ///     ));
    ///
    /// let response = service.oneshot(Request::new(())).await?;
    ///
    /// assert_eq!(response.headers()["content-type"], "application/problem+json");
    /// assert!(!response.headers().contains_key("x-error-code"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_inner_rewritten(self, rewritten: bool) -> Self {
        self.with(|settings| settings.rewrites_inner = rewritten)
    }

    /// Sets what becomes of an error with a body that somebody chose, such as an upstream's; the
    /// default is [`Upstream::PassThrough`].
    #[must_use]
    pub fn with_upstream(self, upstream: Upstream) -> Self {
        self.with(|settings| settings.upstream = upstream)
    }

    fn with(self, change: impl FnOnce(&mut Settings)) -> Self {
        Self {
            driver: self.driver.with(|gate| change(&mut gate.settings)),
        }
    }
}

impl<S, C> Layer<S> for EnvelopeLayer<C> {
    type Service = EdgeService<S, Envelope<C>>;

    fn layer(&self, inner: S) -> Self::Service {
        self.driver.service(inner)
    }
}

impl<C: Choose + Clone> EdgeLayer for EnvelopeLayer<C> {
    type Gate = Envelope<C>;

    fn into_gate(self) -> Envelope<C> {
        self.driver.into_gate()
    }
}

impl<C> Clone for EnvelopeLayer<C> {
    fn clone(&self) -> Self {
        Self {
            driver: self.driver.clone(),
        }
    }
}

const DEFAULTS: Settings = Settings {
    classify: |_| None,
    domain: "",
    exposure: Exposure::Production,
    on_problem: None,
    rewrites_inner: false,
    upstream: Upstream::PassThrough,
};
