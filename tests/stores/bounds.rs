//! How much is let through at most, and at least.

use std::sync::Barrier;
use std::time::Duration;
use std::{iter, thread};

use proptest::prelude::*;
use tower_edge::rate_limit::Quota;

use crate::suite::{Counting, MINUTE, SECOND, TestStore, TestStoreExt, cost};

/// Requests of one client: how long after the one before it, and at what cost.
fn traces(longest: Duration) -> impl Strategy<Value = Vec<(Duration, u32)>> {
    let longest = u64::try_from(longest.as_micros()).unwrap();
    let gap = prop_oneof![Just(0), 0..=longest / 20, 0..=longest].prop_map(Duration::from_micros);
    prop::collection::vec((gap, 1..4_u32), 1..80)
}

/// What was let through: when, since the beginning, and at what cost.
fn admitted<T: TestStore>(quota: Quota, trace: &[(Duration, u32)]) -> Vec<(Duration, u32)> {
    let store = T::new();
    let request = store.request(quota, "alice");
    let mut now = Duration::ZERO;
    let mut admitted = Vec::new();
    for (gap, units) in trace {
        now += *gap;
        store.advance(*gap);
        if store
            .take(&request.clone().with_cost(cost(*units)))
            .is_allowed()
        {
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
        let quota = Counting::Gcra.quota("gcra", count, SECOND);
        let interval = quota.emission_interval();

        for (length, units) in stretches(&admitted::<T>(quota, &trace)) {
            let came_back = length.as_nanos() / interval.as_nanos();
            prop_assert!(u128::from(units) <= u128::from(count) + came_back, "{units} in {length:?}");
        }
    });
}

pub(crate) fn a_sliding_window_admits_no_more_than_the_count_in_any_window<T: TestStore>() {
    proptest!(T::cases(), |(count in 1..20_u32, period in 1..5_000_000_u64, trace in traces(2 * SECOND))| {
        let period = Duration::from_micros(period + 1000);
        let quota = Counting::Window.quota("window", count, period);

        for (length, units) in stretches(&admitted::<T>(quota, &trace)) {
            prop_assert!(length >= period || units <= count, "{units} in {length:?}");
        }
    });
}

/// Times are kept in steps of an eleventh of the period, here of almost a year.
pub(crate) fn a_sliding_window_is_strict_though_times_are_rounded<T: TestStore>() {
    let period = Quota::MAX_PERIOD;
    let quarter_of_an_hour = 900 * SECOND;
    for count in [2, 3] {
        let store = T::new();
        let quota = Counting::Window.quota("window", count, period);
        let request = store.request(quota, "alice");
        store.take(&request);
        store.advance(quarter_of_an_hour);
        store.take(&request);
        store.advance(period - quarter_of_an_hour / 2);
        let third = store.take(&request);
        assert_eq!(
            third.is_allowed(),
            count == 3,
            "two are in sight of {count}"
        );

        store.advance(quarter_of_an_hour / 2 - SECOND);

        assert!(
            !store.take(&request).is_allowed(),
            "the second of {count} is in sight"
        );
    }
}

pub(crate) fn a_month_admits_no_more_than_its_quota<T: TestStore>() {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    proptest!(T::cases(), |(count in 1..20_u32, trace in traces(10 * DAY))| {
        let quota = Counting::Month.quota("month", count, SECOND);
        let admitted = admitted::<T>(quota, &trace);

        // February, March, April and so on of 2021, by the days from the 1st of February.
        for (first, next) in [(0, 28), (28, 59), (59, 89), (89, 120), (120, 150), (150, 181)] {
            let of_month = admitted.iter().filter(|(at, _)| (first * DAY..next * DAY).contains(at));
            prop_assert!(of_month.map(|(_, units)| units).sum::<u32>() <= count);
        }
    });
}

/// One that sends too much evenly, and one that sends it at once, each 1.1 periods.
pub(crate) fn a_client_that_sends_more_gets_nine_tenths_of_a_sliding_window<T: TestStore>() {
    let quota = Counting::Window.quota("window", 100, MINUTE);
    let evenly = vec![(MINUTE / 200, 1); 6000];
    let one_burst = || iter::once((MINUTE * 11 / 10, 1)).chain(vec![(Duration::ZERO, 1); 199]);
    let in_bursts: Vec<_> = (0..30).flat_map(|_| one_burst()).collect();

    let evenly = admitted::<T>(quota, &evenly).len();
    let in_bursts = admitted::<T>(quota, &in_bursts).len();

    assert!((90 * 30..=100 * 30).contains(&evenly), "{evenly}");
    assert_eq!(in_bursts, 100 * 30);
}

/// Below nine tenths of the quota.
pub(crate) fn a_steady_client_of_a_sliding_window_is_never_rejected<T: TestStore>() {
    proptest!(T::cases(), |(count in 10..40_u32, share in prop::sample::select(vec![5_u32, 7, 9]))| {
        let quota = Counting::Window.quota("window", count, MINUTE);
        // The period divided by nine tenths of the count, rounded up.
        let gap = (MINUTE * 10).as_micros().div_ceil((count * share).into());
        let gap = Duration::from_micros(u64::try_from(gap).unwrap());
        let trace = vec![(gap, 1); usize::try_from(3 * count).unwrap()];

        prop_assert_eq!(admitted::<T>(quota, &trace).len(), trace.len());
    });
}

pub(crate) fn many_at_once_are_admitted_exactly<T: Sync + TestStore>() {
    for counting in Counting::ALL {
        let store = T::new();
        let wide = counting.quota("wide", 1000, 3600 * SECOND);
        let narrow = counting.quota("narrow", 100, 3600 * SECOND);
        let requests = [store.request(wide, "alice"), store.request(narrow, "alice")];
        let (start, workers) = (Barrier::new(8), 8);

        let admitted: usize = thread::scope(|scope| {
            let work = || {
                start.wait();
                (0..100)
                    .filter(|_| store.try_acquire(&requests).is_allowed())
                    .count()
            };
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            workers
                .into_iter()
                .map(|worker| worker.join().unwrap())
                .sum()
        });

        assert_eq!(admitted, 100, "{counting:?}");
        assert_eq!(store.peek(&requests[0]).remaining(), 900, "{counting:?}");
    }
}
