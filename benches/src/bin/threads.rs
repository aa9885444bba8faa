//! What a second thread costs the first: a number as a field, and a whole request that is let in, of a
//! client for each thread. What the threads share, and write to, makes both slower.
//!
//! `cargo run --release -p tower-edge-benches --bin threads` prints nanoseconds on one thread, on each of
//! two, and the ratio. Only time on a processor counts; even so a busy machine hides that the threads are
//! in each other's way.

use std::hint::black_box;
use std::sync::Barrier;
use std::{fs, thread};

use tower_edge::http_ext::header_int;
use tower_edge::rate_limit::headers::HeaderStyle;
use tower_edge_benches::layers;

fn main() {
    let number = |number| {
        move |_| {
            black_box(header_int(black_box(number)));
        }
    };
    compare("number_small", 20_000_000, number(42));
    compare("number_large", 20_000_000, number(1_795_236_073));
    for (name, fields) in [
        ("x_rate_limit", HeaderStyle::X_RATE_LIMIT),
        ("ietf", HeaderStyle::IETF),
    ] {
        compare(name, 100_000, layers::shared(fields));
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark prints")]
fn compare(name: &str, times: usize, once: impl Fn(usize) + Sync) {
    let rounds = (0..ROUNDS).map(|_| [1, 2].map(|threads| nanos(threads, times, &once)));
    let rounds: Vec<_> = rounds.collect();
    let [one, two] = [0, 1].map(|at| {
        let mut nanos: Vec<_> = rounds.iter().map(|round| round[at]).collect();
        nanos.sort_by(f64::total_cmp);
        nanos[ROUNDS / 2]
    });
    println!("{name:<14} {one:>7.1} ns  {two:>7.1} ns  {:.2}", two / one);
}

/// Of one of so many threads, for each time.
fn nanos(threads: usize, times: usize, once: &(impl Fn(usize) + Sync)) -> f64 {
    let start = Barrier::new(threads);
    thread::scope(|scope| {
        let running = |client| {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                let before = on_processor();
                for _ in 0..times {
                    once(client);
                }
                on_processor() - before
            })
        };
        let running: Vec<_> = (0..threads).map(running).collect();
        let total: f64 = running
            .into_iter()
            .filter_map(|thread| thread.join().ok())
            .sum();
        total / (threads * times) as f64
    })
}

/// How long this thread has run, in nanoseconds; the kernel counts on at each tick of some milliseconds.
fn on_processor() -> f64 {
    let schedule = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let ran = schedule.split(' ').next();
    ran.and_then(|ran| ran.parse().ok()).unwrap_or(f64::NAN)
}

const ROUNDS: usize = 11;
