use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use std::time::Duration;

use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use pin_project_lite::pin_project;
use tokio::time::Instant;
use tokio::time::Sleep;
use tower_edge_core::BoxError;
use tower_edge_core::Kind;
use tower_edge_core::Problem;
use tower_edge_core::problem::Facts;
use tower_edge_core::problem::Phase;
use tower_edge_core::problem::TimeoutFacts;

use super::late::Late;

pin_project! {
    /// The body of a request, which fails with a [`Problem`] when the client takes too long.
    #[derive(Debug)]
    pub struct TimedBody<B> {
        #[pin]
        body: B,
        idle: Duration,
        is_over: bool,
        // None for a body that is at its end already.
        late: Option<Arc<Late>>,
        total: Option<(Instant, Duration)>,
        wait: Option<Pin<Box<Wait>>>,
    }
}

pin_project! {
    /// A wait for a frame, and its timer: one for many frames, moved when it fires.
    #[derive(Debug)]
    struct Wait {
        since: Option<Instant>,
        #[pin]
        sleep: Sleep,
    }
}

impl<B> TimedBody<B> {
    pub(super) fn new(
        body: B,
        idle: Duration,
        total: Option<Duration>,
        late: Option<Arc<Late>>,
    ) -> Self {
        let total = total.filter(|_| late.is_some());
        Self {
            body,
            idle,
            is_over: false,
            late,
            total: total.map(|total| (Instant::now(), total)),
            wait: None,
        }
    }
}

impl<B> Body for TimedBody<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        let this = self.project();
        if *this.is_over {
            return Poll::Ready(None);
        }
        if let Poll::Ready(frame) = this.body.poll_frame(cx) {
            if let Some(wait) = this.wait {
                *wait.as_mut().project().since = None;
            }
            return Poll::Ready(frame.map(|result| result.map_err(Into::into)));
        }
        let Some(late) = this.late else {
            return Poll::Pending;
        };
        let wait = this.wait.get_or_insert_with(|| Box::pin(Wait::new()));
        let facts = ready!(wait.as_mut().poll(*this.idle, *this.total, cx));
        *this.is_over = true;
        late.tell(facts);
        Poll::Ready(Some(Err(too_late(facts).into())))
    }

    fn is_end_stream(&self) -> bool {
        self.is_over || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.is_over {
            SizeHint::with_exact(0)
        } else {
            self.body.size_hint()
        }
    }
}

#[cold]
pub(super) fn too_late(facts: TimeoutFacts) -> Problem {
    Problem::new(Kind::RequestTimeout).with_facts(Facts::Timeout(facts))
}

impl Wait {
    fn new() -> Self {
        Self {
            since: None,
            sleep: tokio::time::sleep(Duration::MAX),
        }
    }

    /// Resolves to the limit that is over.
    fn poll(
        self: Pin<&mut Self>,
        idle: Duration,
        total: Option<(Instant, Duration)>,
        cx: &mut Context<'_>,
    ) -> Poll<TimeoutFacts> {
        let mut this = self.project();
        let since = *this.since.get_or_insert_with(Instant::now);
        let idle = Some((since, idle));
        let limits = [idle, total].into_iter().flatten();
        // A limit so long that no clock can tell its end has none.
        let ends = limits.filter_map(|(from, limit)| Some((from.checked_add(limit)?, from, limit)));
        let Some((at, from, limit)) = ends.min() else {
            return Poll::Pending;
        };
        loop {
            // A timer that is set for an earlier wait may fire first.
            if this.sleep.deadline() > at {
                this.sleep.as_mut().reset(at);
            }
            let is_pending = this.sleep.as_mut().poll(cx).is_pending();
            // The clock too: a task that has spent tokio's budget is not told by a timer.
            let now = Instant::now();
            if now >= at {
                let elapsed = now.saturating_duration_since(from);
                return Poll::Ready(TimeoutFacts::new(Phase::RequestBody, limit, elapsed));
            }
            if is_pending {
                return Poll::Pending;
            }
            this.sleep.as_mut().reset(at);
        }
    }
}
