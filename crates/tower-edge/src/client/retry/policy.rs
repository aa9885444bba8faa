use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep_until};
use tower_edge_core::Deadline;

use super::layer::Config;
use super::pace::{Paced, jittered};
use crate::client::announced::{Announced, retriable_grpc_code};
use crate::error_sources::UpstreamFailure;
use crate::telemetry::retry::record_retry;

/// Decides whether and when one request is sent again.
pub(super) struct RequestPolicy {
    config: Arc<Config>,
    deadline: Option<Deadline>,
    paced: Option<Paced>,
    is_idempotent: bool,
    /// The number of the attempt.
    pub(super) number: u32,
    pub(super) permit: Option<OwnedSemaphorePermit>,
    pub(super) sent: Instant,
    was_closed: bool,
}

/// Resolves when the next attempt may be sent.
pub(super) type Turn = Pin<Box<dyn Future<Output = Option<OwnedSemaphorePermit>> + Send>>;

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
            number: 1,
            permit: None,
            sent: Instant::now(),
            was_closed: false,
        }
    }

    /// What the first attempt waits for, if anything.
    pub(super) fn enter(&mut self) -> Option<Turn> {
        let paced = self.paced.as_ref()?;
        if let Some(permit) = paced.try_enter(self.sent) {
            self.permit = permit;
            return None;
        }
        if self.has_time(self.sent, paced.expected_wait(self.sent)) {
            return Some(Box::pin(paced.clone().turn()));
        }
        // The server refuses it now rather than this client later.
        self.paced = None;
        None
    }

    /// What the next attempt waits for. `None` if there is none.
    pub(super) fn next(
        &mut self,
        result: Result<(StatusCode, &HeaderMap), &(dyn Error + 'static)>,
        is_whole: bool,
    ) -> Option<Turn> {
        self.permit = None;
        let now = Instant::now();
        let failure = match result {
            Ok((status, headers)) => self.failure_of_response(status, headers),
            Err(error) => self.failure_of_error(error),
        };
        let Some(failure) = failure else {
            if let (Ok(_), Some(paced)) = (result, &self.paced) {
                paced.accepted();
            }
            return None;
        };
        let announced = failure.announced;
        let wait = announced.wait.unwrap_or_else(|| self.backoff());
        let paced = self.paced.as_ref().filter(|_| failure.is_refusal);
        let wait = match paced {
            Some(paced) => {
                paced.refused(self.sent, now, wait, &announced);
                paced.expected_wait(now)
            }
            None => jittered(wait),
        };
        let outcome = if announced.is_final {
            "forbidden"
        } else if !(self.is_idempotent || failure.is_unprocessed) || !is_whole {
            "not_repeatable"
        } else if self.number > self.config.max_retries {
            "exhausted"
        } else if !self.has_time(now, wait) {
            "too_late"
        } else if !self.config.budget.withdraw() {
            "no_budget"
        } else {
            "retried"
        };
        let is_retried = outcome == "retried";
        record_retry(
            failure.reason,
            outcome,
            self.number,
            is_retried.then_some(wait),
        );
        if !is_retried {
            return None;
        }
        self.number += 1;
        Some(match paced {
            Some(paced) => Box::pin(paced.clone().turn()),
            None => {
                let until = now + wait;
                Box::pin(async move {
                    sleep_until(until).await;
                    None
                })
            }
        })
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
            UpstreamFailure::Dns | UpstreamFailure::Unreachable => ("connect", true),
            UpstreamFailure::Refused => ("refused", true),
            // A client should not retry a failed retry ([RFC 9110, section
            // 9.2.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2)).
            UpstreamFailure::Cancelled | UpstreamFailure::Reset if !self.was_closed => {
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

    fn backoff(&self) -> Duration {
        let doublings = (self.number - 1).min(16);
        (BACKOFF * (1 << doublings)).min(self.config.max_wait)
    }

    fn has_time(&self, now: Instant, wait: Duration) -> bool {
        let left = self
            .deadline
            .map(|deadline| deadline.remaining(now.into_std()));
        wait <= self.config.max_wait && left.is_none_or(|left| wait < left)
    }
}

impl fmt::Debug for RequestPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestPolicy")
            .field("number", &self.number)
            .finish_non_exhaustive()
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
