//! What a request takes, it gives back: memory, permits, timers, tasks and the context of the thread.
//!
//! It is a binary of its own without a harness, since its allocator counts for the whole process.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests stop where something is not as arranged"
)]

mod body;
mod dropped;
mod kinds;
mod metrics;
mod repeated;
mod service;
mod stack;
mod store;

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::runtime::Builder;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

// Without libtest, whose threads take memory too.
fn main() {
    // A log that is written, as its spans take memory too.
    tracing_subscriber::fmt().with_writer(std::io::sink).init();
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();

    runtime.block_on(async {
        let stack = stack::Stack::new(metrics::in_flight());
        // Recent numbers of header fields are kept, so many of them.
        for _ in 0..200 {
            stack.serve(&kinds::KINDS[0]).await;
        }
        for kind in kinds::KINDS {
            dropped::at_every_await_point(&stack, kind).await;
        }
        for kind in kinds::KINDS {
            repeated::many_times(&stack, kind).await;
        }
    });
}
