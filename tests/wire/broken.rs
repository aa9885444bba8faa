//! A body that breaks off, and the service that responds with it.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use hyper::body::Incoming;

#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Error,
    Panic,
}

/// Gives a chunk, lets it be sent, and breaks off.
#[derive(Debug)]
pub(crate) struct Broken {
    chunk: Option<&'static str>,
    end: End,
    sent: bool,
}

impl Broken {
    pub(crate) const fn after(chunk: &'static str, end: End) -> Self {
        Self {
            chunk: Some(chunk),
            end,
            sent: false,
        }
    }

    pub(crate) const fn at_once(end: End) -> Self {
        Self {
            chunk: None,
            end,
            sent: true,
        }
    }
}

impl Body for Broken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(chunk) = self.chunk.take() {
            return Poll::Ready(Some(Ok(Frame::data(chunk.into()))));
        }
        // A server writes what it has when there is nothing more to poll.
        if !self.sent {
            self.sent = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        match self.end {
            End::Error => {
                let secret = io::Error::new(io::ErrorKind::ConnectionReset, "secret");
                Poll::Ready(Some(Err(secret)))
            }
            End::Panic => panic!("secret"),
        }
    }
}

/// Responds to each path with a body that breaks off in another way, and `/whole` with one that does not.
pub(crate) fn respond(request: Request<Incoming>) -> Ready<Result<Response<Broken>, Infallible>> {
    let (head, _) = request.into_parts();
    let (content_type, body) = match head.uri.path() {
        "/error" => ("application/json", Broken::after("{\"half\":", End::Error)),
        "/panic" => ("application/json", Broken::after("{\"half\":", End::Panic)),
        "/events/error" => ("text/event-stream", Broken::after(EVENT, End::Error)),
        "/events/panic" => ("text/event-stream", Broken::after(EVENT, End::Panic)),
        "/grpc/error" => ("application/grpc", Broken::after(MESSAGE, End::Error)),
        "/grpc/panic" => ("application/grpc", Broken::after(MESSAGE, End::Panic)),
        "/web/error" => (
            "application/grpc-web-text",
            Broken::after(MESSAGE_TEXT, End::Error),
        ),
        "/web/panic" => (
            "application/grpc-web-text",
            Broken::after(MESSAGE_TEXT, End::Panic),
        ),
        "/web/half" => (
            "application/grpc-web-text",
            Broken::after("AAAA", End::Error),
        ),
        "/early/error" => ("video/mp4", Broken::at_once(End::Error)),
        "/early/panic" => ("video/mp4", Broken::at_once(End::Panic)),
        path => panic!("secret of {path}"),
    };
    let response = Response::builder().header("content-type", content_type);
    ready(Ok(response.body(body).unwrap()))
}

pub(crate) const EVENT: &str = "data: 1\n\n";
/// An empty message of gRPC.
pub(crate) const MESSAGE: &str = "\0\0\0\0\0";
/// The same in base64.
pub(crate) const MESSAGE_TEXT: &str = "AAAAAAA=";
