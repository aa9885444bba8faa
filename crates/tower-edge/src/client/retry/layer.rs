use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, Method, StatusCode};
use tower::retry::budget::{Budget, TpsBudget};
use tower_edge_core::Head;
use tower_layer::Layer;

use super::service::Retry;
use crate::telemetry::count::{ClientRetries, Series};

/// Sends requests again; see the [module docs](super) for an example.
///
/// Clones share the budget, and so do the services that they make. The clones of a service share its pace.
#[doc(alias("backoff", "jitter", "retry budget", "retry-after"))]
#[derive(Clone, Debug)]
pub struct RetryLayer {
    config: Arc<Config>,
}

#[derive(Clone)]
pub(super) struct Config {
    pub(super) budget: Arc<dyn Budget + Send + Sync>,
    pub(super) counted: Series<ClientRetries>,
    idempotent: Option<Arc<Predicate>>,
    pub(super) max_body: usize,
    pub(super) max_retries: u32,
    pub(super) max_wait: Duration,
    pacing: bool,
    pub(super) statuses: Vec<StatusCode>,
}

type Predicate = dyn Fn(Head<'_>) -> bool + Send + Sync;

impl RetryLayer {
    /// A layer with the defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            config: Arc::new(Config {
                budget: Arc::new(TpsBudget::default()),
                counted: Series::new(),
                idempotent: None,
                max_body: 64 * 1024,
                max_retries: 3,
                max_wait: Duration::from_secs(30),
                pacing: true,
                statuses: vec![
                    StatusCode::TOO_MANY_REQUESTS,
                    StatusCode::SERVICE_UNAVAILABLE,
                ],
            }),
        }
    }

    /// Sets the budget. By default each request pays for a fifth of a retry, and ten retries a second are free
    /// ([`TpsBudget::default`]). Retries in [slots](super#pace) of a known quota need none.
    #[must_use]
    pub fn with_budget(self, budget: impl Budget + Send + Sync + 'static) -> Self {
        self.with(|config| config.budget = Arc::new(budget))
    }

    /// Counts a request as idempotent if the closure returns `true` for its head, whatever its method. Requests with an
    /// idempotent method, or with a field `Idempotency-Key`, always count as idempotent.
    #[must_use]
    pub fn with_idempotent(
        self,
        is_idempotent: impl Fn(Head<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with(|config| config.idempotent = Some(Arc::new(is_idempotent)))
    }

    /// Keeps at most this many bytes of a request's body, so that it can be sent again; 64 KiB by default. A request
    /// whose body is longer is sent once.
    #[must_use]
    pub fn with_max_body(self, bytes: usize) -> Self {
        self.with(|config| config.max_body = bytes)
    }

    /// Limits the retries of a request; 3 by default.
    #[must_use]
    pub fn with_max_retries(self, retries: u32) -> Self {
        self.with(|config| config.max_retries = retries)
    }

    /// Limits the wait before an attempt; 30 s by default. If a server announces a longer one, its response is
    /// returned at once.
    #[must_use]
    pub fn with_max_wait(self, wait: Duration) -> Self {
        self.with(|config| config.max_wait = wait)
    }

    /// Sets whether requests wait for their turn at a server that has refused others; on by default. See
    /// [the module docs](super#pace).
    #[must_use]
    pub fn with_pacing(self, pacing: bool) -> Self {
        self.with(|config| config.pacing = pacing)
    }

    /// Adds a status after which a request is sent again, such as 502. By default, these are 429 and 503.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        self.with(|config| config.statuses.push(status))
    }

    fn with(mut self, set: impl FnOnce(&mut Config)) -> Self {
        set(Arc::make_mut(&mut self.config));
        self
    }
}

impl Config {
    /// Whether a second execution has the effect of one
    /// ([RFC 9110, section 9.2.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2)).
    pub(super) fn is_idempotent(&self, head: Head<'_>) -> bool {
        Method::is_idempotent(head.method)
            || head.headers.contains_key(&IDEMPOTENCY_KEY)
            || self
                .idempotent
                .as_ref()
                .is_some_and(|is_idempotent| is_idempotent(head))
    }
}

impl Default for RetryLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for RetryLayer {
    type Service = Retry<S>;

    fn layer(&self, inner: S) -> Retry<S> {
        Retry::new(
            inner,
            self.config.clone(),
            self.config.pacing.then(Arc::default),
        )
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("max_body", &self.max_body)
            .field("max_retries", &self.max_retries)
            .field("max_wait", &self.max_wait)
            .field("pacing", &self.pacing)
            .field("statuses", &self.statuses)
            .finish_non_exhaustive()
    }
}

static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
