use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use http::{Request, Response, Version};
use hyper::body::Incoming;
use hyper::service::Service as HyperService;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep};
use tower_edge_core::PeerAddress;
use tower_service::Service;

use super::activity::{Activity, InFlight};
use super::response_body::ResponseBody;
use super::stream::{Progress, StreamExecutor};
use super::transport::Transport;
use super::{HttpService, stream};
use crate::telemetry;

/// Serves one connection, from its first byte to its last.
pub(super) async fn serve(
    settings: Settings,
    io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    peer: SocketAddr,
    service: impl HttpService,
    shutdown: impl Future<Output = ()> + Send,
) {
    let activity = Arc::new(Activity::new(settings.max_unsent));
    let builder = builder(&settings, Arc::clone(&activity));
    let watched = Watched {
        activity: Arc::clone(&activity),
        inner: service,
        peer,
    };
    let io = TokioIo::new(Transport::new(
        io,
        settings.write_timeout,
        Arc::clone(&activity),
    ));
    let mut connection = pin!(builder.serve_connection_with_upgrades(io, watched));
    let mut shutdown = pin!(shutdown);
    let mut is_shut_down = false;
    let mut silence = Silence::new(&settings);
    let ended = poll_fn(|cx| {
        loop {
            if let Poll::Ready(result) = connection.as_mut().poll(cx) {
                return Poll::Ready(result.map_err(Some));
            }
            let is_to_close = if !is_shut_down && shutdown.as_mut().poll(cx).is_ready() {
                is_shut_down = true;
                true
            } else if !silence.is_closing && activity.poll_retired(cx).is_ready() {
                silence.close(&activity);
                true
            } else {
                match ready!(silence.poll(&activity, cx)) {
                    Silent::Idle => true,
                    Silent::Over => return Poll::Ready(Err(None)),
                }
            };
            if is_to_close {
                connection.as_mut().graceful_shutdown();
            }
        }
    });
    match ended.await {
        Ok(()) => {}
        Err(Some(error)) => {
            telemetry::server::log_connection_error(&*error, peer);
        }
        Err(None) => {
            telemetry::server::log_idle_connection(peer);
        }
    }
}

fn builder(settings: &Settings, activity: Arc<Activity>) -> auto::Builder<StreamExecutor> {
    let mut builder = auto::Builder::new(StreamExecutor {
        activity,
        write_timeout: settings.write_timeout,
    });
    builder
        .http1()
        .timer(TokioTimer::new())
        .half_close(settings.half_close)
        .header_read_timeout(settings.header_read_timeout);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(settings.idle_timeout / 3)
        .max_concurrent_streams(settings.max_concurrent_streams)
        .max_header_list_size(settings.max_header_list_size)
        .max_send_buf_size(MAX_SEND_BUFFER);
    builder
}

/// The service that hyper calls for one connection.
struct Watched<S> {
    activity: Arc<Activity>,
    inner: S,
    peer: SocketAddr,
}

impl<S, B> HyperService<Request<Incoming>> for Watched<S>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone,
{
    type Response = Response<ResponseBody<B>>;
    type Error = Infallible;
    type Future = ResponseFuture<S, S::Future>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(PeerAddress(self.peer));
        let mut service = self.inner.clone();
        // Only HTTP/2 spawns a task for each request. The service is called there, and may wait for room.
        let progress = (request.version() == Version::HTTP_2).then(stream::begin);
        // On HTTP/1.1 this is the task already. A service that is ready takes the request at once, which saves moves
        // of both. One that is not stores the waker of a later poll.
        let is_ready = progress.is_none()
            && service
                .poll_ready(&mut Context::from_waker(Waker::noop()))
                .is_ready();
        let state = if is_ready {
            State::Called {
                response: service.call(request),
            }
        } else {
            State::Waiting {
                service,
                request: Some(request),
            }
        };
        ResponseFuture {
            in_flight: Some(self.activity.begin()),
            progress,
            state,
        }
    }
}

pin_project! {
    /// The response of the service. The service is not called while the connection holds more than it may.
    struct ResponseFuture<S, F> {
        in_flight: Option<InFlight>,
        progress: Option<Arc<Progress>>,
        #[pin]
        state: State<S, F>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, F> {
        Waiting {
            service: S,
            request: Option<Request<Incoming>>,
        },
        Called {
            #[pin]
            response: F,
        },
    }
}

impl<S, B> Future for ResponseFuture<S, S::Future>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
{
    type Output = Result<Response<ResponseBody<B>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let response = match this.state.as_mut().project() {
                StateProj::Waiting { service, request } => {
                    if let Some(in_flight) = this.in_flight {
                        ready!(in_flight.poll_room(cx));
                    }
                    ready!(service.poll_ready(cx))?;
                    // The state changes as soon as the request is taken.
                    let Some(request) = request.take() else {
                        return Poll::Pending;
                    };
                    service.call(request)
                }
                StateProj::Called { response } => {
                    let response = ready!(response.poll(cx))?;
                    let (in_flight, progress) = (this.in_flight.take(), this.progress.take());
                    let body = |body| ResponseBody::new(body, in_flight, progress);
                    return Poll::Ready(Ok(response.map(body)));
                }
            };
            this.state.set(State::Called { response });
        }
    }
}

/// How long a connection has had no request.
///
/// hyper has no such limit until it knows whether the client uses HTTP/1.1 or HTTP/2. A client that sends nothing, or
/// half of the [preface](https://www.rfc-editor.org/rfc/rfc9113#section-3.4), would keep its connection for ever. So
/// would one that only acknowledges HTTP/2 pings.
struct Silence {
    idle: Duration,
    is_closing: bool,
    /// How many requests there were when the timer was set.
    requests: usize,
    timer: Pin<Box<Sleep>>,
}

enum Silent {
    /// The connection is to close once its requests have ended.
    Idle,
    /// The time to close has passed as well.
    Over,
}

impl Silence {
    fn new(settings: &Settings) -> Self {
        Self {
            idle: settings.idle_timeout,
            is_closing: false,
            requests: 0,
            timer: Box::pin(tokio::time::sleep(settings.header_read_timeout)),
        }
    }

    /// Closes the connection once nothing is in flight.
    fn close(&mut self, activity: &Activity) {
        self.is_closing = true;
        self.requests = activity.requests();
        self.timer.as_mut().reset(Instant::now() + CLOSING);
    }

    fn poll(&mut self, activity: &Activity, cx: &mut Context<'_>) -> Poll<Silent> {
        loop {
            ready!(self.timer.as_mut().poll(cx));
            let requests = activity.requests();
            let is_idle = activity.is_idle() && requests == self.requests;
            if is_idle && self.is_closing {
                return Poll::Ready(Silent::Over);
            }
            self.requests = requests;
            self.is_closing |= is_idle;
            let wait = if self.is_closing { CLOSING } else { self.idle };
            self.timer.as_mut().reset(Instant::now() + wait);
            if is_idle {
                return Poll::Ready(Silent::Idle);
            }
        }
    }
}

/// The limits of a server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) half_close: bool,
    pub(super) header_read_timeout: Duration,
    pub(super) idle_timeout: Duration,
    pub(super) max_concurrent_streams: u32,
    pub(super) max_header_list_size: u32,
    pub(super) max_unsent: usize,
    pub(super) shutdown_timeout: Duration,
    pub(super) write_timeout: Duration,
}

/// How long a closing connection may take to send the rest, once nothing is in flight.
const CLOSING: Duration = Duration::from_secs(2);
/// How much of a response HTTP/2 holds besides its body.
const MAX_SEND_BUFFER: usize = 64 * 1024;

#[cfg(test)]
mod tests;
