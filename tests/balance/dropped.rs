//! A client leaves while its request waits for something.

use std::task::{Context, Waker};
use std::time::Duration;

use stats_alloc::Region;
use tokio::time::advance;
use tower_edge::correlation_id::CorrelationId;
use tower_edge::deadline::Deadline;

use crate::ALLOCATOR;
use crate::kinds::Kind;
use crate::stack::Stack;

/// Drops the request after each number of polls, up to that which completes it.
pub(crate) async fn at_every_await_point(stack: &Stack, kind: &Kind) {
    // The first round makes what is kept for all requests.
    for is_warm in [false, true] {
        let mut polls = 0;
        while !is_served_by(stack, kind, polls, is_warm).await {
            polls += 1;
            assert!(polls < MOST_POLLS, "{} has no end", kind.name);
        }
    }
}

/// Drops the request after this many polls, and looks whether anything is left of it. Returns whether it was complete.
async fn is_served_by(stack: &Stack, kind: &Kind, polls: usize, is_warm: bool) -> bool {
    let before = stack.taken().await;
    let region = Region::new(ALLOCATOR);
    let mut is_served = false;
    {
        let mut request = Box::pin(stack.serve(kind));
        for _ in 0..polls {
            let mut cx = Context::from_waker(Waker::noop());
            is_served = request.as_mut().poll(&mut cx).is_ready();
            assert_no_context(kind, polls);
            if is_served {
                break;
            }
            advance(STEP).await;
        }
    }

    assert_no_context(kind, polls);
    assert_eq!(
        stack.taken().await,
        before,
        "{} after {polls} polls",
        kind.name
    );
    let change = region.change();
    if is_warm {
        assert_eq!(
            (change.allocations, change.bytes_allocated),
            (change.deallocations, change.bytes_deallocated),
            "{} after {polls} polls",
            kind.name
        );
    }
    is_served
}

/// What is current while a request is polled is not current for others.
fn assert_no_context(kind: &Kind, polls: usize) {
    let context = (CorrelationId::current(), Deadline::current());
    assert_eq!(context, (None, None), "{} after {polls} polls", kind.name);
}

const MOST_POLLS: usize = 200;
/// How much time passes between two polls. All limits on time are longer than what takes no time.
const STEP: Duration = Duration::from_millis(20);
