use std::sync::Mutex;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;

use tower_edge_core::problem::TimeoutFacts;

/// What the body of a request tells the future of its response, whatever the inner service makes of it
/// and on whatever task it reads.
#[derive(Debug, Default)]
pub(super) struct Late(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    facts: Option<TimeoutFacts>,
    waker: Option<Waker>,
}

impl Late {
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

    pub(super) fn tell(&self, facts: TimeoutFacts) {
        let waker = self.with(|state| {
            state.facts = Some(facts);
            state.waker.take()
        });
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn with<R>(&self, run: impl FnOnce(&mut State) -> R) -> R {
        run(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
