use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fastrand::Rng;

/// What an id is made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draw {
    /// Bits that nobody should rely on not knowing. The upper half is another in a copy of the process.
    pub(super) bits: u128,
    /// The time since 1970.
    pub(super) time: Duration,
}

/// Two generators with a seed of 64 bits each, as one would repeat itself among some billion ids. The
/// lower half is never drawn twice by a thread; into the upper one goes the time, and stays in it, so
/// that two copies of a process part for ever once their clocks have differed by a nanosecond.
#[expect(
    clippy::disallowed_methods,
    reason = "the time goes into the id, nothing is decided by it"
)]
pub(super) fn draw() -> Draw {
    let time = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Draw {
        bits: bits_after(time),
        time,
    }
}

/// Bits alone, for a request that came at this time.
pub(super) fn bits_at(now: Instant) -> u128 {
    bits_after(now.saturating_duration_since(*EPOCH))
}

fn bits_after(time: Duration) -> u128 {
    STATE.with(|state| {
        let (bits, next) = drawn(state.get(), time);
        state.set(next);
        bits
    })
}

/// The seeds of the two halves.
type State = [u64; 2];

fn drawn([upper, lower]: State, time: Duration) -> (u128, State) {
    let nanos = time.as_secs().wrapping_mul(1_000_000_000) ^ u64::from(time.subsec_nanos());
    let mut upper = Rng::with_seed(upper ^ nanos);
    let mut lower = Rng::with_seed(lower);
    let bits = u128::from(upper.u64(..)) << 64 | u128::from(lower.u64(..));
    (bits, [upper.get_seed(), lower.get_seed()])
}

/// The standard library asks the system for randomness once per thread.
fn seed() -> State {
    let random = RandomState::new();
    [random.hash_one(0_u8), random.hash_one(1_u8)]
}

/// Earlier than all requests but the first.
#[expect(
    clippy::disallowed_methods,
    reason = "the time goes into the id, nothing is decided by it"
)]
static EPOCH: LazyLock<Instant> = LazyLock::new(Instant::now);

thread_local! {
    static STATE: Cell<State> = Cell::new(seed());
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::thread;

    use super::*;

    const NOW: Duration = Duration::new(1_700_000_000, 5);

    #[test]
    fn draws_differ_even_where_the_clock_stands_still() {
        let mut state = [1, 2];
        let mut seen = HashSet::new();

        for _ in 0..10_000 {
            let (bits, next) = drawn(state, NOW);
            state = next;
            assert!(seen.insert(bits >> 64) && seen.insert(bits & u128::from(u64::MAX)));
        }
    }

    #[test]
    fn a_copy_of_the_process_parts_at_the_first_nanosecond_that_differs() {
        let (mut parent, mut child) = ([1, 2], [1, 2]);
        let later = NOW + Duration::from_nanos(1);

        for (nth, (ours, theirs)) in [(NOW, later), (NOW, NOW), (NOW, NOW)]
            .into_iter()
            .enumerate()
        {
            let (a, next) = drawn(parent, ours);
            parent = next;
            let (b, next) = drawn(child, theirs);
            child = next;
            assert_ne!(a >> 64, b >> 64, "{nth}");
        }
    }

    #[test]
    fn threads_are_seeded_each() {
        let drawn = || thread::spawn(|| draw().bits).join().unwrap();

        assert_ne!(drawn(), drawn());
        assert_ne!(thread::spawn(seed).join().unwrap(), seed());
    }
}
