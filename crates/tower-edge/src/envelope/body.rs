use std::cell::RefCell;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::response::Parts;
use http_body::Frame;
use tower_edge_core::http_ext::Protocol;
use tower_edge_core::{BodyErrorHandler, BoxError, Context, HandleBodyError, Problem, google_rpc};

use super::classify::problem_of;
use super::config::{Config, RequestInfo};
use super::event::emit_unsent;
use super::stream::{Events, Messages, is_event_stream};

/// The error handler of a body that passes through. Only an event stream, gRPC-Web, and an observer of problems need
/// more than a function: then the handler keeps data of the request.
#[inline]
pub(super) fn error_handler(
    request: &mut Option<RequestInfo>,
    head: &Parts,
    config: &Arc<Config>,
) -> BodyErrorHandler {
    match request.as_ref().map(|request| request.protocol) {
        _ if config.observes_bodies() => {}
        Some(Protocol::Grpc) => return BodyErrorHandler::Function(end_grpc),
        Some(Protocol::Http) if !is_event_stream(head.status, &head.headers) => {
            return BodyErrorHandler::Function(abort);
        }
        _ => {}
    }
    boxed(request, head, config)
}

#[inline(never)]
fn boxed(
    request: &mut Option<RequestInfo>,
    head: &Parts,
    config: &Arc<Config>,
) -> BodyErrorHandler {
    let Some(request) = request.take() else {
        return BodyErrorHandler::Abort;
    };
    let mut handler = kept();
    handler.0 = Some(Sent {
        stream: Stream::of(request.protocol, head),
        config: Arc::clone(config),
        request,
    });
    BodyErrorHandler::Boxed(handler)
}

/// Ends a body that fails with the problem, if its protocol has a place for it after the data. It is empty between two
/// responses.
#[derive(Default)]
struct TrailersOnError(Option<Sent>);

/// A response that is sent.
struct Sent {
    config: Arc<Config>,
    request: RequestInfo,
    stream: Stream,
}

type Boxes = Vec<Box<TrailersOnError>>;

thread_local! {
    /// The boxes of responses that ended without an error.
    static KEPT: RefCell<Boxes> = const { RefCell::new(Vec::new()) };
}

/// A box of this thread, or a new one.
fn kept() -> Box<TrailersOnError> {
    let kept = KEPT.try_with(|kept| kept.borrow_mut().pop());
    kept.ok().flatten().unwrap_or_default()
}

/// The data that was sent so far, if an error can follow it.
enum Stream {
    /// An event can follow.
    Events(Events),
    /// A frame of trailers can follow.
    Messages(Messages),
    /// Nothing can follow.
    Other,
}

impl Stream {
    fn of(protocol: Protocol, head: &Parts) -> Self {
        let headers = &head.headers;
        let stream = match protocol {
            Protocol::Http => {
                is_event_stream(head.status, headers).then_some(Self::Events(Events::NONE))
            }
            // A client may accept one encoding and send the other.
            Protocol::GrpcWeb | Protocol::GrpcWebText => Messages::of(headers).map(Self::Messages),
            _ => None,
        };
        // A stream cannot grow if the client knows its length, or if it is encoded. Few responses are streams.
        let can_grow = |_: &Self| {
            !(headers.contains_key(CONTENT_LENGTH) || headers.contains_key(CONTENT_ENCODING))
        };
        stream.filter(can_grow).unwrap_or(Self::Other)
    }
}

impl HandleBodyError for TrailersOnError {
    fn observe(&mut self, data: &Bytes) {
        match self.0.as_mut().map(|sent| &mut sent.stream) {
            Some(Stream::Events(events)) => events.observe(data),
            Some(Stream::Messages(messages)) => messages.observe(data),
            Some(Stream::Other) | None => {}
        }
    }

    fn handle(self: Box<Self>, error: BoxError) -> Result<Frame<Bytes>, BoxError> {
        let Some(Sent {
            config,
            request,
            stream,
        }) = self.0
        else {
            return Err(error);
        };
        let mut problem = config.problem_of(error);
        // An envelope further in has emitted the problem, and ended the body as its protocol allows.
        if problem.is_rendered() {
            return Err(problem.into());
        }
        emit_unsent(&mut problem, true, &request, &config);
        let context = request.context(&config, None);
        if request.protocol == Protocol::Grpc {
            return Ok(trailers(&problem, Some(&context)));
        }
        let last = match stream {
            Stream::Events(events) => events.end(request.format(&config), &problem, &context),
            Stream::Messages(messages) => messages.end(&problem, &context),
            Stream::Other => None,
        };
        last.map(Frame::data).ok_or_else(|| aborted(problem))
    }

    fn discard(mut self: Box<Self>) {
        // The dropped values may respond to another request on this thread.
        self.0 = None;
        let _ = KEPT.try_with(|kept| {
            let mut kept = kept.borrow_mut();
            if kept.len() < MAX_KEPT {
                kept.push(self);
            }
        });
    }
}

/// How many boxes a thread keeps: about 10 KiB.
const MAX_KEPT: usize = 64;

/// Aborts a response that nobody observes.
fn abort(error: BoxError) -> Result<Frame<Bytes>, BoxError> {
    Err(aborted(problem_of(error)))
}

/// Ends a gRPC response that nobody observes. It sends the status alone: the details are for searching a log.
fn end_grpc(error: BoxError) -> Result<Frame<Bytes>, BoxError> {
    let problem = problem_of(error);
    if problem.is_rendered() {
        return Err(problem.into());
    }
    Ok(trailers(&problem, None))
}

/// The error that makes a server abort the response.
fn aborted(mut problem: Problem) -> BoxError {
    problem.mark_rendered();
    problem.into()
}

/// A status after messages travels in
/// [trailers](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses).
fn trailers(problem: &Problem, context: Option<&Context<'_>>) -> Frame<Bytes> {
    let mut trailers = HeaderMap::new();
    google_rpc::insert_status(problem, context, &mut trailers);
    Frame::trailers(trailers)
}

#[cfg(test)]
mod tests;
