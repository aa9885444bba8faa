use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Empty;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::Semaphore;
use tower_edge_core::BoxError;
use tower_service::Service;

use super::connection::Connector;
use super::future::{Retry, UnpooledClient};
use super::{HttpClientError, IncomingBody, ResponseFuture};
use crate::Attempts;

/// A client with a connection pool, for requests with bodies of type `B`; see the [module docs](super) for an
/// example.
///
/// Clones share the pool and the limit on calls in flight. A `with_` method starts a new pool and a new limit. The
/// client needs a tokio runtime.
#[doc(alias("connection pool"))]
pub struct HttpClient<B> {
    inner: Arc<Inner<B>>,
}

struct Inner<B> {
    in_flight: Option<Arc<Semaphore>>,
    pooled: legacy::Client<Connector, B>,
    settings: Settings,
    unpooled: Arc<UnpooledClient>,
}

#[derive(Clone, Debug)]
struct Settings {
    connect_timeout: Duration,
    idle_timeout: Duration,
    max_idle_per_host: usize,
    max_in_flight: Option<NonZeroUsize>,
}

impl<B> HttpClient<B>
where
    B: Body<Data: Send> + Send,
{
    /// A client with the defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::from_settings(Settings {
            connect_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(30),
            max_idle_per_host: 32,
            max_in_flight: None,
        })
    }

    /// Limits the time to connect, over all addresses of a host together; 5 s by default.
    #[must_use]
    pub fn with_connect_timeout(self, timeout: Duration) -> Self {
        self.with(|settings| settings.connect_timeout = timeout)
    }

    /// Closes a connection that was not used for this time; 30 s by default. The client sends no request on it from
    /// then on, and closes it within the same time again.
    #[must_use]
    pub fn with_idle_timeout(self, timeout: Duration) -> Self {
        self.with(|settings| settings.idle_timeout = timeout)
    }

    /// Keeps at most this many idle connections for each host; 32 by default. With zero, each request has a
    /// connection of its own.
    #[must_use]
    pub fn with_max_idle_per_host(self, connections: usize) -> Self {
        self.with(|settings| settings.max_idle_per_host = connections)
    }

    /// Limits the calls in flight, over all hosts together; no limit by default. A call above the limit fails at
    /// once, see [the module docs](super#calls-in-flight).
    #[doc(alias("bulkhead", "concurrency limit", "load shed"))]
    #[must_use]
    pub fn with_max_in_flight(self, calls: NonZeroUsize) -> Self {
        self.with(|settings| settings.max_in_flight = Some(calls))
    }

    fn with(self, set: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.inner.settings.clone();
        set(&mut settings);
        Self::from_settings(settings)
    }

    fn from_settings(settings: Settings) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(settings.connect_timeout));
        connector.set_nodelay(true);
        let connector = Connector(connector);
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        builder
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(settings.idle_timeout)
            .pool_max_idle_per_host(settings.max_idle_per_host);
        let pooled = builder.build(connector.clone());
        let unpooled = builder.pool_max_idle_per_host(0).build(connector);
        let calls = settings.max_in_flight.map(NonZeroUsize::get);
        let calls = calls.map(|calls| Semaphore::new(calls.min(Semaphore::MAX_PERMITS)));
        Self {
            inner: Arc::new(Inner {
                in_flight: calls.map(Arc::new),
                pooled,
                settings,
                unpooled: Arc::new(unpooled),
            }),
        }
    }
}

impl<B> Clone for HttpClient<B> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
        }
    }
}

impl<B> Default for HttpClient<B>
where
    B: Body<Data: Send> + Send,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<B> fmt::Debug for HttpClient<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient")
            .field("settings", &self.inner.settings)
            .finish_non_exhaustive()
    }
}

impl<B> Service<Request<B>> for HttpClient<B>
where
    B: Body<Data: Send, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    type Response = Response<IncomingBody>;
    type Error = HttpClientError;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), HttpClientError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture {
        let permit = match &self.inner.in_flight {
            Some(in_flight) => match in_flight.clone().try_acquire_owned() {
                Ok(permit) => Some(permit),
                Err(_) => return ResponseFuture::rejected(),
            },
            None => None,
        };
        // The layer that counts attempts retries itself.
        let is_own = request.extensions().get::<Attempts>().is_none();
        let is_repeatable =
            is_own && request.method().is_idempotent() && request.body().is_end_stream();
        let retry = is_repeatable.then(|| Retry {
            client: self.inner.unpooled.clone(),
            request: without_body(&request),
        });
        ResponseFuture::sent(self.inner.pooled.request(request), retry, permit)
    }
}

/// Copies the request without its extensions, which are never sent.
fn without_body<B>(request: &Request<B>) -> Request<Empty<Bytes>> {
    let mut copy = Request::new(Empty::new());
    copy.method_mut().clone_from(request.method());
    copy.uri_mut().clone_from(request.uri());
    *copy.version_mut() = request.version();
    copy.headers_mut().clone_from(request.headers());
    copy
}

#[cfg(test)]
mod tests;
