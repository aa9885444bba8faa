use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use std::{fmt, io};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper_util::client::legacy;
use tokio::sync::OwnedSemaphorePermit;
use tower_edge_core::{Kind, Problem};

use super::connection::{Connector, Usage};

/// The future of [`HttpClient`](super::HttpClient).
#[must_use = "futures do nothing unless polled"]
pub struct ResponseFuture {
    permit: Option<OwnedSemaphorePermit>,
    retry: Option<Retry>,
    /// `None` if nothing was sent.
    sent: Option<legacy::ResponseFuture>,
}

/// A request without a body, and a client without idle connections, which sends it on a new one.
pub(super) struct Retry {
    pub(super) client: Arc<UnpooledClient>,
    pub(super) request: Request<Empty<Bytes>>,
}

pub(super) type UnpooledClient = legacy::Client<Connector, Empty<Bytes>>;

impl ResponseFuture {
    pub(super) const fn sent(
        sent: legacy::ResponseFuture,
        retry: Option<Retry>,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self {
            permit,
            retry,
            sent: Some(sent),
        }
    }

    pub(super) const fn rejected() -> Self {
        Self {
            permit: None,
            retry: None,
            sent: None,
        }
    }
}

impl Future for ResponseFuture {
    type Output = Result<Response<IncomingBody>, HttpClientError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        loop {
            let Some(sent) = &mut this.sent else {
                let problem = Problem::new(Kind::Unavailable).with_retry_after(RETRY_AFTER);
                return Poll::Ready(Err(HttpClientError::MaxInFlight(problem)));
            };
            let error = match ready!(Pin::new(sent).poll(cx)) {
                Ok(response) => {
                    let permit = this.permit.take();
                    return Poll::Ready(Ok(response.map(|body| IncomingBody::new(body, permit))));
                }
                Err(error) => error,
            };
            match this.retry.take().filter(|_| is_retriable(&error)) {
                Some(Retry { client, request }) => this.sent = Some(client.request(request)),
                None => {
                    this.permit = None;
                    return Poll::Ready(Err(HttpClientError::Call(error)));
                }
            }
        }
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// Whether a reused connection was closed before the first byte of the response
/// ([RFC 9112, section 9.3.1](https://www.rfc-editor.org/rfc/rfc9112#section-9.3.1)).
fn is_retriable(error: &legacy::Error) -> bool {
    let cause = error
        .source()
        .and_then(|cause| cause.downcast_ref::<hyper::Error>());
    cause.is_some_and(is_closed) && Usage::was_kept_and_silent(error)
}

fn is_closed(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    error.is_incomplete_message() || cause.is_some_and(is_lost)
}

fn is_lost(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::NotConnected
            | io::ErrorKind::UnexpectedEof
    )
}

/// The body of a response from [`HttpClient`](super::HttpClient).
///
/// The call is in flight until the body ends, fails or is dropped.
#[derive(Debug)]
pub struct IncomingBody {
    incoming: Incoming,
    permit: Option<OwnedSemaphorePermit>,
}

impl IncomingBody {
    pub(super) fn new(incoming: Incoming, permit: Option<OwnedSemaphorePermit>) -> Self {
        let mut body = Self { incoming, permit };
        body.release_if_ended();
        body
    }

    fn release_if_ended(&mut self) {
        if self.incoming.is_end_stream() {
            self.permit = None;
        }
    }
}

impl Body for IncomingBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.incoming).poll_frame(cx));
        match frame {
            Some(Ok(_)) => self.release_if_ended(),
            Some(Err(_)) | None => self.permit = None,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

/// Why [`HttpClient`](super::HttpClient) returned no response.
#[derive(Debug)]
#[non_exhaustive]
pub enum HttpClientError {
    /// The client could not connect, or the call failed on its connection.
    Call(legacy::Error),
    /// The [limit on calls in flight](super::HttpClient::with_max_in_flight) was reached; nothing was sent.
    MaxInFlight(Problem),
}

impl fmt::Display for HttpClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Call(_) => "the call to the upstream failed",
            Self::MaxInFlight(_) => "too many calls to the upstream are in flight",
        })
    }
}

impl Error for HttpClientError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Call(error) => Some(error),
            Self::MaxInFlight(problem) => Some(problem),
        }
    }
}

/// There is room as soon as one call in flight has ended.
const RETRY_AFTER: Duration = Duration::from_secs(1);
