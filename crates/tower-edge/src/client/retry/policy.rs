use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode};
use tokio::time::Instant;
use tower_edge_core::Deadline;

use super::layer::Config;
use super::pace::{Late, Paced, Slot, spread};
use crate::client::announced::{Announced, MAX_WAIT, retriable_grpc_code};
use crate::error_sources::{UpstreamFailure, is_of_connecting};
use crate::telemetry::retry::record_retry;

/// Decides whether and when one request is sent again.
pub(super) struct RequestPolicy {
    config: Arc<Config>,
    deadline: Option<Deadline>,
    paced: Option<Paced>,
    is_idempotent: bool,
    /// Refusals have put the next attempt off for too long.
    pub(super) is_late: bool,
    /// The number of the attempt.
    pub(super) number: u32,
    reason: &'static str,
    was_closed: bool,
}

/// Resolves when the next attempt may be sent.
pub(super) type Turn = Pin<Box<dyn Future<Output = Result<(), Late>> + Send>>;

/// Why a request may be sent again.
#[derive(Debug)]
struct Failure {
    announced: Announced,
    is_refusal: bool,
    /// The server has certainly not begun to process the request.
    is_unprocessed: bool,
    reason: &'static str,
}

impl RequestPolicy {
    pub(super) fn new(
        config: Arc<Config>,
        deadline: Option<Deadline>,
        paced: Option<Paced>,
        is_idempotent: bool,
    ) -> Self {
        Self {
            config,
            deadline,
            paced,
            is_idempotent,
            is_late: false,
            number: 1,
            reason: "",
            was_closed: false,
        }
    }

    /// The turn of the first attempt, if it has to wait. If the turn would be too late, there is none: the server
    /// refuses the request now rather than this client later.
    pub(super) fn enter(&self) -> Option<Turn> {
        let paced = self.paced.as_ref().filter(|paced| paced.is_used())?;
        let now = Instant::now();
        let until = self.until(now);
        paced.next(now).filter(|next| *next <= until)?;
        let slot = paced.reserve(now, Duration::ZERO, until)?;
        Some(Box::pin(slot.turn(Some(paced.clone()), until)))
    }

    /// The turn of the next attempt. `None` if there is no next attempt.
    pub(super) fn next(
        &mut self,
        result: Result<(StatusCode, &HeaderMap), &(dyn Error + 'static)>,
        is_whole: bool,
    ) -> Option<Turn> {
        let failure = match result {
            Ok((status, headers)) => self.failure_of_response(status, headers),
            Err(error) => self.failure_of_error(error),
        }?;
        self.reason = failure.reason;
        let now = Instant::now();
        let until = self.until(now);
        let announced = failure.announced;
        let wait = announced.wait.filter(|wait| !wait.is_zero());
        let spread = match wait {
            // This wait was not enough: other clients wait too.
            Some(wait) => spread(wait).saturating_mul(16_u32.saturating_pow(self.number - 1)),
            None => spread(self.backoff()),
        };
        let wait = wait.unwrap_or_else(|| self.backoff());
        let paced = self.paced.clone().filter(|_| failure.is_refusal);
        // No request waits for longer.
        if let Some(paced) = &paced
            && wait <= self.config.max_wait
        {
            paced.refused(now, wait, announced.interval);
        }
        let next = paced.as_ref().and_then(|paced| paced.next(now));
        // A retry in a slot of the server's quota adds no load beyond what the server allows.
        let is_in_quota = next.is_some() && announced.interval.is_some();
        let outcome = if announced.is_final {
            "forbidden"
        } else if !(self.is_idempotent || failure.is_unprocessed) || !is_whole {
            "not_repeatable"
        } else if self.number > self.config.max_retries {
            "exhausted"
        } else if next.unwrap_or(now).max(now + wait) > until {
            "too_late"
        } else if !is_in_quota && !self.config.budget.withdraw() {
            "no_budget"
        } else {
            "retried"
        };
        let slot = (outcome == "retried").then(|| {
            let slot = paced
                .as_ref()
                .and_then(|paced| paced.reserve(now + wait, spread, until));
            slot.unwrap_or_else(|| Slot::at(now + wait, spread, until))
        });
        let wait = slot.map(|slot| slot.wait(now));
        record_retry(
            &self.config.counted,
            failure.reason,
            outcome,
            self.number,
            wait,
        );
        Some(Box::pin(slot?.turn(paced, until)))
    }

    /// Whether it is too late for an attempt that had its turn.
    pub(super) fn is_late(&self) -> bool {
        let now = Instant::now().into_std();
        self.is_late || self.deadline.is_some_and(|it| it.remaining(now).is_zero())
    }

    /// Records that a retry is given up that has waited.
    pub(super) fn give_up(&self) {
        record_retry(
            &self.config.counted,
            self.reason,
            "too_late",
            self.number,
            None,
        );
    }

    fn backoff(&self) -> Duration {
        let doublings = (self.number - 1).min(16);
        (BACKOFF * (1 << doublings)).min(self.config.max_wait)
    }

    /// The latest instant of the next attempt.
    fn until(&self, now: Instant) -> Instant {
        let left = self
            .deadline
            .map(|deadline| deadline.remaining(now.into_std()));
        let wait = self.config.max_wait.min(left.unwrap_or(MAX_WAIT));
        now + wait.min(MAX_WAIT)
    }

    fn failure_of_response(&self, status: StatusCode, headers: &HeaderMap) -> Option<Failure> {
        let in_grpc = retriable_grpc_code(headers);
        let status = in_grpc.unwrap_or(status);
        if in_grpc.is_none() && !self.config.statuses.contains(&status) {
            return None;
        }
        let announced = Announced::from_headers(headers, now());
        Some(Failure {
            announced,
            is_refusal: status == StatusCode::TOO_MANY_REQUESTS || announced.wait.is_some(),
            is_unprocessed: false,
            reason: match status {
                StatusCode::TOO_MANY_REQUESTS => "rate_limited",
                StatusCode::SERVICE_UNAVAILABLE => "unavailable",
                _ => "status",
            },
        })
    }

    fn failure_of_error(&mut self, error: &(dyn Error + 'static)) -> Option<Failure> {
        let (reason, is_unprocessed) = match UpstreamFailure::of(error)? {
            UpstreamFailure::Dns | UpstreamFailure::Unreachable if is_of_connecting(error) => {
                ("connect", true)
            }
            UpstreamFailure::Refused => ("refused", true),
            // A client should not retry a failed retry ([RFC 9110, section
            // 9.2.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2)).
            UpstreamFailure::Cancelled | UpstreamFailure::Reset | UpstreamFailure::Unreachable
                if !self.was_closed =>
            {
                self.was_closed = true;
                ("closed", false)
            }
            _ => return None,
        };
        Some(Failure {
            announced: Announced::default(),
            is_refusal: false,
            is_unprocessed,
            reason,
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a date in a response is one of the calendar"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

/// The wait before the first retry after a failure that announces none. It doubles with each retry.
const BACKOFF: Duration = Duration::from_millis(100);
