use std::borrow::Cow;
use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use http::StatusCode;
use tower_edge_core::rate_limit::KeyHash;
use tower_edge_core::{CorrelationId, ErrorId};

use super::ProblemEvent;
use crate::problem::Facts;

/// The last problems that were sent to clients, for a page that only administrators see.
///
/// ```
/// use http::{Request, Response, StatusCode};
/// use tower::{Layer, ServiceExt, service_fn};
/// use tower_edge::envelope::format::ProblemDetails;
/// use tower_edge::envelope::{EnvelopeLayer, RecentProblems};
/// use tower_edge::{Kind, Problem};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let rejections = RecentProblems::new(100);
/// let recorder = rejections.clone();
/// let layer = EnvelopeLayer::new(ProblemDetails).on_problem(move |event| {
///     if event.status() == StatusCode::TOO_MANY_REQUESTS {
///         recorder.record(event);
///     }
/// });
/// let service = layer.layer(service_fn(async |_: Request<()>| {
///     Err::<Response<String>, _>(Problem::new(Kind::RateLimited))
/// }));
///
/// service.oneshot(Request::new(())).await?;
///
/// assert_eq!(rejections.to_vec()[0].key, "rate_limited");
/// # Ok(())
/// # }
/// ```
///
/// Clones share the problems. The memory is allocated at once, except for the correlation id of each problem, of at
/// most 200 bytes, and for names that your code computes. A lock is held while one entry is written or all are copied.
///
/// The only value of an entry that a client sent is its correlation id: there is no path, no key and no version.
#[derive(Clone, Debug)]
pub struct RecentProblems {
    capacity: usize,
    kept: Arc<Mutex<VecDeque<RecentProblem>>>,
}

/// One problem of [`RecentProblems`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecentProblem {
    /// The id of the request.
    pub correlation_id: Option<CorrelationId>,
    /// The `error_id` that the client received with a server error.
    pub error_id: Option<ErrorId>,
    /// The [name](tower_edge_core::Format::name) of the response's format.
    pub format: &'static str,
    /// The key of the problem's definition, else the name of its kind.
    pub key: &'static str,
    /// For a rate limit, the client, as the store's hash of its key. The log has the same value as `rate_limit.key`.
    pub limited_key: Option<KeyHash>,
    /// For a rate limit, the name of the quota.
    pub quota: Option<Cow<'static, str>>,
    /// The [template](ProblemEvent::route) of the route.
    pub route: Option<Box<str>>,
    /// The status.
    pub status: StatusCode,
    /// When the problem was recorded.
    pub time: SystemTime,
}

impl RecentProblems {
    /// Keeps this many problems.
    #[must_use]
    pub fn new(capacity: u16) -> Self {
        let capacity = usize::from(capacity);
        Self {
            capacity,
            kept: Arc::new(Mutex::new(VecDeque::with_capacity(capacity))),
        }
    }

    /// Records the problem of [`on_problem`](super::EnvelopeLayer::on_problem). If there is no more room, it replaces
    /// the oldest one.
    pub fn record(&self, event: &ProblemEvent<'_>) {
        let problem = RecentProblem::new(event);
        // The old problem is dropped without the lock.
        let _oldest = self.with(|kept| {
            let oldest = (kept.len() >= self.capacity).then(|| kept.pop_front());
            if self.capacity > 0 {
                kept.push_back(problem);
            }
            oldest
        });
    }

    /// The problems, the newest first.
    #[must_use]
    pub fn to_vec(&self) -> Vec<RecentProblem> {
        self.with(|kept| kept.iter().rev().cloned().collect())
    }

    /// Removes all problems.
    pub fn clear(&self) {
        let empty = VecDeque::with_capacity(self.capacity);
        let _forgotten = self.with(|kept| mem::replace(kept, empty));
    }

