//! How much is let through at most, and at least.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use proptest::prelude::*;
use tower_edge::rate_limit::Policy;

use crate::suite::{Counting, MINUTE, SECOND, TestStore, TestStoreExt, cost};

/// Requests of one client: how long after the one before it, and at what cost.
fn traces(longest: Duration) -> impl Strategy<Value = Vec<(Duration, u32)>> {
    let longest = u64::try_from(longest.as_micros()).unwrap();
    let gap = prop_oneof![Just(0), 0..=longest / 20, 0..=longest].prop_map(Duration::from_micros);
    prop::collection::vec((gap, 1..4_u32), 1..80)
}

/// What was let through: when, since the beginning, and at what cost.
fn admitted<T: TestStore>(policy: &Policy, trace: &[(Duration, u32)]) -> Vec<(Duration, u32)> {
    let store = T::new();
    let demand = store.demand(policy, "alice");
    let mut now = Duration::ZERO;
    let mut admitted = Vec::new();
    for (gap, units) in trace {
        now += *gap;
        store.advance(*gap);
        if store.take(demand.with_cost(cost(*units))).is_allowed() {
            admitted.push((now, *units));
        }
    }
    admitted
}

/// Of each stretch that begins and ends with a request: how long it is, and what was let through.
fn stretches(admitted: &[(Duration, u32)]) -> impl Iterator<Item = (Duration, u32)> {
    (0..admitted.len()).flat_map(move |first| {
        let begin = admitted[first].0;
        admitted[first..].iter().scan(0, move |sum, (at, units)| {
            *sum += units;
            Some((*at - begin, *sum))
        })
    })
}

pub(crate) fn gcra_admits_no_more_than_the_burst_and_what_came_back<T: TestStore>() {
    proptest!(T::cases(), |(count in 1..20_u32, trace in traces(2 * SECOND))| {
        let policy = Counting::Gcra.policy("gcra", count, SECOND);
        let interval = policy.emission_interval();

        for (length, units) in stretches(&admitted::<T>(&policy, &trace)) {
            let came_back = length.as_nanos() / interval.as_nanos();
            prop_assert!(u128::from(units) <= u128::from(count) + came_back, "{units} in {length:?}");
        }
    });
}

pub(crate) fn a_sliding_window_admits_no_more_than_the_count_in_any_window<T: TestStore>() {
    proptest!(T::cases(), |(count in 1..20_u32, period in 1..5_000_000_u64, trace in traces(2 * SECOND))| {
        let period = Duration::from_micros(period + 1000);
        let policy = Counting::Window.policy("window", count, period);

        for (length, units) in stretches(&admitted::<T>(&policy, &trace)) {
            prop_assert!(length >= period || units <= count, "{units} in {length:?}");
        }
    });
}

/// Times are kept in steps of a 65535th of the period, here more than an hour.
pub(crate) fn a_sliding_window_is_strict_though_times_are_rounded<T: TestStore>() {
    let period = Policy::MAX_PERIOD;
    let quarter_of_an_hour = 900 * SECOND;
    for count in [2, 3] {
        let store = T::new();
        let policy = Counting::Window.policy("window", count, period);
        let demand = store.demand(&policy, "alice");
        store.take(demand);
        store.advance(quarter_of_an_hour);
        store.take(demand);
        store.advance(period - quarter_of_an_hour / 2);
        let third = store.take(demand);
        assert_eq!(
            third.is_allowed(),
            count == 3,
            "two are in sight of {count}"
        );

        store.advance(quarter_of_an_hour / 2 - SECOND);

        assert!(
            !store.take(demand).is_allowed(),
            "the second of {count} is in sight"
        );
    }
}

pub(crate) fn a_month_admits_no_more_than_its_quota<T: TestStore>() {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    proptest!(T::cases(), |(count in 1..20_u32, trace in traces(10 * DAY))| {
        let policy = Counting::Month.policy("month", count, SECOND);
        let admitted = admitted::<T>(&policy, &trace);

        // February, March, April and so on of 2021, by the days from the 1st of February.
        for (first, next) in [(0, 28), (28, 59), (59, 89), (89, 120), (120, 150), (150, 181)] {
            let of_month = admitted.iter().filter(|(at, _)| (first * DAY..next * DAY).contains(at));
            prop_assert!(of_month.map(|(_, units)| units).sum::<u32>() <= count);
        }
    });
}

/// The price of two windows: the one before counts until its last request is out of sight.
pub(crate) fn even_traffic_gets_half_of_a_sliding_window_and_a_burst_all_of_it<T: TestStore>() {
    let policy = Counting::Window.policy("window", 100, MINUTE);
    let evenly: Vec<_> = (0..6000).map(|_| (MINUTE / 200, 1)).collect();
    let bursts: Vec<_> = (0..6000)
        .map(|number| {
            (
                if number % 200 == 0 {
                    MINUTE + MINUTE / 1000
                } else {
                    Duration::ZERO
                },
                1,
            )
        })
        .collect();

    let windows = 30;
    let evenly = admitted::<T>(&policy, &evenly).len();
    let bursts = admitted::<T>(&policy, &bursts).len();

    assert!((50 * windows..=100 * windows).contains(&evenly), "{evenly}");
    assert_eq!(bursts, 100 * windows);
}

pub(crate) fn many_at_once_are_admitted_exactly<T: Sync + TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let wide = counting.policy("wide", 1000, 3600 * SECOND);
        let narrow = counting.policy("narrow", 100, 3600 * SECOND);
        let demands = [store.demand(&wide, "alice"), store.demand(&narrow, "alice")];
        let (start, workers) = (Barrier::new(8), 8);

        let admitted: usize = thread::scope(|scope| {
            let work = || {
                start.wait();
                (0..100)
                    .filter(|_| store.check(&demands).is_allowed())
                    .count()
            };
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            workers
                .into_iter()
                .map(|worker| worker.join().unwrap())
                .sum()
        });

        assert_eq!(admitted, 100, "{counting:?}");
        assert_eq!(store.look(demands[0]).remaining(), 900, "{counting:?}");
    }
}
