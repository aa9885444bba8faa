use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::time::Instant;
use tower_edge_core::problem::TimeoutFacts;

use crate::time_limit::{Due, Tell};

/// What the body of a request tells the future of its response, whatever the inner service makes of it
/// and on whatever task it reads.
#[derive(Debug)]
pub(super) struct Late {
    state: Mutex<State>,
    tell: Tell,
}

#[derive(Debug, Default)]
struct State {
    facts: Option<TimeoutFacts>,
    waker: Option<Waker>,
}

impl Late {
    pub(super) fn new(tell: Tell) -> Self {
        Self {
            state: Mutex::default(),
            tell,
        }
    }

    pub(super) fn facts(&self) -> Option<TimeoutFacts> {
        self.with(|state| state.facts)
    }

    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<TimeoutFacts> {
        self.with(|state| match state.facts {
            Some(facts) => Poll::Ready(facts),
            None => {
                match &mut state.waker {
                    Some(waker) => waker.clone_from(cx.waker()),
                    None => state.waker = Some(cx.waker().clone()),
                }
                Poll::Pending
            }
        })
    }

    /// Tells everybody that a limit is over; gives the facts if the body is cut for it.
    pub(super) fn over(&self, due: Due, now: Instant) -> Option<TimeoutFacts> {
        let facts = self.tell.told(due, now)?;
        let waker = self.with(|state| {
            state.facts = Some(facts);
            state.waker.take()
        });
        if let Some(waker) = waker {
            waker.wake();
        }
        Some(facts)
    }

    fn with<R>(&self, run: impl FnOnce(&mut State) -> R) -> R {
        run(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
