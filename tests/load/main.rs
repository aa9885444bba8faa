//! The memory store under load: a flood of keys that nobody has seen before.
//!
//! It is a binary of its own, since its allocator counts for the whole process.
#![expect(
    clippy::panic,
    reason = "tests stop where something is not as arranged"
)]

use std::alloc::System;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tower_edge::rate_limit::memory::Clock;
use tower_edge::rate_limit::store::{MaybeReady, Operation, QuotaRequest};
use tower_edge::rate_limit::{Calendar, Key, MemoryStore, Quota, Store};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Shows the time since the Unix epoch, in seconds: it begins with a day, and only a test moves it.
#[derive(Clone, Debug)]
struct Manual(Arc<AtomicU64>);

impl Manual {
    fn new() -> Self {
        Self(Arc::new(AtomicU64::new(1_795_219_200)))
    }

    fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_secs(), Ordering::Relaxed);
    }
}

impl Clock for Manual {
    fn now(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }

    fn unix_now(&self) -> Duration {
        self.now()
    }
}

// One test, since the allocator counts for all threads together.
#[test]
fn ten_million_new_keys_take_no_memory_and_nobody_out_of_a_penalty() {
    let ten = Quota::per_hour(10);
    for (quota, flood, most, wait) in [
        (ten, 10_000_000, 24, HOUR / 20),
        (ten.sliding_window(), 1_000_000, 66, HOUR - MINUTE),
        (
            ten.with_calendar(Calendar::DAY),
            1_000_000,
            40,
            24 * HOUR - MINUTE,
        ),
    ] {
        let bytes = bytes_per_slot(&quota);
        assert!(bytes <= most, "{bytes} bytes in a slot of {quota:?}");

        let clock = Manual::new();
        let store = MemoryStore::new(SLOTS).with_clock(clock.clone());
        store.register(&quota);
        let mut random = Random(1);
        // The metric of evictions is registered by the first of them.
        for _ in 0..4 * SLOTS {
            is_allowed(&store, quota, random.address());
        }
        let offender = Ipv6Addr::LOCALHOST;
        while is_allowed(&store, quota, offender) {}
        // The flood comes when the offender is nearly let in again.
        clock.advance(wait);
        let region = Region::new(ALLOCATOR);
        for _ in 0..flood {
            is_allowed(&store, quota, random.address());
        }

        let change = region.change();
        assert_eq!(
            change.bytes_allocated, change.bytes_deallocated,
            "{quota:?}"
        );
        assert!(!is_allowed(&store, quota, offender), "{quota:?}");
        assert!(store.evicted_live() > flood / 2, "{quota:?}");
    }
}

/// What a slot more costs, once the quota is registered.
fn bytes_per_slot(quota: &Quota) -> usize {
    let bytes = |slots| {
        let store = MemoryStore::new(slots);
        let region = Region::new(ALLOCATOR);
        store.register(quota);
        region.change().bytes_allocated
    };
    (bytes(2 * SLOTS) - bytes(SLOTS)).div_ceil(SLOTS)
}

fn is_allowed(store: &MemoryStore<Manual>, quota: Quota, address: Ipv6Addr) -> bool {
    let key = store.hash(&Key::from(IpAddr::from(address)));
    let request = [QuotaRequest::new(quota, key)];
    let decision = match store.apply(Operation::TryAcquire, &request, None) {
        MaybeReady::Ready(decision) => decision,
        pending @ MaybeReady::Pending(_) => panic!("{pending:?}"),
    };
    decision.is_ok_and(|decision| decision.is_allowed())
}

/// Numbers that do not repeat: [SplitMix64](https://doi.org/10.1145/2714064.2660195).
struct Random(u64);

impl Random {
    fn address(&mut self) -> Ipv6Addr {
        Ipv6Addr::from_bits(u128::from(self.number()) << 64 | u128::from(self.number()))
    }

    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const SLOTS: usize = 1 << 16;
