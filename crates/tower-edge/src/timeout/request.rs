use std::sync::Arc;
use std::time::Duration;

use http::response::Parts;
use http::{Method, StatusCode};
use tokio::time::Instant;
use tower_edge_core::deadline::TimeoutHeader;
use tower_edge_core::problem::{Facts, Phase};
use tower_edge_core::{Deadline, Head, Kind, Problem};

use super::body::{BodyTimeouts, Owner};
use super::config::{Settings, is_stream};
use super::expiry::{Expiry, Limit, TimeoutObserver};
use super::{TimeoutBody, Timeouts};
use crate::driver::RequestHead;
use crate::propagation::SENDS_DEADLINES;
use crate::rejection::is_grpc;

/// The limits of one request. The settings stay with the gate.
#[derive(Debug, Default)]
#[expect(unnameable_types, reason = "only the driver holds it")]
pub struct RequestTimeouts {
    /// The time from the start to when the caller stops waiting.
    deadline: Limit,
    enforced: bool,
    /// Whether the limits are the current deadline of what is inside.
    is_deadline: bool,
    is_connect: bool,
    pub(super) is_grpc: bool,
    /// When the first wait began, or the request came if that had to be known.
    start: Option<Instant>,
    timeouts: Timeouts,
}

impl RequestTimeouts {
    /// These limits and nothing else.
    #[inline(always)]
    pub(super) fn new(timeouts: Timeouts, head: Head<'_>) -> Self {
        let is_deadline = SENDS_DEADLINES && timeouts != Timeouts::new();
        Self {
            deadline: Limit::NONE,
            enforced: true,
            is_deadline,
            is_connect: *head.method == Method::CONNECT,
            is_grpc: is_grpc(head.method, head.headers),
            start: is_deadline.then(Instant::now),
            timeouts,
        }
    }

    /// What the settings make of these limits for the request, which is given its deadline.
    ///
    /// # Errors
    ///
    /// If the deadline expired before the call.
    #[inline(never)]
    pub(super) fn resolve(
        &mut self,
        timeouts: Timeouts,
        settings: &Settings,
        request: &mut RequestHead<'_>,
    ) -> Result<(), Problem> {
        let head = request.head();
        let own = settings.timeouts_by.as_ref().and_then(|by| by(head));
        *self = Self::new(own.unwrap_or(timeouts), head);
        self.enforced = settings.observer.enforces();
        self.is_deadline &= self.enforced;
        let Some(headers) = &settings.deadline_headers else {
            return Ok(());
        };
        let start = *self.start.get_or_insert_with(Instant::now);
        self.is_deadline = self.enforced;
        let Some(deadline) = deadline(headers, start, head) else {
            return Ok(());
        };
        let left = deadline.remaining(start.into_std());
        self.deadline = Limit::new(left);
        if left.is_zero() {
            return self.expired_before_call(settings, deadline, start);
        }
        if self.enforced {
            request.extensions.insert(deadline);
        }
        Ok(())
    }

    #[cold]
    fn expired_before_call(
        &mut self,
        settings: &Settings,
        deadline: Deadline,
        now: Instant,
    ) -> Result<(), Problem> {
        let expiry = Expiry {
            at: Instant::from_std(deadline.instant()),
            limit: Duration::ZERO,
            phase: Phase::Deadline,
        };
        self.expire(Some(settings), expiry, now).map_or(Ok(()), Err)
    }

    /// The limit that ends the wait for the head, which begins now if it has not before.
    pub(super) fn until_head(&mut self, now: Option<Instant>) -> Option<Expiry> {
        self.start = self.start.or(now);
        self.expiry()
    }

    #[inline]
    fn expiry(&self) -> Option<Expiry> {
        let start = self.start?;
        let Timeouts { head, total, .. } = self.timeouts;
        let head = Expiry::after(start, head, Phase::ResponseHead);
        let total = Expiry::after(start, total, Phase::Total);
        let deadline = Expiry::after(start, self.deadline, Phase::Deadline);
        Expiry::earliest(Expiry::earliest(head, total), deadline)
    }

