use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use tower_edge_core::Head;
use tower_edge_core::deadline::TimeoutHeader;
use tower_edge_core::problem::TimeoutFacts;
use tower_layer::Layer;

use super::config::Settings;
use super::{Limits, UpstreamTimeout};
use crate::driver::{Driver, EdgeLayer, EdgeService};

/// Answers 504 when what is behind it does not answer in time; see the [module docs](super) for an
/// example.
#[derive(Clone, Debug)]
pub struct UpstreamTimeoutLayer {
    driver: Driver<UpstreamTimeout>,
}

impl UpstreamTimeoutLayer {
    /// A limit on the time until the head of the response; a zero is over at the first wait.
    #[must_use]
    pub fn new(head: Duration) -> Self {
        Self::of(Limits::new().with_head(head))
    }

    /// These limits.
    #[must_use]
    pub fn of(limits: Limits) -> Self {
        Self {
            driver: Driver::new(UpstreamTimeout {
                limits,
                settings: None,
            }),
        }
    }

    /// Tells this function of each timeout, once: the ones that end a body, and those that are
    /// [observed](Self::with_observation), too.
    ///
    /// It is called where the request is served, so it should not block. A function that holds
    /// something of its own can be leaked once, with [`Box::leak`], when the service is built.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use tower_edge::timeout::UpstreamTimeoutLayer;
    ///
    /// let layer = UpstreamTimeoutLayer::new(Duration::from_secs(1)).on_timeout(&|facts| {
    ///     eprintln!("{}: {:?} of {:?}", facts.phase, facts.elapsed, facts.limit);
    /// });
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn on_timeout(self, hook: &'static (dyn Fn(&TimeoutFacts) + Send + Sync)) -> Self {
        self.with(|settings| settings.tell.on_timeout = Some(hook))
    }

    /// Minds how long the caller says that it will wait, in any of these fields, which may only shorten
    /// the time: what is not done by then is a 504.
    ///
    /// The earliest counts of these fields, a [`Deadline`](tower_edge_core::Deadline) in the
    /// extensions of the request, and the [current](tower_edge_core::Deadline::current) one. It is put
    /// into the extensions, and is the current one for what the inner service and its body do. A request
    /// whose deadline is over already is not passed on. Streams keep to it too, as gRPC's do.
    ///
    /// Fields of clients whose word does not count are best removed before: a deadline of a millisecond
    /// is a request that is paid for and of no use.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use http::{Request, Response, StatusCode};
    /// use tower::{ServiceBuilder, ServiceExt, service_fn};
    /// use tower_edge::deadline::{Deadline, TimeoutHeader};
    /// use tower_edge::timeout::UpstreamTimeoutLayer;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let layer = UpstreamTimeoutLayer::new(Duration::from_secs(9))
    ///     .with_deadlines([TimeoutHeader::GrpcTimeout, TimeoutHeader::REQUEST_TIMEOUT_MS]);
    /// let service = ServiceBuilder::new().layer(layer).service(service_fn(async |_: Request<()>| {
    ///     assert!(Deadline::current().is_some());
    ///     tokio::time::sleep(Duration::from_secs(5)).await;
    ///     Ok::<_, std::convert::Infallible>(Response::new(String::new()))
    /// }));
    ///
    /// let request = Request::get("/").header("x-request-timeout-ms", "250").body(())?;
    /// let started = tokio::time::Instant::now();
    /// let response = service.oneshot(request).await?;
    ///
    /// assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
    /// assert!(started.elapsed() < Duration::from_millis(300));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_deadlines(self, fields: impl IntoIterator<Item = TimeoutHeader>) -> Self {
        let fields = fields.into_iter().collect();
        self.with(|settings| settings.deadline_fields = Some(fields))
    }

    /// Limits the time between two frames of the body, counted while the client waits for one.
    #[must_use]
    pub fn with_idle(self, idle: Duration) -> Self {
        self.with_gate(|gate| gate.limits = gate.limits.with_idle(idle))
    }

    /// Asks this function for the limits of each request; those of the layer hold where it has none.
    ///
    /// [`Limits::of_request`] takes them from the extensions of the request.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use tower_edge::timeout::{Limits, UpstreamTimeoutLayer};
    ///
    /// const EXPORT: Limits = Limits::new().with_head(Duration::from_secs(60));
    ///
    /// let layer = UpstreamTimeoutLayer::new(Duration::from_secs(5))
    ///     .with_limits_by(&|head| head.uri.path().starts_with("/export/").then_some(EXPORT));
    /// # let _ = layer;
    /// let layer = UpstreamTimeoutLayer::new(Duration::from_secs(5)).with_limits_by(&Limits::of_request);
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn with_limits_by(
        self,
        limits: &'static (dyn Fn(Head<'_>) -> Option<Limits> + Send + Sync),
    ) -> Self {
        self.with(|settings| settings.limits_by = Some(limits))
    }

    /// Sets whether timeouts are only told of, to [`on_timeout`](Self::on_timeout), in metrics and in
    /// logs, and nothing is refused or cut: for limits that are being tried out. By default it is not
    /// so.
    ///
    /// Each limit of a request is told of once.
    #[must_use]
    pub fn with_observation(self, observes: bool) -> Self {
        self.with(|settings| settings.tell.observes = observes)
    }

    /// Names what the upstream is asked for, such as `library_search`; formats may show it.
    #[must_use]
    pub fn with_operation(self, operation: &'static str) -> Self {
        self.with(|settings| settings.tell.operation = Some(operation))
    }

    /// Asks this function whether an answer is a stream, to which a [total](Self::with_total) does not
    /// apply.
    ///
    /// By default those are that are `text/event-stream` or `application/grpc`, with whatever coding
    /// of messages.
    #[must_use]
    pub fn with_streams_by(
        self,
        is_stream: &'static (dyn Fn(StatusCode, &HeaderMap) -> bool + Send + Sync),
    ) -> Self {
        self.with(|settings| settings.is_stream = is_stream)
    }

    /// Limits the time from the call to the end of the body, unless the answer is a
    /// [stream](Self::with_streams_by): then it limits the time until the head alone.
    #[must_use]
    pub fn with_total(self, total: Duration) -> Self {
        self.with_gate(|gate| gate.limits = gate.limits.with_total(total))
    }

    /// Names the upstream, such as `plex`: in facts, in logs and in metrics.
    #[must_use]
    pub fn with_upstream(self, upstream: &'static str) -> Self {
        self.with(|settings| settings.tell.upstream = Some(upstream))
    }

    fn with(self, set: impl FnOnce(&mut Settings)) -> Self {
        self.with_gate(|gate| set(Arc::make_mut(gate.settings.get_or_insert_default())))
    }

    fn with_gate(self, change: impl FnOnce(&mut UpstreamTimeout)) -> Self {
        Self {
            driver: self.driver.with(change),
        }
    }
}

impl<S> Layer<S> for UpstreamTimeoutLayer {
    type Service = EdgeService<S, UpstreamTimeout>;

    fn layer(&self, inner: S) -> Self::Service {
        self.driver.service(inner)
    }
}

impl EdgeLayer for UpstreamTimeoutLayer {
    type Gate = UpstreamTimeout;

    fn into_gate(self) -> UpstreamTimeout {
        self.driver.into_gate()
    }
}
