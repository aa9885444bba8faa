use std::convert::Infallible;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::response::Parts;
use http::{HeaderMap, Method};
use http_body::Body;
use tower_edge_core::http_ext::{FieldNames, Protocol, SingleHeader};
use tower_edge_core::rate_limit::Never;
use tower_edge_core::{BoxError, Head, Problem, ResponseBody, contain_panic};

use super::bare::{is_text, text_of};
use super::body::error_handler;
use super::classify::panicked;
use super::config::{Config, RequestInfo, Selection, Wanted, Wants};
use super::event::emit_unsent;
use super::render::{Headers, render};
use super::rewrite::Rewrite;
use crate::driver::{Decision, Finish, Gate, InnerResponse, RequestHead, Sealed};
use crate::telemetry;

/// Writes every error of a service in one format. See the [module docs](super) for an example.
///
/// [`finish`](Finish::finish) calls `rewrite`, which decides whether a response is an error to be written. `render`
/// then writes it. Other responses keep their body, and `body` handles its error.
#[derive(Clone, Debug)]
pub struct Envelope {
    pub(super) config: Arc<Config>,
}

/// The data that the envelope keeps for a request. `None` until its format is selected.
#[expect(unnameable_types, reason = "only the driver holds it")]
#[derive(Debug, Default)]
pub struct EnvelopeState(Option<RequestInfo>);

impl Envelope {
    /// Writes the problem, or the one in the extensions of the head.
    #[cold]
    #[inline(never)]
    fn write<B>(
        &self,
        request: &RequestInfo,
        head: &mut Parts,
        problem: Option<Problem>,
        headers: Headers,
    ) -> ResponseBody<B> {
        // Taken out as a whole, so that a problem in the extensions stays in its box.
        let mut extensions = mem::take(&mut head.extensions);
        let mut own = problem;
        let problem = own.as_mut().or_else(|| extensions.get_mut());
        let body = problem.map(|problem| render(problem, head, headers, request, &self.config));
        if let Some(problem) = own {
            extensions.insert(problem);
        }
        head.extensions = extensions;
        body.map_or_else(ResponseBody::empty, ResponseBody::full)
    }

    #[cold]
    fn problem_of(&self, error: impl Into<BoxError>) -> Problem {
        self.config.problem_of(error.into())
    }

    /// The text of a body that is replaced, if it is kept for the client or the log. The body may panic when it is polled
    /// or dropped.
    #[cold]
    fn text_of(
        &self,
        rewrite: Rewrite,
        head: &Parts,
        body: impl Body<Data = Bytes>,
    ) -> Option<String> {
        let mut text = None;
        contain_panic(|| {
            if !matches!(rewrite, Rewrite::Bare) || body.is_end_stream() {
                return;
            }
            let is_for_log = head.status.is_server_error();
            let is_kept = match is_for_log {
                true => self.config.emits(),
                false => self.config.keeps_text,
            };
            if is_kept && is_text(&head.headers) {
                text = text_of(body);
            }
            if is_for_log || text.is_none() {
                telemetry::envelope::record_replaced_text(head.status);
            }
        });
        text
    }
}

impl Sealed for Envelope {}

impl Gate for Envelope {
    type State = EnvelopeState;
    type Pending = Never<()>;
    type Timer = ();

    const HANDLES_FAILURES: bool = true;

    fn add_field_names(&self, names: &mut FieldNames) {
        names.add(&CONTENT_TYPE);
    }

    #[inline(always)]
    fn decide(
        &self,
        state: &mut EnvelopeState,
        request: &mut RequestHead<'_>,
    ) -> Decision<Never<()>> {
        if request.correlation_id.is_none() {
            request.correlation_id = request.extensions.get().cloned();
        }
        let correlation_id = request.correlation_id.take();
        let head = request.head();
        let selector = self.config.selector.as_ref();
        let selected = selector.map(|selector| selector.select(head));
        let wants = match &selected {
            Some(selected) => Wants::of(selected.format()),
            None => self.config.wants,
        };
        let protocol = protocol_of(head);
        let route = self.config.route_of(head);
        state.0 = Some(RequestInfo {
            correlation_id,
            is_head: head.method == Method::HEAD,
            protocol,
            selection: Selection(selected),
            wanted: if wants.nothing() && route.is_none() {
                None
            } else {
                Some(Wanted::of(head, wants, protocol, route))
            },
        });
        Decision::Admit
    }

