use std::error::Error;
use std::time::Duration;

use tower_edge_core::{Exposure, Format, Head, Kind};
use tower_layer::Layer;

use super::settings::Settings;
use super::{
    Always, ByRequest, Choose, Envelope, FirstFrame, NoPeek, NoRescue, PeekIds, Report, Upstream,
};

/// Writes every error of a service in one format; see the [module docs](super) for an example.
#[derive(Clone, Copy, Debug)]
pub struct EnvelopeLayer<C, P = NoPeek, R = NoRescue> {
    choose: C,
    peek: P,
    rescue: R,
    settings: Settings,
}

impl<F: Format> EnvelopeLayer<Always<F>> {
    /// All errors in this format.
    #[must_use]
    pub const fn new(format: F) -> Self {
        Self {
            choose: Always(format),
            peek: NoPeek,
            rescue: NoRescue,
            settings: DEFAULTS,
        }
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
    /// use tower_edge::envelope::format::{MediaNest, ProblemDetails};
    /// use tower_edge::envelope::{AnyFormat, EnvelopeLayer};
    ///
    /// fn format(head: Head<'_>) -> AnyFormat {
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
            rescue: NoRescue,
            settings: DEFAULTS,
        }
    }
}

impl<C: Choose> EnvelopeLayer<C> {
    /// Errors in the format that is chosen for the request: by [`ByPath`](super::ByPath),
    /// [`ByAccept`](super::ByAccept), [`ByContentType`](super::ByContentType) or a type of yours.
    #[must_use]
    pub const fn by(choose: C) -> Self {
        Self {
            choose,
            peek: NoPeek,
            rescue: NoRescue,
            settings: DEFAULTS,
        }
    }
}

impl<C, P, R> EnvelopeLayer<C, P, R> {
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
    pub const fn on_problem(mut self, hook: &'static (dyn Fn(&Report<'_>) + Send + Sync)) -> Self {
        self.settings.on_problem = Some(hook);
        self
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
    pub const fn with_classify(
        mut self,
        classify: fn(&(dyn Error + 'static)) -> Option<Kind>,
    ) -> Self {
        self.settings.classify = classify;
        self
    }

    /// Sets the name of the service: the domain of the reason in the details that gRPC and gRPC-Web
    /// clients are given, by which they tell it from that of another service
    /// ([AIP-193](https://google.aip.dev/193#errorinfo)). By default it is left out.
    #[must_use]
    pub const fn with_domain(mut self, domain: &'static str) -> Self {
        self.settings.domain = domain;
        self
    }

    /// Sets how much may leave the service; the default is [`Exposure::Production`].
    #[must_use]
    pub const fn with_exposure(mut self, exposure: Exposure) -> Self {
        self.settings.exposure = exposure;
        self
    }

    /// Holds the head of an answer back until the first frame of its body, so that a body that fails or
    /// panics at once is answered with a problem and not with a success that breaks off.
    ///
    /// The client waits longer for the head, but not for the body. Not held back are answers whose body
    /// is over, event streams, upgrades, and answers to `HEAD` and gRPC. Fields that tell where or how
    /// long the success may be found (`Location`, `Cache-Control`, `Expires`, `Age`) go with it, others
    /// are kept.
    ///
    /// The inner service's body has to be `Unpin`, and comes back in [`Rescued`](super::Rescued).
    #[must_use]
    pub fn with_first_frame_rescue(self) -> EnvelopeLayer<C, P, FirstFrame> {
        EnvelopeLayer {
            choose: self.choose,
            peek: self.peek,
            rescue: FirstFrame,
            settings: self.settings,
        }
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
    /// use tower_edge::envelope::format::{MediaNest, ProblemDetails};
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
    pub const fn with_inner_rewritten(mut self, rewritten: bool) -> Self {
        self.settings.rewrites_inner = rewritten;
        self
    }

    /// Sets what becomes of an error with a body that somebody chose, such as an upstream's; the
    /// default is [`Upstream::PassThrough`].
    #[must_use]
    pub const fn with_upstream(mut self, upstream: Upstream) -> Self {
        self.settings.upstream = upstream;
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
    pub fn with_json_rpc_ids(self, max: usize) -> EnvelopeLayer<C, PeekIds, R> {
        let peek = PeekIds::new(max, PeekIds::TIME);
        EnvelopeLayer {
            choose: self.choose,
            peek,
            rescue: self.rescue,
            settings: self.settings,
        }
    }
}

impl<C, R> EnvelopeLayer<C, PeekIds, R> {
    /// Sets how long the rest of a refused request's body is waited for.
    #[must_use]
    pub const fn with_json_rpc_ids_time(mut self, time: Duration) -> Self {
        self.peek = self.peek.with_time(time);
        self
    }
}

impl<S, C: Clone, P: Clone, R: Clone> Layer<S> for EnvelopeLayer<C, P, R> {
    type Service = Envelope<S, C, P, R>;

    fn layer(&self, inner: S) -> Envelope<S, C, P, R> {
        Envelope::new(
            inner,
            self.choose.clone(),
            self.peek.clone(),
            self.rescue.clone(),
            self.settings,
        )
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
