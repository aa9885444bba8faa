use std::sync::Arc;
use std::time::Duration;

use http::response::Parts;
use http::{Method, StatusCode};
use tokio::time::Instant;
use tower_edge_core::deadline::TimeoutHeader;
use tower_edge_core::problem::Phase;
use tower_edge_core::{Deadline, Head, Problem};

use super::config::{Settings, timed_out};
use super::{Due, Limit};
use super::{Limits, TimeoutBody};
use crate::driver::RequestHead;

/// What holds for one request. The settings stay with the gate.
#[derive(Debug, Default)]
#[expect(unnameable_types, reason = "only the driver holds it")]
pub struct Terms {
    /// The time from the start to when the caller stops waiting.
    deadline: Limit,
    is_connect: bool,
    limits: Limits,
    /// When the request came, if a limit counts from there.
    start: Option<Instant>,
}

impl Terms {
    /// These limits and nothing else.
    #[inline(always)]
    pub(super) fn plain(limits: Limits, method: &Method) -> Self {
        let has_total = !limits.total.is_none();
        Self {
            deadline: Limit::NONE,
            is_connect: has_total && *method == Method::CONNECT,
            limits,
            start: has_total.then(Instant::now),
        }
    }

    /// What the settings make of these limits for the request, which is given its deadline.
    ///
    /// # Errors
    ///
    /// If the deadline is over before anything is done.
    #[inline(never)]
    pub(super) fn settled(
        limits: Limits,
        settings: &Settings,
        request: &mut RequestHead<'_>,
    ) -> Result<Self, Problem> {
        let head = request.head();
        let own = settings.limits_by.and_then(|by| by(head));
        let mut terms = Self::plain(own.unwrap_or(limits), head.method);
        let Some(fields) = &settings.deadline_fields else {
            return Ok(terms);
        };
        terms.is_connect = *head.method == Method::CONNECT;
        let start = *terms.start.get_or_insert_with(Instant::now);
        let Some(deadline) = deadline(fields, start, head) else {
            return Ok(terms);
        };
        let left = deadline.remaining(start.into_std());
        if left.is_zero() {
            let due = Due {
                at: Instant::from_std(deadline.instant()),
                limit: Limit::new(left),
                phase: Phase::Deadline,
            };
            return timed_out(Some(settings), due, start).map_or(Ok(terms), Err);
        }
        terms.deadline = Limit::new(left);
        if !settings.tell.observes {
            request.extensions.insert(deadline);
        }
        Ok(terms)
    }

    /// What to answer when the limit on the head is over that ends at this instant. `None` where it is
    /// only observed, and is forgotten.
    #[cold]
    pub(super) fn time_is_up(
        &mut self,
        settings: Option<&Settings>,
        at: Instant,
        now: Instant,
    ) -> Option<Problem> {
        let ends = |due: Option<Due>| due.filter(|due| due.at == at);
        let due = ends(self.deadline()).or_else(|| ends(self.total()));
        let due = due.unwrap_or(Due {
            at,
            limit: self.limits.head,
            phase: Phase::ResponseHead,
        });
        let problem = timed_out(settings, due, now);
        if problem.is_none() {
            match due.phase {
                Phase::Deadline => self.deadline = Limit::NONE,
                Phase::Total => self.limits.total = Limit::NONE,
                _ => self.limits.head = Limit::NONE,
            }
        }
        problem
    }

    /// The limit that ends the wait for the head.
    #[inline]
    pub(super) fn until_head(&self, now: Instant) -> Option<Due> {
        // From the call where that is known: this is asked again after a limit was only observed.
        let from = self.start.unwrap_or(now);
        let head = Due::after(from, self.limits.head, Phase::ResponseHead);
        Due::sooner(Due::sooner(head, self.total()), self.deadline())
    }

    /// The current deadline of the inner service's code, if deadlines matter; one that is only observed
    /// must not be kept by somebody else.
    #[inline(always)]
    pub(super) fn scope(&self, settings: Option<&Settings>) -> Option<Deadline> {
        let due = self.deadline()?;
        let observes = settings.is_some_and(|settings| settings.tell.observes);
        (!observes).then(|| Deadline::at(due.at.into_std()))
    }

    /// Whether something limits the body.
    #[inline(always)]
    pub(super) const fn limits_bodies(&self) -> bool {
        !self.limits.idle.is_none() || self.start.is_some()
    }

    /// The body of a response under the limits that hold for what it is.
    #[inline(never)]
    pub(super) fn limit<B>(
        &self,
        settings: Option<&Arc<Settings>>,
        head: &Parts,
        body: B,
    ) -> TimeoutBody<B> {
        let mut end = None;
        if self.start.is_some() && !self.is_tunnel(head.status) {
            let is_stream = settings.map_or(Settings::IS_STREAM, |settings| settings.is_stream);
            let total = self.total();
            let total = total.filter(|_| !is_stream(head.status, &head.headers));
            end = Due::sooner(total, self.deadline());
        }
        TimeoutBody::new(body, self.limits.idle, end, settings.cloned())
    }

    /// Whether what follows upon the head is no body but a connection, which is done when it is done
    /// ([RFC 9110, section 9.3.6](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6)).
    fn is_tunnel(&self, status: StatusCode) -> bool {
        status == StatusCode::SWITCHING_PROTOCOLS || self.is_connect && status.is_success()
    }

    #[inline(always)]
    fn deadline(&self) -> Option<Due> {
        Due::after(self.start?, self.deadline, Phase::Deadline)
    }

    fn total(&self) -> Option<Due> {
        Due::after(self.start?, self.limits.total, Phase::Total)
    }
}

/// The earliest of what the caller says, what somebody further out has said, and what holds for the task.
fn deadline(fields: &[TimeoutHeader], now: Instant, head: Head<'_>) -> Option<Deadline> {
    let told = |field: &TimeoutHeader| field.parse(head.field(field.name()).one()?.as_bytes());
    let time: Option<Duration> = fields.iter().filter_map(told).min();
    let told = time.and_then(|time| Deadline::after(now.into_std(), time));
    let given = head.extensions.get().copied();
    [told, given, Deadline::current()]
        .into_iter()
        .flatten()
        .min()
}

#[cfg(test)]
mod tests;
