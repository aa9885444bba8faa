use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::response::Parts;
use tokio::time::{Instant, Sleep};
use tower_edge_core::http_ext::FieldNames;
use tower_edge_core::problem::Facts;
use tower_edge_core::rate_limit::Never;
use tower_edge_core::{Deadline, Problem};

use super::config::Settings;
use super::expiry::TimeoutObserver;
use super::request::RequestTimeouts;
use super::{TimeoutBody, Timeouts};
use crate::driver::{Decision, Finish, Gate, InnerResponse, RequestHead, Sealed};
use crate::grpc_rejection;
use crate::telemetry::count::status_class;
use crate::telemetry::timeout::MEASURES;

/// The gate of an [`UpstreamTimeoutLayer`](super::UpstreamTimeoutLayer).
#[derive(Clone, Debug)]
pub struct UpstreamTimeout {
    /// `None` where only limits are set: then no field of a request is read.
    pub(super) settings: Option<Arc<Settings>>,
    pub(super) timeouts: Timeouts,
}

impl Sealed for UpstreamTimeout {}

impl Gate for UpstreamTimeout {
    type State = RequestTimeouts;
    type Pending = Never<()>;
    /// Made at the first wait: a response that is ready at once costs no timer.
    type Timer = Option<Sleep>;

    fn add_field_names(&self, names: &mut FieldNames) {
        let settings = self.settings.iter();
        for header in settings.flat_map(|it| &it.deadline_headers).flatten() {
            names.add(header.name());
        }
    }

    #[inline(always)]
    fn decide(
        &self,
        state: &mut RequestTimeouts,
        request: &mut RequestHead<'_>,
    ) -> Decision<Never<()>> {
        match &self.settings {
            None => {
                *state = RequestTimeouts::new(self.timeouts, request.head());
                state.set_deadline(None, request.head());
            }
            Some(settings) => {
                if let Err(problem) = state.resolve(self.timeouts, settings, request) {
                    return Decision::Reject(problem);
                }
            }
        }
        Decision::Admit
    }

    #[inline(always)]
    fn within<R>(
        &self,
        state: &mut RequestTimeouts,
        run: impl FnOnce() -> R,
    ) -> Result<R, Problem> {
        Ok(match state.current_deadline() {
            Some(deadline) => run_within(deadline, run),
            None => run(),
        })
    }

    #[inline(never)]
    fn poll_timer(
        &self,
        state: &mut RequestTimeouts,
        mut sleep: Pin<&mut Option<Sleep>>,
        cx: &mut Context<'_>,
    ) -> Poll<Problem> {
        if sleep.is_none() {
            let now = Instant::now();
            state.begin(now);
            let Some(end) = state.end() else {
                return Poll::Pending;
            };
            sleep.set(Some(tokio::time::sleep_until(end.at)));
            // Nearly all wait from here on: the clock is not read again for them.
            let timer = sleep.as_mut().as_pin_mut();
            if now < end.at && timer.is_some_and(|timer| timer.poll(cx).is_pending()) {
                return Poll::Pending;
            }
        }
        let Some(sleep) = sleep.as_pin_mut() else {
            return Poll::Pending;
        };
        state.poll_expired(self.settings.as_deref(), None, sleep, cx)
    }
}

#[diagnostic::do_not_recommend]
impl<B, E> Finish<B, E> for UpstreamTimeout {
    type Body = TimeoutBody<B>;
    type Error = E;

    #[inline(always)]
    fn finish(
        &self,
        state: &mut RequestTimeouts,
        head: &mut Parts,
        inner: InnerResponse<B, E>,
    ) -> InnerResponse<TimeoutBody<B>, E> {
        // A client of gRPC reads our timeout from `grpc-status`. An envelope writes the same.
        if let InnerResponse::Problem(problem) = &inner
            && state.is_grpc
            && matches!(problem.facts(), Some(Facts::Timeout(_)))
        {
            grpc_rejection::write_status(problem, head);
        }
        if MEASURES && let Some(settings) = &self.settings {
            measure(&settings.observer, state, head, &inner);
        }
        inner.map(|body| state.limit(self.settings.as_ref(), head, body))
    }

    fn unready(&self, error: E) -> Result<Problem, E> {
        Err(error)
    }
}

/// Measures a named upstream.
#[inline(never)]
fn measure<B, E>(
    observer: &TimeoutObserver,
    state: &RequestTimeouts,
    head: &Parts,
    inner: &InnerResponse<B, E>,
) {
    let Some(upstream) = observer.upstream else {
        return;
    };
    let status = match inner {
        InnerResponse::Body(_) => status_class(head.status),
        InnerResponse::Error(_) => "error",
        InnerResponse::Problem(problem) => match problem.facts() {
            Some(Facts::Timeout(_)) => "timeout",
            _ => return,
        },
    };
    let (operation, counts) = (observer.operation, &observer.counts);
    counts.record_time(upstream, operation, status, state.waited());
}

/// Apart, since what is inlined twice is copied once more.
#[inline(never)]
fn run_within<R>(deadline: Deadline, run: impl FnOnce() -> R) -> R {
    deadline.scope(run)
}

#[cfg(test)]
mod tests;
