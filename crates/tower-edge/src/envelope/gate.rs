use std::convert::Infallible;
use std::mem::{self, needs_drop};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Method;
use http::header::CONTENT_TYPE;
use http::response::Parts;
use tower_edge_core::http_ext::{FieldNames, Protocol, SingleHeader};
use tower_edge_core::rate_limit::Never;
use tower_edge_core::{
    BoxError, CorrelationId, Format, Head, PendingRefusal, Problem, ResponseBody, contain_panic,
};

use super::Choose;
use super::classify::problem_by;
use super::json_rpc_id::RequestIds;
use super::panicked::panicked;
use super::render::{Headers, Renderer};
use super::rewrite::Rewrite;
use super::settings::Settings;
use super::watch::ending;
use crate::driver::{Decision, Finish, Gate, InnerResponse, RequestHead, Sealed};

/// Writes every error of a service in one format; see the [module docs](super) for an example.
///
/// The way of a response: [`finish`](Finish::finish) asks `rewrite` whether it is an error to be written, and then
/// `render` writes it. Other responses keep their body, and `watch` ends it if it fails.
#[derive(Clone, Debug)]
pub struct Envelope<C> {
    pub(super) choose: C,
    pub(super) settings: Settings,
}

/// What the envelope remembers of a request; nothing before its format is chosen.
#[expect(unnameable_types, reason = "only the driver holds it")]
#[derive(Debug)]
pub struct EnvelopeState<F>(Option<Chosen<F>>);

/// What has to be known of a request to write its response.
#[derive(Debug)]
pub(super) struct Chosen<F> {
    pub(super) correlation_id: Option<CorrelationId>,
    pub(super) format: F,
    is_head: bool,
    /// The ids of a JSON-RPC request, if the format needs them.
    ids: RequestIds,
    pub(super) protocol: Protocol,
}

impl<C: Choose> Envelope<C> {
    fn renderer<'a>(&'a self, chosen: &'a Chosen<C::Format>) -> Renderer<'a, C::Format> {
        Renderer {
            correlation_id: chosen.correlation_id.as_ref(),
            format: &chosen.format,
            ids: None,
            is_head: chosen.is_head,
            protocol: chosen.protocol,
            settings: &self.settings,
        }
    }

    /// Writes the problem, or that in the extensions of the head.
    #[cold]
    #[inline(never)]
    fn write<B>(
        &self,
        chosen: &Chosen<C::Format>,
        head: &mut Parts,
        problem: Option<Problem>,
        headers: Headers,
    ) -> ResponseBody<B> {
        let ids = chosen.ids.ids();
        let mut renderer = self.renderer(chosen);
        renderer.ids = ids.as_ref();
        // Taken out as a whole, so that a problem in them stays in the box where it is.
        let mut extensions = mem::take(&mut head.extensions);
        let body = match problem {
            Some(mut problem) => {
                let body = renderer.render(&mut problem, head, headers);
                extensions.insert(problem);
                body
            }
            None => match extensions.get_mut() {
                Some(problem) => renderer.render(problem, head, headers),
                None => ResponseBody::empty(),
            },
        };
        head.extensions = extensions;
        body
    }

    #[cold]
    fn classify(&self, error: impl Into<BoxError>) -> Problem {
        problem_by(error.into(), self.settings.classify)
    }

    /// Why a request without an id is rejected: a layer further out has left that to an envelope.
    #[cold]
    fn refusal(request: &mut RequestHead<'_>) -> Option<Problem> {
        let refusal = request.extensions.get::<PendingRefusal>()?;
        request.correlation_id = Some(refusal.correlation_id().clone());
        refusal.take()
    }
}

impl<C> Sealed for Envelope<C> {}

impl<C: Choose> Gate for Envelope<C> {
    type State = EnvelopeState<C::Format>;
    type Pending = Never<()>;
    type Timer = ();

    const HANDLES_FAILURES: bool = true;

    fn add_field_names(&self, names: &mut FieldNames) {
        names.add(&CONTENT_TYPE);
    }

