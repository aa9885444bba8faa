use bytes::Bytes;
use http::HeaderMap;
use http::response::Parts;
use http_body::Frame;
use tower_edge_core::http_ext::Protocol;
use tower_edge_core::{
    BoxError, Broken, Classify, Context, CorrelationId, EndBody, EndBy, Ending, Format, Problem,
};

use super::classify::problem_by;
use super::event_stream::{Place, error_event, is_event_stream, may_be_added_to};
use super::format::insert_status;
use super::gate::Chosen;
use super::message_stream::Messages;
use super::panicked::panicked;
use super::render::Renderer;
use super::settings::Settings;

/// How the body of a response that is handed on ends when it breaks off. Only for an event stream, for gRPC-Web and
/// for who wants to know is there something to be kept until then: the format goes with the body.
#[inline]
pub(super) fn ending<F: Format + 'static>(
    chosen: &mut Option<Chosen<F>>,
    head: &Parts,
    settings: &Settings,
) -> Ending {
    let end = match chosen.as_ref().map(|chosen| chosen.protocol) {
        _ if settings.listens() => None,
        Some(Protocol::Grpc) => Some(end_grpc as EndBy),
        Some(Protocol::Http) if !is_event_stream(head.status, &head.headers) => {
            Some(abort as EndBy)
        }
        _ => None,
    };
    match end {
        Some(end) => Ending::By(end, settings.classify),
        None => watched(chosen, head, settings),
    }
}

#[inline(never)]
fn watched<F: Format + 'static>(
    chosen: &mut Option<Chosen<F>>,
    head: &Parts,
    settings: &Settings,
) -> Ending {
    let Some(Chosen {
        correlation_id,
        format,
        protocol,
        ..
    }) = chosen.take()
    else {
        return Ending::Abort;
    };
    Ending::Told(Box::new(Watch {
        correlation_id,
        format,
        protocol,
        settings: *settings,
        stream: Stream::of(protocol, head),
    }))
}

/// Waits for a body to break off: says so, and ends it as well as can be.
struct Watch<F> {
    correlation_id: Option<CorrelationId>,
    format: F,
    protocol: Protocol,
    settings: Settings,
    stream: Stream,
}

/// What is known of the data so far, where its reader can be told of an error by more of it.
enum Stream {
    /// An event can be added.
    Events(Place),
    /// A frame of trailers can be added.
    Messages(Messages),
    /// Nothing can be added.
    Other,
}

impl Stream {
    fn of(protocol: Protocol, head: &Parts) -> Self {
        let headers = &head.headers;
        let stream = match protocol {
            Protocol::Http => {
                is_event_stream(head.status, headers).then_some(Self::Events(Place::BEGIN))
            }
            // A client may accept the one and send the other.
            Protocol::GrpcWeb | Protocol::GrpcWebText => Messages::of(headers).map(Self::Messages),
            _ => None,
        };
        stream
            .filter(|_| may_be_added_to(headers))
            .unwrap_or(Self::Other)
    }
}

impl<F: Format> EndBody for Watch<F> {
    fn see(&mut self, data: &Bytes) {
        match &mut self.stream {
            Stream::Events(place) => place.see(data),
            Stream::Messages(messages) => messages.see(data),
            Stream::Other => {}
        }
    }

    fn end(self: Box<Self>, broken: Broken) -> Result<Frame<Bytes>, BoxError> {
        let mut problem = problem_of(broken, self.settings.classify);
        // An envelope further in has told it already, and did what could be done.
        if problem.is_rendered() {
            return Err(problem.into());
        }
        let renderer = Renderer {
            correlation_id: self.correlation_id.as_ref(),
            format: &self.format,
            ids: None,
            is_head: false,
            protocol: self.protocol,
            settings: &self.settings,
        };
        renderer.tell_unsent(&mut problem, true);
        let context = renderer.context();
        if self.protocol == Protocol::Grpc {
            return Ok(trailers(&problem, Some(&context)));
        }
        let last = match self.stream {
            Stream::Events(place) if place.is_between_events() => {
                error_event(&self.format, &problem, &context)
            }
            Stream::Messages(messages) => messages.end(&problem, &context),
            Stream::Events(_) | Stream::Other => None,
        };
        last.map(Frame::data).ok_or_else(|| aborted(problem))
    }
}

/// Ends a body that is aborted when it breaks off, when nobody wants to know.
fn abort(broken: Broken, classify: Classify) -> Result<Frame<Bytes>, BoxError> {
    Err(aborted(problem_of(broken, classify)))
}

/// Ends a gRPC response when nobody wants to know. No more is told than the status: the details are
/// what a log is searched by.
fn end_grpc(broken: Broken, classify: Classify) -> Result<Frame<Bytes>, BoxError> {
    let problem = problem_of(broken, classify);
    if problem.is_rendered() {
        return Err(problem.into());
    }
    Ok(trailers(&problem, None))
}

/// The problem that a broken body is.
pub(super) fn problem_of(broken: Broken, classify: Classify) -> Problem {
    match broken {
        Broken::Panic(payload) => panicked(payload),
        broken => problem_by(broken.into_error(), classify),
    }
}

/// The error by which a server knows that it has to abort the response.
fn aborted(mut problem: Problem) -> BoxError {
    problem.mark_rendered();
    problem.into()
}

/// A status after messages travels in
/// [trailers](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses).
fn trailers(problem: &Problem, context: Option<&Context<'_>>) -> Frame<Bytes> {
    let mut trailers = HeaderMap::new();
    insert_status(problem, context, &mut trailers);
    Frame::trailers(trailers)
}

#[cfg(test)]
mod tests;
