use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method, Request, Response, StatusCode};
use tokio::time::Instant;
use tower_edge_core::deadline::DeadlineField;
use tower_edge_core::problem::{Facts, Phase};
use tower_edge_core::{Deadline, Head, Kind, Problem};

use super::settings::{Settings, told};
use super::{Limits, TimeoutBody};
use crate::time_limit::{Due, Limit};

/// What holds for one request.
#[derive(Debug)]
pub(super) struct Terms {
    deadline: Option<Deadline>,
    is_connect: bool,
    limits: Limits,
    pub(super) settings: Option<Arc<Settings>>,
    /// When the request came, if a limit counts from there.
    start: Option<Instant>,
}

impl Terms {
    /// These limits and nothing else.
    #[inline]
    pub(super) fn plain(limits: Limits, method: &Method) -> Self {
        let mut terms = Self {
            deadline: None,
            is_connect: false,
            limits,
            settings: None,
            start: None,
        };
        if limits.idle.is_none() && limits.total.is_none() {
            return terms;
        }
        if !limits.total.is_none() {
            terms.is_connect = *method == Method::CONNECT;
            terms.start = Some(Instant::now());
        }
        terms
    }

    /// What the settings make of these limits for the request, which is given its deadline.
    pub(super) fn settled<B>(
        limits: Limits,
        settings: &Arc<Settings>,
        request: &mut Request<B>,
    ) -> Self {
        let own = settings.limits_by.and_then(|by| by(Head::from(&*request)));
        let mut terms = Self::plain(own.unwrap_or(limits), request.method());
        if let Some(fields) = &settings.deadline_fields {
            terms.is_connect = *request.method() == Method::CONNECT;
            let now = *terms.start.get_or_insert_with(Instant::now);
            terms.deadline = deadline(fields, now, request);
            if let Some(deadline) = terms.deadline.filter(|_| !settings.tell.observes) {
                request.extensions_mut().insert(deadline);
            }
        }
        terms.settings = Some(Arc::clone(settings));
        terms
    }

    /// What to answer when the deadline is over before anything is done.
    pub(super) fn missed(&mut self) -> Option<Problem> {
        let start = self.start?;
        let due = self.deadline().filter(|due| due.at <= start)?;
        self.timed_out(due, start)
    }

    /// What to answer when the limit on the head is over that ends at this instant. `None` where it is
    /// only observed, and is forgotten.
    #[cold]
    pub(super) fn time_is_up(&mut self, at: Instant, now: Instant) -> Option<Problem> {
        let ends = |due: Option<Due>| due.filter(|due| due.at == at);
        let due = ends(self.deadline()).or_else(|| ends(self.total()));
        let due = due.unwrap_or(Due {
            at,
            limit: self.limits.head,
            phase: Phase::ResponseHead,
        });
        self.timed_out(due, now)
    }

    #[cold]
    fn timed_out(&mut self, due: Due, now: Instant) -> Option<Problem> {
        let Some(facts) = told(self.settings.as_deref(), due, now) else {
            match due.phase {
                Phase::Deadline => self.deadline = None,
                Phase::Total => self.limits.total = Limit::NONE,
                _ => self.limits.head = Limit::NONE,
            }
            return None;
        };
        Some(Problem::new(Kind::UpstreamTimeout).with_facts(Facts::Timeout(facts)))
    }

    /// The limit that ends the wait for the head.
    #[inline]
    pub(super) fn until_head(&self, now: Instant) -> Option<Due> {
        // From the call where that is known: this is asked again after a limit was only observed.
        let from = self.start.unwrap_or(now);
        let head = Due::after(from, self.limits.head, Phase::ResponseHead);
        if self.start.is_none() {
            return head;
        }
        Due::sooner(Due::sooner(head, self.total()), self.deadline())
    }

    /// The current deadline of the inner service's code, if deadlines matter; one that is only observed
    /// must not be kept by somebody else.
    #[inline]
    pub(super) fn scope(&self) -> Option<Deadline> {
        let observes = |settings: &Arc<Settings>| settings.tell.observes;
        self.deadline
            .filter(|_| !self.settings.as_ref().is_some_and(observes))
    }

    /// Whether something limits the body.
    #[inline]
    pub(super) const fn limits_bodies(&self) -> bool {
        !self.limits.idle.is_none() || self.start.is_some()
    }

    /// The answer, its body under the limits that hold for what it is.
    #[inline(never)]
    pub(super) fn limit<B>(&mut self, response: Response<B>) -> Response<TimeoutBody<B>> {
        let (idle, mut end) = (self.limits.idle, None);
        if self.start.is_some() && !self.is_tunnel(response.status()) {
            let total = self.total();
            let total = total.filter(|_| !self.is_stream(response.status(), response.headers()));
            end = Due::sooner(total, self.deadline());
        }
        let settings = self.settings.take();
        response.map(|body| TimeoutBody::new(body, idle, end, settings))
    }

    /// Whether what follows upon the head is no body but a connection, which is done when it is done
    /// ([RFC 9110, section 9.3.6](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6)).
    fn is_tunnel(&self, status: StatusCode) -> bool {
        status == StatusCode::SWITCHING_PROTOCOLS || self.is_connect && status.is_success()
    }

    fn is_stream(&self, status: StatusCode, headers: &HeaderMap) -> bool {
        let is_stream = self
            .settings
            .as_ref()
            .map_or(Settings::IS_STREAM, |settings| settings.is_stream);
        is_stream(status, headers)
    }

    fn deadline(&self) -> Option<Due> {
        let at = Instant::from_std(self.deadline?.instant());
        Some(Due {
            at,
            limit: Limit::new(at.saturating_duration_since(self.start?)),
            phase: Phase::Deadline,
        })
    }

    fn total(&self) -> Option<Due> {
        Due::after(self.start?, self.limits.total, Phase::Total)
    }
}

/// The earliest of what the caller says, what somebody further out has said, and what holds for the task.
fn deadline<B>(fields: &[DeadlineField], now: Instant, request: &Request<B>) -> Option<Deadline> {
    let told = |field: &DeadlineField| field.read(request.headers());
    let time: Option<Duration> = fields.iter().filter_map(told).min();
    let told = time.and_then(|time| Deadline::after(now.into_std(), time));
    let given = request.extensions().get().copied();
    [told, given, Deadline::current()]
        .into_iter()
        .flatten()
        .min()
}

#[cfg(test)]
mod tests;
