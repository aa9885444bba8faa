use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::response::Parts;
use tokio::time::{Instant, Sleep};
use tower_edge_core::http_ext::FieldNames;
use tower_edge_core::rate_limit::Never;
use tower_edge_core::{Deadline, Problem};

use super::config::Settings;
use super::terms::Terms;
use super::{Limits, TimeoutBody};
use crate::driver::{Decision, Finish, Gate, InnerResponse, RequestHead, Sealed};

/// The gate of an [`UpstreamTimeoutLayer`](super::UpstreamTimeoutLayer).
#[derive(Clone, Debug)]
pub struct UpstreamTimeout {
    pub(super) limits: Limits,
    /// `None` where only limits are set: then nothing is looked up for a request.
    pub(super) settings: Option<Arc<Settings>>,
}

impl Sealed for UpstreamTimeout {}

impl Gate for UpstreamTimeout {
    type State = Terms;
    type Pending = Never<()>;
    /// Made at the first wait: a response that is ready at once costs no timer.
    type Timer = Option<Sleep>;

    fn add_field_names(&self, names: &mut FieldNames) {
        let fields = self.settings.iter().flat_map(|it| &it.deadline_fields);
        fields.flatten().for_each(|field| names.add(field.name()));
    }

    #[inline(always)]
    fn decide(&self, terms: &mut Terms, request: &mut RequestHead<'_>) -> Decision<Never<()>> {
        match &self.settings {
            None => *terms = Terms::plain(self.limits, request.head().method),
            Some(settings) => match Terms::settled(self.limits, settings, request) {
                Ok(settled) => *terms = settled,
                Err(problem) => return Decision::Reject(problem),
            },
        }
        Decision::Admit
    }

    #[inline(always)]
    fn within<R>(&self, terms: &mut Terms, run: impl FnOnce() -> R) -> Result<R, Problem> {
        Ok(match terms.scope(self.settings.as_deref()) {
            Some(deadline) => run_within(deadline, run),
            None => run(),
        })
    }

    #[inline(never)]
    fn poll_timer(
        &self,
        terms: &mut Terms,
        mut sleep: Pin<&mut Option<Sleep>>,
        cx: &mut Context<'_>,
    ) -> Poll<Problem> {
        // More than once only where limits are observed, when the next one is waited for.
        loop {
            let mut now = None;
            if sleep.is_none() {
                let started = Instant::now();
                let Some(due) = terms.until_head(started) else {
                    return Poll::Pending;
                };
                sleep.set(Some(tokio::time::sleep_until(due.at)));
                now = Some(started);
            }
            let Some(mut timer) = sleep.as_mut().as_pin_mut() else {
                return Poll::Pending;
            };
            let at = timer.deadline();
            // The clock too: an inner future that spends tokio's whole budget would starve the timer.
            if timer.as_mut().poll(cx).is_pending() && now.unwrap_or_else(Instant::now) < at {
                return Poll::Pending;
            }
            sleep.set(None);
            let settings = self.settings.as_deref();
            if let Some(problem) = terms.time_is_up(settings, at, Instant::now()) {
                return Poll::Ready(problem);
            }
        }
    }
}

#[diagnostic::do_not_recommend]
impl<B, E> Finish<B, E> for UpstreamTimeout {
    type Body = TimeoutBody<B>;
    type Error = E;

    #[inline(always)]
    fn finish(
        &self,
        terms: &mut Terms,
        head: &mut Parts,
        inner: InnerResponse<B, E>,
    ) -> InnerResponse<TimeoutBody<B>, E> {
        inner.map(|body| {
            if terms.limits_bodies() {
                terms.limit(self.settings.as_ref(), head, body)
            } else {
                TimeoutBody::unlimited(body)
            }
        })
    }

    fn unready(&self, error: E) -> Result<Problem, E> {
        Err(error)
    }
}

/// Apart, since what is inlined twice is copied once more.
#[inline(never)]
fn run_within<R>(deadline: Deadline, run: impl FnOnce() -> R) -> R {
    deadline.scope(run)
}

#[cfg(test)]
mod tests;
