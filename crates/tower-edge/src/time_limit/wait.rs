use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep};
use tower_edge_core::problem::Phase;

use super::{Due, Limit, poll_timer};

pin_project! {
    /// A wait for a frame, and its timer: one for many frames, as it is moved when it fires and not at
    /// each frame. Made at the first wait, in a box, since every message would be 140 bytes larger for
    /// it, and is moved some ten times on its way: that is 350 instructions for nothing where a body does
    /// not wait.
    #[derive(Debug)]
    pub(crate) struct Wait {
        since: Option<Instant>,
        #[pin]
        sleep: Sleep,
    }
}

impl Wait {
    pub(crate) fn new() -> Self {
        Self {
            since: None,
            sleep: tokio::time::sleep(Duration::MAX),
        }
    }

    /// There is a frame: the next wait begins anew.
    pub(crate) fn ends(self: Pin<&mut Self>) {
        *self.project().since = None;
    }

    /// Resolves to the limit that is over, on this wait or at that end, and when that was seen.
    pub(crate) fn poll(
        self: Pin<&mut Self>,
        idle: Limit,
        phase: Phase,
        end: Option<Due>,
        cx: &mut Context<'_>,
    ) -> Poll<(Due, Instant)> {
        let mut this = self.project();
        let since = *this.since.get_or_insert_with(Instant::now);
        let stalled = Due::after(since, idle, phase);
        let Some(due) = Due::sooner(stalled, end) else {
            return Poll::Pending;
        };
        loop {
            // A timer that is set for an earlier wait may fire first.
            if this.sleep.deadline() > due.at {
                this.sleep.as_mut().reset(due.at);
            }
            let now = ready!(poll_timer(this.sleep.as_mut(), cx));
            if now >= due.at {
                return Poll::Ready((due, now));
            }
            this.sleep.as_mut().reset(due.at);
        }
    }
}