    fn with<R>(&self, run: impl FnOnce(&mut VecDeque<RecentProblem>) -> R) -> R {
        run(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl RecentProblem {
    #[expect(
        clippy::disallowed_methods,
        reason = "administrators read the time, nothing is decided by it"
    )]
    fn new(event: &ProblemEvent<'_>) -> Self {
        let limit = match event.problem().facts() {
            Some(Facts::RateLimit(limit)) => Some(limit),
            _ => None,
        };
        Self {
            // A clone would keep the whole head of the request in memory.
            correlation_id: event
                .correlation_id()
                .and_then(|id| id.as_str().parse().ok()),
            error_id: event.error_id(),
            format: event.format(),
            key: event.key(),
            limited_key: limit.and_then(|limit| limit.key),
            quota: limit.map(|limit| limit.quota.clone()),
            route: event.route().map(Into::into),
            status: event.status(),
            time: SystemTime::now(),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{Request, Response};
    use tokio_test::block_on;
    use tower::{Layer, ServiceExt, service_fn};
    use tower_edge_core::{Kind, Problem, RouteTemplate};

    use super::*;
    use crate::envelope::EnvelopeLayer;
    use crate::envelope::format::ProblemDetails;
    use crate::problem::RateLimitFacts;

    /// Responds with this problem to a request with this id.
    fn respond(recent: &RecentProblems, id: &'static str, problem: &Problem) {
        let recorder = recent.clone();
        let layer =
            EnvelopeLayer::new(ProblemDetails).on_problem(move |event| recorder.record(event));
        let service = layer.layer(service_fn(|_: Request<()>| {
            std::future::ready(Err::<Response<String>, _>(problem.clone()))
        }));
        let request = Request::get("/media/7?token=secret")
            .header("x-api-key", "secret")
            .extension(RouteTemplate("/media/{id}".into()))
            .extension(id.parse::<CorrelationId>().unwrap());
        block_on(service.oneshot(request.body(()).unwrap())).unwrap();
    }

    fn ids(recent: &RecentProblems) -> Vec<String> {
        let problems = recent.to_vec().into_iter();
        let ids = problems.map(|problem| problem.correlation_id.unwrap().to_string());
        ids.collect()
    }

    #[test]
    fn the_newest_are_first_and_the_oldest_make_room() {
        let recent = RecentProblems::new(2);
        for id in ["a", "b", "c"] {
            respond(&recent, id, &Problem::new(Kind::NotFound));
        }

        assert_eq!(ids(&recent), ["c", "b"]);
        recent.clear();
        assert_eq!(ids(&recent), [""; 0]);
        respond(&recent, "d", &Problem::new(Kind::NotFound));
        assert_eq!(ids(&recent), ["d"]);
    }

    #[test]
    fn nothing_is_kept_without_room() {
        let recent = RecentProblems::new(0);
        respond(&recent, "a", &Problem::new(Kind::NotFound));

        assert_eq!(ids(&recent), [""; 0]);
    }

    #[test]
    fn a_rejection_is_kept_with_its_route_and_quota_and_without_what_the_client_sent() {
        let recent = RecentProblems::new(9);
        let second = std::time::Duration::from_secs(1);
        let facts = RateLimitFacts::new("burst".into(), 5, second, 6);
        let facts = Facts::RateLimit(facts.with_key(KeyHash::from_bits(7)));
        respond(
            &recent,
            "a",
            &Problem::new(Kind::RateLimited).with_facts(facts),
        );

        let [problem] = recent.to_vec().try_into().unwrap();
        assert_eq!(
            (problem.key, problem.status.as_u16()),
            ("rate_limited", 429)
        );
        assert_eq!(problem.quota.as_deref(), Some("burst"));
        assert_eq!(problem.limited_key, Some(KeyHash::from_bits(7)));
        assert_eq!(problem.route.as_deref(), Some("/media/{id}"));
        assert_eq!(problem.error_id, None);
        assert!(!format!("{problem:?}").contains("secret"), "{problem:?}");
    }

    #[test]
    fn a_server_error_is_kept_with_the_id_that_the_client_received() {
        let recent = RecentProblems::new(9);
        respond(&recent, "a", &Problem::new(Kind::Internal));

        assert!(recent.to_vec()[0].error_id.is_some());
    }
}
