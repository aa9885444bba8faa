use bytes::Bytes;
use http::HeaderMap;
use http_body::Frame;
use tower_edge_core::http_ext::Protocol;
use tower_edge_core::{BoxError, Broken, Classify, Context, EndBody, Format, Problem};

use super::classify::problem_by;
use super::event_stream::{Place, error_event};
use super::format::insert_status;
use super::message_stream::Messages;
use super::render::Renderer;
use super::service::panicked;

/// Waits for a body to break off: says so, and ends it as well as can be.
pub(super) struct Watch<F> {
    renderer: Renderer<F>,
    stream: Stream,
}

/// What is known of the data so far, where its reader can be told of an error by more of it.
pub(super) enum Stream {
    /// An event can be added.
    Events(Place),
    /// A frame of trailers can be added.
    Messages(Messages),
    /// Nothing can be added.
    Other,
}

impl<F> Watch<F> {
    pub(super) const fn new(renderer: Renderer<F>, stream: Stream) -> Self {
        Self { renderer, stream }
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
        let mut problem = problem_of(broken, self.renderer.settings.classify);
        // An envelope further in has told it already, and did what could be done.
        if problem.is_rendered() {
            return Err(problem.into());
        }
        self.renderer.tell_unsent(&mut problem, true);
        let context = self.renderer.context(None);
        if self.renderer.protocol == Protocol::Grpc {
            return Ok(trailers(&problem, Some(&context)));
        }
        let last = match self.stream {
            Stream::Events(place) if place.is_between_events() => {
                error_event(&self.renderer.format, &problem, &context)
            }
            Stream::Messages(messages) => messages.end(&problem, &context),
            Stream::Events(_) | Stream::Other => None,
        };
        last.map(Frame::data).ok_or_else(|| aborted(problem))
    }
}

/// Ends a body that is aborted when it breaks off, when nobody wants to know.
pub(super) fn abort(broken: Broken, classify: Classify) -> Result<Frame<Bytes>, BoxError> {
    Err(aborted(problem_of(broken, classify)))
}

/// Ends a gRPC response when nobody wants to know. No more is told than the status: the details are
/// what a log is searched by.
pub(super) fn end_grpc(broken: Broken, classify: Classify) -> Result<Frame<Bytes>, BoxError> {
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