    #[inline(always)]
    fn decide(
        &self,
        state: &mut Self::State,
        request: &mut RequestHead<'_>,
    ) -> Decision<Never<()>> {
        if request.correlation_id.is_none() {
            request.correlation_id = request.extensions.get().cloned();
        }
        // It stands in the place of the id: a request that has one costs no second look.
        let refusal = match request.correlation_id {
            Some(_) => None,
            None => Self::refusal(request),
        };
        let correlation_id = request.correlation_id.take();
        let head = request.head();
        let (format, protocol) = (self.choose.choose(head), protocol_of(head));
        let ids = if protocol == Protocol::Http && format.wants_json_rpc_ids() {
            RequestIds::take(head.extensions)
        } else {
            RequestIds::default()
        };
        state.0 = Some(Chosen {
            correlation_id,
            format,
            is_head: head.method == Method::HEAD,
            ids,
            protocol,
        });
        refusal.map_or(Decision::Admit, Decision::Reject)
    }

    #[inline(always)]
    fn within<R>(&self, _: &mut Self::State, run: impl FnOnce() -> R) -> Result<R, Problem> {
        catch_unwind(AssertUnwindSafe(run)).map_err(panicked)
    }

    #[inline(always)]
    fn within_ready<R>(&self, run: impl FnOnce() -> R) -> Result<R, Problem> {
        catch_unwind(AssertUnwindSafe(run)).map_err(panicked)
    }

    #[inline(always)]
    fn waits_to_finish(&self, state: &Self::State) -> bool {
        matches!(&state.0, Some(chosen) if chosen.ids.are_wanted())
    }

    /// Waits for the rest of the request's body, where the response repeats its ids.
    fn poll_before_finish(
        &self,
        state: &mut Self::State,
        _: Pin<&mut ()>,
        head: &Parts,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Problem>> {
        if let Some(chosen) = &state.0
            && Rewrite::of(head, chosen.protocol, &self.settings).is_some()
        {
            ready!(chosen.ids.poll_read(cx));
        }
        Poll::Ready(Ok(()))
    }

    fn report_late_panic(&self, state: &mut Self::State, mut problem: Problem) -> Option<Problem> {
        match &state.0 {
            Some(chosen) => {
                let renderer = self.renderer(chosen);
                renderer.tell_unsent(&mut problem, false);
                None
            }
            None => Some(problem),
        }
    }
}

impl<C, B, E> Finish<B, E> for Envelope<C>
where
    C: Choose,
    E: Into<BoxError>,
{
    type Body = ResponseBody<B>;
    type Error = Infallible;

    #[inline(always)]
    fn finish(
        &self,
        state: &mut Self::State,
        head: &mut Parts,
        inner: InnerResponse<B, E>,
    ) -> InnerResponse<ResponseBody<B>, Infallible> {
        let Some(chosen) = &state.0 else {
            // The driver does not finish what was not decided.
            return match inner {
                InnerResponse::Body(body) => InnerResponse::Body(ResponseBody::inner(body)),
                InnerResponse::Problem(problem) => InnerResponse::Problem(problem),
                InnerResponse::Error(error) => InnerResponse::Problem(self.classify(error)),
            };
        };
        InnerResponse::Body(match inner {
            InnerResponse::Body(body) => {
                let Some(rewrite) = Rewrite::of(head, chosen.protocol, &self.settings) else {
                    let ending = ending(&mut state.0, head, &self.settings);
                    return InnerResponse::Body(ResponseBody::inner_ending(body, ending));
                };
                // It may panic as it is dropped, and is of no interest any more.
                contain_panic(|| drop(body));
                let problem = rewrite.strip(head);
                self.write(chosen, head, problem, Headers::Foreign)
            }
            InnerResponse::Problem(problem) => {
                self.write(chosen, head, Some(problem), Headers::Own)
            }
            InnerResponse::Error(error) => {
                let problem = self.classify(error);
                head.status = problem.status();
                self.write(chosen, head, Some(problem), Headers::Own)
            }
        })
    }

    fn unready(&self, error: E) -> Result<Problem, Infallible> {
        Ok(self.classify(error))
    }
}

/// The protocol of a request, by the field that was found for all gates.
#[inline(always)]
fn protocol_of(head: Head<'_>) -> Protocol {
    match head.field(&CONTENT_TYPE) {
        SingleHeader::Missing => Protocol::Http,
        SingleHeader::One(value) => Protocol::from_content_type(value.as_bytes()),
        SingleHeader::Many => Protocol::from_headers(head.headers),
    }
}

impl<F> Default for EnvelopeState<F> {
    fn default() -> Self {
        Self(None)
    }
}

impl<F> Drop for EnvelopeState<F> {
    // A format may panic as it is dropped.
    fn drop(&mut self) {
        if needs_drop::<F>() {
            contain_panic(|| drop(self.0.take()));
        }
    }
}

#[cfg(test)]
mod tests;
