use std::sync::Arc;
use std::time::Duration;

use http::response::Parts;
use http::{Method, StatusCode};
use tokio::time::Instant;
use tower_edge_core::deadline::TimeoutHeader;
use tower_edge_core::problem::{Facts, Phase};
use tower_edge_core::{Deadline, Head, Kind, Problem};

use super::config::{Settings, is_stream};
use super::expiry::{Expiry, Limit, TimeoutObserver};
use super::{TimeoutBody, Timeouts};
use crate::driver::RequestHead;
use crate::propagation::SENDS_DEADLINES;
use crate::rejection::is_grpc;

/// The limits of one request, or of one body. The settings stay with the gate.
#[derive(Clone, Copy, Debug, Default)]
#[expect(unnameable_types, reason = "only the driver holds it")]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct RequestTimeouts {
    /// The time from the start to when the caller stops waiting.
    deadline: Limit,
    is_connect: bool,
    /// Whether what ends the wait for the head is the current deadline of what is inside.
    is_deadline: bool,
    is_dry_run: bool,
    pub(super) is_grpc: bool,
    /// Whether these are the limits of a request's body.
    is_upload: bool,
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
            is_connect: *head.method == Method::CONNECT,
            is_deadline,
            is_grpc: is_grpc(head.method, head.headers),
            start: is_deadline.then(Instant::now),
            timeouts,
            ..Self::default()
        }
    }

    /// The limits of a request's body.
    pub(super) fn of_upload(timeouts: Timeouts, settings: &Settings) -> Self {
        Self {
            is_dry_run: !settings.observer.enforces(),
            is_upload: true,
            start: (!timeouts.total.is_none()).then(Instant::now),
            timeouts,
            ..Self::default()
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
        let own = settings.timeouts_by.as_ref().and_then(|by| by.0(head));
        *self = Self::new(own.unwrap_or(timeouts), head);
        self.is_dry_run = !settings.observer.enforces();
        self.is_deadline &= !self.is_dry_run;
        let Some(headers) = &settings.deadline_headers else {
            return Ok(());
        };
        self.is_deadline = !self.is_dry_run;
        let start = *self.start.get_or_insert_with(Instant::now);
        let Some(deadline) = deadline(headers, start, head) else {
            return Ok(());
        };
        let left = deadline.remaining(start.into_std());
        self.deadline = Limit::new(left);
        let at = Instant::from_std(deadline.instant());
        if left.is_zero()
            && let Some(expiry) = Expiry::after(at, self.deadline, Phase::Deadline)
        {
            let rejected = self.expire(Some(settings), expiry, start);
            return rejected.map_or(Ok(()), Err);
        }
        if !self.is_dry_run {
            request.extensions.insert(deadline);
        }
        Ok(())
    }

    /// The first of the limits that count from the start, which is now if it is not known: the end of the wait for the
    /// head, or for a whole body.
    pub(super) fn end(&mut self, now: Option<Instant>) -> Option<Expiry> {
        self.start = self.start.or(now);
        self.known_end()
    }

    #[inline]
    fn known_end(&self) -> Option<Expiry> {
        let start = self.start?;
        Expiry::earliest([
            Expiry::after(start, self.timeouts.head, Phase::ResponseHead),
            Expiry::after(start, self.timeouts.total, Phase::Total),
            Expiry::after(start, self.deadline, Phase::Deadline),
        ])
    }

    /// Whether something ends a body that never stalls.
    pub(super) const fn has_end(&self) -> bool {
        !self.timeouts.total.is_none() || !self.deadline.is_none()
    }

    pub(super) const fn limits_bodies(&self) -> bool {
        self.has_end() || !self.timeouts.idle.is_none()
    }

    /// When a wait for a frame ends that began then.
    pub(super) fn idle_end(&self, since: Instant) -> Option<Expiry> {
        Expiry::after(since, self.timeouts.idle, Phase::BodyIdle)
    }

    /// Reports that a limit expired, and returns the problem for the client. `None` in a dry run. The limit is removed,
    /// so that it is reported once.
    #[cold]
    pub(super) fn expire(
        &mut self,
        settings: Option<&Settings>,
        mut expiry: Expiry,
        now: Instant,
    ) -> Option<Problem> {
        match expiry.phase {
            Phase::BodyIdle => self.timeouts.idle = Limit::NONE,
            Phase::Deadline => self.deadline = Limit::NONE,
            Phase::Total => self.timeouts.total = Limit::NONE,
            _ => self.timeouts.head = Limit::NONE,
        }
        let mut kind = Kind::UpstreamTimeout;
        if self.is_upload {
            kind = Kind::RequestTimeout;
            expiry.phase = Phase::RequestBody;
        }
        let observer = settings.map_or(&TimeoutObserver::NONE, |settings| &settings.observer);
        let facts = Facts::Timeout(observer.report(expiry, now, !self.is_dry_run));
        (!self.is_dry_run).then(|| Problem::new(kind).with_facts(facts))
    }

    /// The current deadline of the inner service's code: what ends the wait for the head.
    #[inline(always)]
    pub(super) fn current_deadline(&self) -> Option<Deadline> {
        if !self.is_deadline {
            return None;
        }
        Some(Deadline::at(self.known_end()?.at.into_std()))
    }

    /// The current deadline of a body's code: that of the caller. Our own total ends the body, and not what its code
    /// calls.
    pub(super) fn deadline_in_body(&self) -> Option<Deadline> {
        let deadline = Expiry::after(self.start?, self.deadline, Phase::Deadline)?;
        let deadline = Deadline::at(deadline.at.into_std());
        (!self.is_dry_run).then_some(deadline)
    }

    /// The body of a response under the limits that hold for what it is.
    #[inline(always)]
    pub(super) fn limit<B>(
        mut self,
        settings: Option<&Arc<Settings>>,
        head: &Parts,
        body: B,
    ) -> TimeoutBody<B> {
        self.timeouts.head = Limit::NONE;
        if self.is_tunnel(head.status) {
            self.deadline = Limit::NONE;
            self.timeouts.total = Limit::NONE;
        }
        if !self.timeouts.total.is_none() && is_stream_by(settings, head) {
            self.timeouts.total = Limit::NONE;
        }
        TimeoutBody::new(body, self, settings.cloned(), None)
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
        Some(is_stream) => is_stream.0(head.status, &head.headers),
        None => is_stream(&head.headers),
    }
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