    /// Reports that a limit on the head expired, and returns the problem for the client. `None` in a dry run: the
    /// limit is then removed.
    #[cold]
    pub(super) fn expire(
        &mut self,
        settings: Option<&Settings>,
        expiry: Expiry,
        now: Instant,
    ) -> Option<Problem> {
        match expiry.phase {
            Phase::Deadline => self.deadline = Limit::NONE,
            Phase::Total => self.timeouts.total = Limit::NONE,
            _ => self.timeouts.head = Limit::NONE,
        }
        timed_out(settings, expiry, now, self.enforced)
    }

    /// The current deadline of the inner service's code: what ends the wait for the head.
    #[inline(always)]
    pub(super) fn current_deadline(&self) -> Option<Deadline> {
        if !self.is_deadline {
            return None;
        }
        Some(Deadline::at(self.expiry()?.at.into_std()))
    }

    /// The body of a response under the limits that hold for what it is.
    #[inline(always)]
    pub(super) fn limit<B>(
        &self,
        settings: Option<&Arc<Settings>>,
        head: &Parts,
        body: B,
    ) -> TimeoutBody<B> {
        let Timeouts { idle, total, .. } = self.timeouts;
        if idle.is_none() && total.is_none() && self.deadline.is_none() {
            return TimeoutBody::unlimited(body);
        }
        let (mut total, mut deadline) = (total, self.deadline);
        if self.is_tunnel(head.status) {
            (total, deadline) = (Limit::NONE, Limit::NONE);
        }
        if !total.is_none() && is_stream_by(settings, head) {
            total = Limit::NONE;
        }
        let timeouts = BodyTimeouts {
            deadline,
            idle,
            owner: Owner::Response {
                enforced: self.enforced,
                settings: settings.cloned(),
            },
            start: self.start,
            timer: None,
            total,
        };
        TimeoutBody::new(body, timeouts)
    }

    /// Whether what follows upon the head is no body but a connection, which is done when it is done
    /// ([RFC 9110, section 9.3.6](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6)).
    fn is_tunnel(&self, status: StatusCode) -> bool {
        status == StatusCode::SWITCHING_PROTOCOLS || self.is_connect && status.is_success()
    }
}

#[inline(never)]
fn is_stream_by(settings: Option<&Arc<Settings>>, head: &Parts) -> bool {
    match settings.and_then(|settings| settings.is_stream.as_ref()) {
        Some(is_stream) => is_stream(head.status, &head.headers),
        None => is_stream(&head.headers),
    }
}

/// Reports that a limit of a response expired. The problem for the client, where the limit is enforced.
#[cold]
pub(super) fn timed_out(
    settings: Option<&Settings>,
    expiry: Expiry,
    now: Instant,
    enforced: bool,
) -> Option<Problem> {
    let observer = settings.map_or(&TimeoutObserver::NONE, |settings| &settings.observer);
    let facts = Facts::Timeout(observer.report(expiry, now, enforced));
    enforced.then(|| Problem::new(Kind::UpstreamTimeout).with_facts(facts))
}

/// The earliest of the deadlines in the caller's fields, in the extensions, and of the code that runs now.
fn deadline(headers: &[TimeoutHeader], now: Instant, head: Head<'_>) -> Option<Deadline> {
    let read = |header: &TimeoutHeader| header.parse(head.field(header.name()).one()?.as_bytes());
    let time: Option<Duration> = headers.iter().filter_map(read).min();
    let read = time.and_then(|time| Deadline::after(now.into_std(), time));
    let given = head.extensions.get().copied();
    [read, given, Deadline::current()]
        .into_iter()
        .flatten()
        .min()
}

#[cfg(test)]
mod tests;
