use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use tower_edge_core::Head;
use tower_edge_core::deadline::TimeoutHeader;
use tower_edge_core::problem::TimeoutFacts;
use tower_layer::Layer;

use super::config::Settings;
use super::expiry::Hook;
use super::{Timeouts, UpstreamTimeout};
use crate::Enforcement;
use crate::driver::{Driver, EdgeLayer, EdgeService};

/// Responds with 504 when a service does not respond in time; see the [module docs](super) for an example and the
/// default limits.
#[doc(alias(
    "deadline",
    "gateway timeout",
    "time limiter",
    "timeout",
    "TimeoutLayer"
))]
#[derive(Clone, Debug)]
pub struct UpstreamTimeoutLayer {
    driver: Driver<UpstreamTimeout>,
}

impl UpstreamTimeoutLayer {
    /// Limits the time until the head of the response. A zero expires at the first wait. Idle and total have their
    /// [defaults](super).
    #[must_use]
    pub fn new(head: Duration) -> Self {
        Self::from_timeouts(Timeouts::with_defaults(head))
    }

    /// A layer with these limits and no others.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use tower_edge::timeout::{Timeouts, UpstreamTimeoutLayer};
    ///
    /// let only_idle = Timeouts::new().with_idle(Duration::from_secs(30));
    /// let layer = UpstreamTimeoutLayer::from_timeouts(only_idle);
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn from_timeouts(timeouts: Timeouts) -> Self {
        Self {
            driver: Driver::new(UpstreamTimeout {
                settings: None,
                timeouts,
            }),
        }
    }

    /// Calls this function once for each timeout, also for those of bodies, and those of a
    /// [dry run](Self::with_enforcement). It is called where the request is served, so it should not block.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use tower_edge::timeout::UpstreamTimeoutLayer;
    ///
    /// let layer = UpstreamTimeoutLayer::new(Duration::from_secs(1)).on_timeout(|facts| {
    ///     eprintln!("{}: {:?} of {:?}", facts.phase, facts.elapsed, facts.limit);
    /// });
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn on_timeout(self, hook: impl Fn(&TimeoutFacts) + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.observer.on_timeout = Some(Hook(Arc::new(hook))))
    }

    /// Reads from these fields how long the caller will wait. They can only shorten the time. If there is no response
    /// by then, the layer responds with 504.
    ///
    /// The earliest deadline counts: of these fields, a [`Deadline`](tower_edge_core::Deadline) in the extensions of
    /// the request, and the [current](tower_edge_core::Deadline::current) one. The layer inserts it into the
    /// extensions, and makes it the current one for the inner service and its body. If it has expired already, the
    /// inner service is not called. It limits streams too, as in gRPC.
    ///
    /// Remove the fields of clients that you do not trust: a request with a deadline of a millisecond costs work whose
    /// result nobody receives.
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
    pub fn with_deadlines(self, headers: impl IntoIterator<Item = TimeoutHeader>) -> Self {
        let headers = headers.into_iter().collect();
        self.with(|settings| settings.deadline_headers = Some(headers))
    }

    /// Sets whether timeouts end responses. In a dry run they are only counted, logged and passed to
    /// [`on_timeout`](Self::on_timeout), so that you can try limits out.
    ///
    /// In a dry run each limit of a request is reported once, and no deadline is passed on. `Percent` enforces the
    /// limits for that percentage of requests, chosen at random, since the layer does not know the client.
    #[must_use]
    pub fn with_enforcement(self, enforcement: Enforcement) -> Self {
        self.with(|settings| settings.observer.enforcement = enforcement)
    }

    /// Limits the time between two frames of the body, counted while the client waits for one. `None` is no limit.
    #[must_use]
    pub fn with_idle(self, idle: impl Into<Option<Duration>>) -> Self {
        self.with_gate(|gate| gate.timeouts.idle = idle.into().into())
    }

    /// Sets the operation of the upstream, such as `library_search`. Formats may show it.
    #[must_use]
    pub fn with_operation(self, operation: &'static str) -> Self {
        self.with(|settings| settings.observer.operation = Some(operation))
    }

    /// Sets which responses are streams, to which a [total](Self::with_total) does not apply.
    ///
    /// By default a response is a stream if its `Content-Type` is that of an event stream, gRPC or gRPC-Web.
    ///
    /// The function is also called with 200 and the fields of a request that may be for a stream, such as a gRPC
    /// request. If it returns false, [our limits are a deadline](super#deadlines) of the call.
    #[must_use]
    pub fn with_streams_by(
        self,
        is_stream: impl Fn(StatusCode, &HeaderMap) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with(|settings| settings.is_stream = Some(Hook(Arc::new(is_stream))))
    }

    /// Sets all limits of each request, including those on the body. If the function returns `None`, the limits of the
    /// layer apply.
    ///
    /// [`Timeouts::from_request`] takes them from the extensions of the request.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use tower_edge::timeout::{Timeouts, UpstreamTimeoutLayer};
    ///
    /// const EXPORT: Timeouts = Timeouts::new()
    ///     .with_head(Duration::from_secs(60))
    ///     .with_idle(Duration::from_secs(30));
    ///
    /// let layer = UpstreamTimeoutLayer::new(Duration::from_secs(5))
    ///     .with_timeouts_by(|head| head.uri.path().starts_with("/export/").then_some(EXPORT));
    /// # let _ = layer;
    /// let layer = UpstreamTimeoutLayer::new(Duration::from_secs(5)).with_timeouts_by(Timeouts::from_request);
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn with_timeouts_by(
        self,
        timeouts: impl Fn(Head<'_>) -> Option<Timeouts> + Send + Sync + 'static,
    ) -> Self {
        self.with(|settings| settings.timeouts_by = Some(Hook(Arc::new(timeouts))))
    }

    /// Limits the time until the end of the body. If the response is a [stream](Self::with_streams_by), it limits the
    /// time until the head alone. `None` is no limit.
    #[must_use]
    pub fn with_total(self, total: impl Into<Option<Duration>>) -> Self {
        self.with_gate(|gate| gate.timeouts.total = total.into().into())
    }

    /// Sets the name of the upstream, such as `plex`, in facts, logs and metrics.
    #[must_use]
    pub fn with_upstream(self, upstream: &'static str) -> Self {
        self.with(|settings| settings.observer.upstream = Some(upstream))
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
