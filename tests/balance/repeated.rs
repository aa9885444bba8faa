//! The same request again and again.

use std::env;

use stats_alloc::Region;
use tokio::runtime::Handle;
use tokio::task::yield_now;

use crate::ALLOCATOR;
use crate::kinds::Kind;
use crate::stack::Stack;

/// After the first requests of this kind, which make what is kept, as many as `EDGE_BALANCE_REQUESTS` says leave nothing
/// in memory.
pub(crate) async fn many_times(stack: &Stack, kind: &Kind) {
    let count = env::var("EDGE_BALANCE_REQUESTS");
    let count = count.map_or(REQUESTS, |count| count.parse().unwrap());
    serve(stack, kind, WARM_UP).await;
    let before = stack.taken().await;
    let region = Region::new(ALLOCATOR);

    serve(stack, kind, count).await;

    let after = stack.taken().await;
    let change = region.change();
    assert_eq!(after, before, "{}", kind.name);
    assert_eq!(
        (change.allocations, change.bytes_allocated),
        (change.deallocations, change.bytes_deallocated),
        "{}",
        kind.name
    );
}

async fn serve(stack: &Stack, kind: &Kind, count: usize) {
    for _ in 0..count {
        stack.serve(kind).await;
        // As on a connection, where others have their turn before the next request.
        while Handle::current().metrics().num_alive_tasks() > 0 {
            yield_now().await;
        }
    }
}

const REQUESTS: usize = 500;
const WARM_UP: usize = 200;
