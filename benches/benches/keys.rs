//! A check of any of a thousand to four million keys, on one thread and on two, beside governor's
//! keyed store.
//!
//! `cargo bench -p tower-edge-benches --bench keys`; it takes some minutes and a gigabyte.

use std::thread;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion};
use tower_edge_benches::stores::{COUNTS, Check, Store};

fn main() {
    let mut criterion = Criterion::default()
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    for threads in [1, 2] {
        let mut benches = criterion.benchmark_group(format!("keys/{threads} threads"));
        for keys in COUNTS {
            for store in Store::ALL {
                let filled = store.filled(keys);
                benches.bench_function(BenchmarkId::new(store.name(), keys), |bencher| {
                    bencher.iter_custom(|times| checks(&*filled, keys, threads, times));
                });
            }
        }
        benches.finish();
    }
    criterion.final_summary();
}

/// How long each of the threads takes for so many checks.
#[expect(clippy::disallowed_methods, reason = "this is a measurement of time")]
fn checks(store: &dyn Check, keys: u64, threads: u64, times: u64) -> Duration {
    let start = Instant::now();
    thread::scope(|scope| {
        for thread in 1..=threads {
            scope.spawn(move || {
                let mut random = Random(thread);
                for _ in 0..times {
                    store.check(random.next() % keys);
                }
            });
        }
    });
    start.elapsed()
}

/// Marsaglia's xorshift, the same on each run: the key that is next is in no cache by its order.
struct Random(u64);

impl Random {
    const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