    #[inline(always)]
    fn within<R>(&self, _: &mut EnvelopeState, run: impl FnOnce() -> R) -> Result<R, Problem> {
        self.within_ready(run)
    }

    #[inline(always)]
    fn within_ready<R>(&self, run: impl FnOnce() -> R) -> Result<R, Problem> {
        catch_unwind(AssertUnwindSafe(run)).map_err(panicked)
    }

    #[inline(always)]
    fn waits_to_finish(&self, state: &EnvelopeState) -> bool {
        matches!(&state.0, Some(RequestInfo { wanted: Some(wanted), .. }) if wanted.ids.are_wanted())
    }

    /// Waits for the rest of the request's body, if the response repeats its ids.
    fn poll_before_finish(
        &self,
        state: &mut EnvelopeState,
        _: Pin<&mut ()>,
        head: &Parts,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Problem>> {
        if let Some(request) = &state.0
            && let Some(wanted) = &request.wanted
            && Rewrite::of(head, request.protocol, self.config.upstream_errors).is_some()
        {
            ready!(wanted.ids.poll_read(cx));
        }
        Poll::Ready(Ok(()))
    }

    fn report_late_panic(
        &self,
        state: &mut EnvelopeState,
        mut problem: Problem,
    ) -> Option<Problem> {
        let Some(request) = &state.0 else {
            return Some(problem);
        };
        emit_unsent(&mut problem, false, request, &self.config);
        None
    }
}

#[diagnostic::do_not_recommend]
impl<B, E> Finish<B, E> for Envelope
where
    B: Body<Data = Bytes>,
    E: Into<BoxError>,
{
    type Body = ResponseBody<B>;
    type Error = Infallible;

    #[inline(always)]
    fn finish(
        &self,
        state: &mut EnvelopeState,
        head: &mut Parts,
        inner: InnerResponse<B, E>,
    ) -> InnerResponse<ResponseBody<B>, Infallible> {
        let Some(request) = &state.0 else {
            // The driver finishes only requests that were decided.
            return match inner {
                InnerResponse::Body(body) => InnerResponse::Body(ResponseBody::inner(body)),
                InnerResponse::Problem(problem) => InnerResponse::Problem(problem),
                InnerResponse::Error(error) => InnerResponse::Problem(self.problem_of(error)),
            };
        };
        InnerResponse::Body(match inner {
            InnerResponse::Body(body) => {
                let policy = self.config.upstream_errors;
                let Some(rewrite) = Rewrite::of(head, request.protocol, policy) else {
                    let on_error = error_handler(&mut state.0, head, &self.config);
                    return InnerResponse::Body(ResponseBody::inner_with_handler(body, on_error));
                };
                let text = self.text_of(rewrite, head, body);
                let problem = rewrite.strip(head).map(|problem| match text {
                    Some(text) if problem.status().is_server_error() => problem.with_source(text),
                    Some(text) => problem.with_message(text),
                    None => problem,
                });
                self.write(request, head, problem, Headers::Foreign)
            }
            InnerResponse::Problem(problem) => {
                self.write(request, head, Some(problem), Headers::Own)
            }
            InnerResponse::Error(error) => {
                let problem = self.problem_of(error);
                head.status = problem.status();
                self.write(request, head, Some(problem), Headers::Own)
            }
        })
    }

    fn unready(&self, error: E) -> Result<Problem, Infallible> {
        Ok(self.problem_of(error))
    }
}

/// The protocol of a response, by the request field that the driver found for all gates.
#[inline(always)]
fn protocol_of(head: Head<'_>) -> Protocol {
    let protocol = match head.field(&CONTENT_TYPE) {
        SingleHeader::Missing => return Protocol::Http,
        SingleHeader::One(value) => Protocol::from_content_type(value.as_bytes()),
        SingleHeader::Many => Protocol::from_headers(head.headers),
    };
    match protocol {
        Protocol::GrpcWeb | Protocol::GrpcWebText => accepted(head.headers).unwrap_or(protocol),
        protocol => protocol,
    }
}

/// Which encoding of gRPC-Web a client accepts. It may differ from the one it sends
/// ([PROTOCOL-WEB](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md#protocol-differences-vs-grpc-over-http2)).
fn accepted(headers: &HeaderMap) -> Option<Protocol> {
    let values = headers.get_all(ACCEPT).iter();
    values
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(Protocol::from_content_type)
        .find(|protocol| matches!(protocol, Protocol::GrpcWeb | Protocol::GrpcWebText))
}

#[cfg(test)]
mod tests;
