use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::header::ACCEPT;
use http::response::Parts;
use http::{Method, StatusCode};
use tokio::time::{Instant, Sleep};
use tower_edge_core::deadline::TimeoutHeader;
use tower_edge_core::http_ext::{Protocol, is_media_type};
use tower_edge_core::problem::{Facts, Phase};
use tower_edge_core::{Deadline, Head, Kind, Problem};

use super::config::{Settings, is_stream};
use super::expiry::{Expiry, Limit, TimeoutObserver, poll_until};
use super::{TimeoutBody, Timeouts};
use crate::driver::RequestHead;
use crate::grpc_rejection::is_grpc;
use crate::propagation::SENDS_DEADLINES;

/// The limits of one request, or of one body. The settings stay with the gate.
#[derive(Clone, Copy, Debug, Default)]
#[expect(unnameable_types, reason = "only the driver holds it")]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct RequestTimeouts {
    /// The time from the start to when the caller stops waiting.
    deadline: Limit,
    is_connect: bool,
    /// Whether our own limits are a deadline of the code inside too.
    is_deadline: bool,
    is_dry_run: bool,
    pub(super) is_grpc: bool,
    /// Whether the limits count from the start. It may be known before.
    is_started: bool,
    /// Whether these are the limits of a request's body.
    pub(super) is_upload: bool,
    /// When the first wait began, or when the request came if it has a deadline.
    start: Option<Instant>,
    timeouts: Timeouts,
}

impl RequestTimeouts {
    /// These limits and nothing else.
    #[inline(always)]
    pub(super) fn new(timeouts: Timeouts, head: Head<'_>) -> Self {
        Self {
            is_connect: *head.method == Method::CONNECT,
            is_grpc: is_grpc(head.method, head.headers),
            timeouts,
            ..Self::default()
        }
    }

    /// The limits of a request's body.
    pub(super) fn of_upload(timeouts: Timeouts, settings: &Settings) -> Self {
        let has_total = !timeouts.total.is_none();
        Self {
            is_dry_run: !settings.observer.enforces(),
            is_started: has_total,
            is_upload: true,
            start: has_total.then(Instant::now),
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
        let Some(headers) = &settings.deadline_headers else {
            self.set_deadline(Some(settings), head);
            return Ok(());
        };
        let start = *self.start.insert(Instant::now());
        self.is_started = true;
        let deadline = deadline(headers, start, head);
        let left = deadline.map(|deadline| deadline.remaining(start.into_std()));
        self.deadline = left.map_or(Limit::NONE, Limit::new);
        self.set_deadline(Some(settings), head);
        let (Some(deadline), Some(left)) = (deadline, left) else {
            return Ok(());
        };
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

    /// Makes our own limits a deadline of the code inside.
    ///
    /// Not if the response may be a stream that the caller waits for as long as it takes: an upstream to which they are
    /// sent would end it by them.
    #[inline(always)]
    pub(super) fn set_deadline(&mut self, settings: Option<&Settings>, head: Head<'_>) {
        let is_sent = SENDS_DEADLINES || self.is_started;
        let has_caller = || !self.deadline.is_none() || Deadline::current().is_some();
        if is_sent && self.timeouts.has_end() && (!may_stream(settings, head) || has_caller()) {
            self.is_deadline = true;
            self.start.get_or_insert_with(Instant::now);
        }
    }

    /// A wait begins, from which the limits count if they do not already.
    pub(super) fn begin(&mut self, now: Instant) {
        if !self.is_started {
            self.is_started = true;
            self.start = Some(now);
        }
    }

    /// How long the response was waited for: not at all if it was ready at once.
    pub(super) fn waited(&self) -> Duration {
        self.start.map_or(Duration::ZERO, |start| start.elapsed())
    }

    /// The first of the limits that count from the start: the end of the wait for the head, or for a whole body.
    pub(super) fn end(&self) -> Option<Expiry> {
        self.end_from(self.start?, self.timeouts)
    }

    #[inline]
    fn end_from(&self, start: Instant, ours: Timeouts) -> Option<Expiry> {
        let after = |limit, phase| Expiry::after(start, limit, phase);
        let head = after(ours.head, Phase::ResponseHead);
        let ours = Expiry::earliest(head, after(ours.total, Phase::Total));
        Expiry::earliest(ours, after(self.deadline, Phase::Deadline))
    }

    /// Whether something ends a body that never stalls.
    pub(super) const fn has_end(&self) -> bool {
        !self.timeouts.total.is_none() || !self.deadline.is_none()
    }

    pub(super) const fn limits_body(&self) -> bool {
        self.has_end() || !self.timeouts.idle.is_none()
    }

    /// Resolves to why a wait is over: for the head, or for a frame since then.
    pub(super) fn poll_expired(
        &mut self,
        settings: Option<&Settings>,
        since: Option<Instant>,
        mut timer: Pin<&mut Sleep>,
        cx: &mut Context<'_>,
    ) -> Poll<Problem> {
        // More than once only in a dry run, when the next limit is waited for.
        loop {
            let idle = |since| Expiry::after(since, self.timeouts.idle, Phase::BodyIdle);
            let Some(expiry) = Expiry::earliest(since.and_then(idle), self.end()) else {
                return Poll::Pending;
            };
            let now = ready!(poll_until(timer.as_mut(), expiry.at, cx));
            if let Some(problem) = self.expire(settings, expiry, now) {
                return Poll::Ready(problem);
            }
        }
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
        let none = TimeoutObserver::default();
        let observer = settings.map_or(&none, |settings| &settings.observer);
        let facts = Facts::Timeout(observer.report(expiry, now, !self.is_dry_run));
        (!self.is_dry_run).then(|| Problem::new(kind).with_facts(facts))
    }

    /// The current deadline of the code inside.
    #[inline(always)]
    pub(super) fn current_deadline(&self) -> Option<Deadline> {
        let ours = match (self.is_deadline, self.deadline.is_none()) {
            (true, _) => self.timeouts,
            (false, false) => Timeouts::new(),
            (false, true) => return None,
        };
        let end = self.end_from(self.start?, ours)?;
        (!self.is_dry_run).then(|| Deadline::at(end.at.into_std()))
    }

    /// The body of a response under the limits that hold for what it is. Our total is no deadline of its code: it ends
    /// the body, and not what its code calls.
    #[inline(always)]
    pub(super) fn limit<B>(
        mut self,
        settings: Option<&Arc<Settings>>,
        head: &Parts,
        body: B,
    ) -> TimeoutBody<B> {
        self.is_deadline = false;
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

/// Whether the response may be a stream, by the request: gRPC has one type for both, and an event stream has to be
/// accepted.
#[inline(never)]
fn may_stream(settings: Option<&Settings>, head: Head<'_>) -> bool {
    let accepted = head.headers.get_all(ACCEPT).into_iter();
    let mut accepted = accepted.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let is_rpc = Protocol::from_headers(head.headers) != Protocol::Http;
    let may_stream =
        is_rpc || accepted.any(|it| is_media_type(it.trim_ascii(), "text/event-stream"));
    let by = settings.and_then(|settings| settings.is_stream.as_ref());
    may_stream && by.is_none_or(|by| by.0(StatusCode::OK, head.headers))
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
