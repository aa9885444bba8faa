//! Units on lease: how many trips they save, and how far they may be off.

use tokio::time::{sleep, sleep_until};

use super::*;

const HOUR: Duration = Duration::from_secs(3600);

fn leasing(connection: &TestConnection) -> TestStore {
    store(connection).with_leases(100)
}

#[tokio::test(start_paused = true)]
async fn a_busy_key_costs_one_trip_in_a_hundred_requests() {
    let connection = TestConnection::new();
    let store = leasing(&connection);
    let quota = quota(1_000_000, HOUR);

    for _ in 0..10_000 {
        assert!(take(&store, &quota).await.is_allowed());
    }

    let trips = connection.calls();
    assert!(trips <= 10_000 / 100 + 5, "{trips}");
    assert_eq!(store.counters().lease_hits, u64::from(10_000 - trips));
}

#[tokio::test(start_paused = true)]
async fn many_at_once_wait_for_the_trip_of_one() {
    let connection = TestConnection::new();
    let store = Arc::new(leasing(&connection));
    let quota = quota(1_000_000, HOUR);
    let mut waiting = JoinSet::new();
    for _ in 0..100 {
        let store = store.clone();
        waiting.spawn(async move { take(&store, &quota).await.is_allowed() });
    }

    let allowed = waiting.join_all().await;

    assert!(allowed.into_iter().all(|is_allowed| is_allowed));
    assert_eq!(connection.calls(), 2);
    assert_eq!(store.counters().fallbacks, 0);
}

/// Has a hundred ask at once: all are allowed by the server, or by what it granted, and soon.
async fn a_hundred_at_once(
    connection: &TestConnection,
    store: TestStore,
    requests: &[QuotaRequest],
) {
    let (store, begun) = (Arc::new(store), Instant::now());
    let mut waiting = JoinSet::new();
    for _ in 0..100 {
        let (store, requests) = (store.clone(), requests.to_vec());
        waiting.spawn(async move { check(&store, &requests).await.unwrap().is_allowed() });
    }

    let allowed = waiting.join_all().await;

    assert!(allowed.into_iter().all(|is_allowed| is_allowed));
    assert_eq!(store.counters().fallbacks, 0, "{requests:?}");
    assert!(connection.calls() <= 110, "{}", connection.calls());
    assert!(begun.elapsed() <= 7 * MILLISECOND, "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn many_at_once_that_no_lease_would_allow_call_for_themselves() {
    let (hour, short) = (quota(1_000_000, HOUR), quota(10_000, 99 * MILLISECOND));
    for (quota, cost) in [(hour, 20), (hour, 10), (hour, 7), (short, 1)] {
        let connection = TestConnection::new();
        let store = store(&connection).with_leases(10);
        let alices = request(&store, quota).with_cost(units(cost));

        a_hundred_at_once(&connection, store, &[alices]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn many_at_once_under_two_quotas_are_decided_soon() {
    for spent in (0..200).step_by(7) {
        let connection = TestConnection::new();
        let store = leasing(&connection);
        let wide = Quota::per_hour(1_000_000).named("wide");
        let other = Quota::per_hour(1_000_000).named("other");
        let key = store.hash(&alice());
        let wide = QuotaRequest::new(wide, key);
        // Then something is left of the first, each time another part of a lease.
        for _ in 0..spent {
            assert!(
                check(&store, slice::from_ref(&wide))
                    .await
                    .unwrap()
                    .is_allowed()
            );
        }

        a_hundred_at_once(&connection, store, &[wide, QuotaRequest::new(other, key)]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn many_at_once_whose_other_quota_is_used_up_call_for_themselves() {
    for left in [1, 3, 60] {
        let connection = TestConnection::new();
        let store = leasing(&connection);
        let wide = Quota::per_hour(1_000_000).named("wide");
        let observed = Quota::per_hour(left).named("observed");
        let key = store.hash(&alice());
        let observed = QuotaRequest::new(observed, key).with_enforced(false);

        a_hundred_at_once(
            &connection,
            store,
            &[QuotaRequest::new(wide, key), observed],
        )
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_seldom_seen_takes_none() {
    let connection = TestConnection::new();
    let store = leasing(&connection);
    let quota = quota(1000, HOUR);

    for _ in 0..10 {
        take(&store, &quota).await;
        sleep(5 * SECOND).await;
    }

    assert_eq!((connection.calls(), store.counters().lease_hits), (10, 0));
}

#[tokio::test(start_paused = true)]
async fn leased_units_leave_the_states_that_the_server_would_send() {
    let (one_by_one, leased) = (TestConnection::new(), TestConnection::new());
    let (exact, leasing) = (store(&one_by_one), leasing(&leased));
    let quota = quota(1000, HOUR);

    for number in 1..=300 {
        let (exact, leasing) = (take(&exact, &quota).await, take(&leasing, &quota).await);

        assert_eq!(leasing.remaining(), 1000 - number);
        assert_eq!(leasing.remaining(), exact.remaining());
        // Their clocks are not moved at the same moments.
        let difference = leasing.reset().abs_diff(exact.reset());
        assert!(difference <= SECOND, "{number}: {difference:?}");
    }
}

/// What may be withheld from others: at most so many units for each machine, for as long as a lease.
#[tokio::test(start_paused = true)]
async fn no_more_than_the_units_of_each_machine_are_withheld_and_not_for_long() {
    let connection = TestConnection::new();
    let (busy, other) = (leasing(&connection), leasing(&connection));
    let quota = quota(1000, HOUR);
    for _ in 0..200 {
        take(&busy, &quota).await;
    }
    let mut admitted = 200;
    while take(&other, &quota).await.is_allowed() {
        admitted += 1;
    }
    assert!((900..=1000).contains(&admitted), "{admitted}");
    assert!(admitted < 1000, "something is on lease");

    // A lease lasts a second, and is looked for every tenth of one.
    sleep(SECOND + 200 * MILLISECOND).await;
    while take(&other, &quota).await.is_allowed() {
        admitted += 1;
    }

    assert_eq!(admitted, 1000);
}

/// What may be admitted beyond the limit: what comes back while a lease lasts, and no more than is on
/// lease.
#[tokio::test(start_paused = true)]
async fn no_more_is_admitted_in_excess_than_comes_back_while_a_lease_lasts() {
    for (count, period) in [(50, HOUR), (1000, 60 * SECOND), (1000, SECOND)] {
        let connection = TestConnection::new();
        let stores = [leasing(&connection), leasing(&connection)];
        let quota = quota(count, period);
        let interval = quota.emission_interval();
        let lasts = (period / 10).min(SECOND);
        let mut admitted: Vec<Instant> = Vec::new();
        for round in 0..6000_u32 {
            if take(&stores[round as usize % 2], &quota).await.is_allowed() {
                admitted.push(Instant::now());
            }
            // In bursts: all at once, and then nothing for most of a lease.
            if round % 500 == 0 {
                sleep(lasts * 9 / 10).await;
            }
        }

        for (place, first) in admitted.iter().enumerate() {
            for (last, number) in admitted[place..].iter().zip(1_u128..) {
                let in_time = |time: Duration| time.as_nanos() / interval.as_nanos();
                let came_back = in_time(*last - *first) + 2 * 100;
                let most = u128::from(count) + came_back.min(in_time(*last - *first + lasts));
                assert!(number <= most, "{number} in {:?}", *last - *first);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_left_is_given_back_when_the_store_is_dropped() {
    let connection = TestConnection::new();
    let store = leasing(&connection);
    let quota = quota(1000, HOUR);
    for _ in 0..30 {
        take(&store, &quota).await;
    }
    let interval = u64::try_from(quota.emission_interval().as_micros()).unwrap();
    assert!(connection.debt() > 31 * interval);

    drop(store);
    sleep(200 * MILLISECOND).await;

    assert!(connection.debt() <= 30 * interval);
    let calls = connection.calls();
    sleep(10 * SECOND).await;
    assert_eq!(connection.calls(), calls);
    assert_eq!(Arc::strong_count(&connection.0), 1, "the task has ended");
}

#[tokio::test(start_paused = true)]
async fn what_is_left_of_many_leases_is_given_back_while_a_lease_lasts() {
    let connection = TestConnection::new();
    let store = Arc::new(leasing(&connection));
    let quota = quota(1000, HOUR);
    let interval = u64::try_from(quota.emission_interval().as_micros()).unwrap();
    let mut taking = JoinSet::new();
    for key in 0..1000 {
        let store = store.clone();
        taking.spawn(async move {
            let request = QuotaRequest::new(quota, KeyHash::from_bits(key << 54));
            for _ in 0..2 {
                check(&store, slice::from_ref(&request)).await.unwrap();
            }
        });
    }
    taking.join_all().await;
    let spent = 2 * 1000 * interval;
    assert!(connection.debt() > spent + 1500 * interval);

    sleep(SECOND + 200 * MILLISECOND).await;

    assert!(
        connection.debt() <= spent,
        "{}",
        connection.debt() / interval
    );
}

#[tokio::test(start_paused = true)]
async fn a_quota_of_the_same_name_spends_no_lease_of_another() {
    let connection = TestConnection::new();
    let store = leasing(&connection);
    let (generous, strict) = (quota(1000, HOUR), quota(5, HOUR));
    for _ in 0..30 {
        take(&store, &generous).await;
    }

    for _ in 0..5 {
        take(&store, &strict).await;
    }

    assert!(!take(&store, &strict).await.is_allowed());
}

#[tokio::test(start_paused = true)]
async fn a_request_under_two_quotas_is_allowed_if_both_have_units() {
    let connection = TestConnection::new();
    let store = leasing(&connection);
    let wide = Quota::per_hour(100).named("wide");
    let narrow = Quota::per_hour(50).named("narrow");
    let key = store.hash(&alice());
    let requests = [QuotaRequest::new(wide, key), QuotaRequest::new(narrow, key)];
    let mut admitted = 0;
    while check(&store, &requests).await.unwrap().is_allowed() {
        admitted += 1;
    }

    assert_eq!(admitted, 50);
    assert!(connection.calls() < 30, "{}", connection.calls());
    // What was taken of the wide one for what the narrow one rejected is not lost.
    sleep(2 * SECOND).await;
    let state = store.peek(&wide, &alice()).await.unwrap();
    assert_eq!(state.remaining(), 100 - 50);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_lost_does_not_end_what_is_on_lease() {
    let connection = TestConnection::new();
    let store = leasing(&connection).with_on_error(OnStoreError::Closed);
    let quota = quota(1000, HOUR);
    for _ in 0..45 {
        take(&store, &quota).await;
    }
    connection.is_now(Mood::Stalled);

    let alices = request(&store, quota);
    let mut admitted = 0;
    while check(&store, slice::from_ref(&alices)).await.is_ok() {
        admitted += 1;
    }

    assert!((1..=100).contains(&admitted), "{admitted}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_during_its_call_leaves_the_flight_to_another() {
    let connection = TestConnection::new();
    let store = leasing(&connection);
    let quota = quota(1000, HOUR);
    connection.is_now(Mood::Stalled);
    tokio::time::timeout(5 * MILLISECOND, take(&store, &quota))
        .await
        .unwrap_err();
    connection.is_now(Mood::Well);

    assert!(take(&store, &quota).await.is_allowed());
    assert_eq!(connection.0.calls.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_granted_to_one_that_has_left_is_spent_by_others_or_given_back() {
    let connection = TestConnection::new();
    let store = leasing(&connection);
    let quota = quota(1000, HOUR);
    let interval = u64::try_from(quota.emission_interval().as_micros()).unwrap();
    for _ in 0..60 {
        take(&store, &quota).await;
    }
    let (calls, mut taken) = (connection.calls(), 60);
    while connection.calls() == calls {
        // One that calls the server leaves before its reply.
        let _ = tokio::time::timeout(Duration::ZERO, take(&store, &quota)).await;
        taken += 1;
    }
    sleep(2 * MILLISECOND).await;

    take(&store, &quota).await;
    taken += 1;
    assert_eq!(connection.calls(), calls + 1, "it is spent by others");

    sleep(SECOND + 200 * MILLISECOND).await;
    assert!(connection.debt() <= taken * interval, "it is given back");
}

#[tokio::test(start_paused = true)]
async fn where_little_is_left_each_calls_for_itself_and_nobody_waits_long() {
    for (count, allowed) in [(60, 50), (3, 3)] {
        let connection = TestConnection::new();
        let store = Arc::new(leasing(&connection));
        let quota = quota(count, HOUR);
        let begun = Instant::now();
        let mut waiting = JoinSet::new();
        for _ in 0..50 {
            let store = store.clone();
            waiting.spawn(async move { take(&store, &quota).await.is_allowed() });
        }

        let admitted = waiting.join_all().await;

        let admitted = admitted.into_iter().filter(|is_allowed| *is_allowed);
        assert_eq!(admitted.count(), allowed);
        assert_eq!(store.counters().fallbacks, 0);
        // One trip alone, one for many, and those of each.
        assert!(begun.elapsed() <= 3 * MILLISECOND, "{:?}", begun.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_left_of_one_lease_does_not_shorten_the_next() {
    let connection = TestConnection::new();
    let store = leasing(&connection);
    let quota = quota(1000, HOUR);
    let interval = u64::try_from(quota.emission_interval().as_micros()).unwrap();
    for _ in 0..60 {
        take(&store, &quota).await;
    }
    // It is over, and not given back yet.
    sleep(SECOND).await;
    let calls = connection.calls();

    for _ in 0..60 {
        take(&store, &quota).await;
    }

    // One asks for more, and one gives back what was left.
    assert_eq!(connection.calls(), calls + 2);
    sleep(SECOND + 200 * MILLISECOND).await;
    assert!(connection.debt() <= 120 * interval, "both are given back");
}

#[tokio::test(start_paused = true)]
async fn a_lease_expires_by_the_time_of_the_call() {
    let connection = TestConnection::new();
    let store = leasing(&connection);
    let quota = quota(1000, SECOND);
    take(&store, &quota).await;
    let begun = Instant::now();
    take(&store, &quota).await;

    assert_eq!(connection.calls(), 2);
    for lasts in [99, 100] {
        sleep_until(begun + lasts * MILLISECOND).await;
        take(&store, &quota).await;
        assert_eq!(store.counters().lease_hits, 1, "{lasts}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_rejected_account_has_on_lease_goes_back_at_once() {
    let connection = TestConnection::new();
    let store = leasing(&connection);
    let quota = quota(40, HOUR);
    for _ in 0..20 {
        take(&store, &quota).await;
    }
    let interval = u64::try_from(quota.emission_interval().as_micros()).unwrap();
    assert!(connection.debt() > 20 * interval);
    let dear = request(&store, quota).with_cost(units(20));
    assert!(
        !check(&store, slice::from_ref(&dear))
            .await
            .unwrap()
            .is_allowed()
    );

    sleep(200 * MILLISECOND).await;

    assert!(connection.debt() <= 20 * interval);
    assert!(check(&store, &[dear]).await.unwrap().is_allowed());
}

#[tokio::test(start_paused = true)]
async fn an_account_that_a_request_names_twice_does_not_wait_for_itself() {
    let connection = TestConnection::new();
    let store = leasing(&connection);
    let quota = quota(1000, HOUR);
    let alices = request(&store, quota);

    for _ in 0..10 {
        assert!(
            check(&store, &[alices.clone(), alices.clone()])
                .await
                .unwrap()
                .is_allowed()
        );
    }

    assert_eq!(store.counters().fallbacks, 0);
}

/// What is left of a lease from before it is not given back to what is charged since.
#[tokio::test(start_paused = true)]
async fn a_reset_ends_the_leases_of_this_machine_and_none_gives_back_what_it_forgot() {
    let connection = TestConnection::new();
    let (here, elsewhere) = (leasing(&connection), leasing(&connection));
    let quota = quota(1000, HOUR);
    for _ in 0..30 {
        take(&here, &quota).await;
        take(&elsewhere, &quota).await;
    }

    here.reset(&quota, &alice()).await.unwrap();

    let trips = connection.calls();
    take(&here, &quota).await;
    assert_eq!(connection.calls(), trips + 1);
    let exact = store(&connection);
    let dear = request(&exact, quota).with_cost(units(900));
    assert!(check(&exact, &[dear]).await.unwrap().is_allowed());
    // A lease lasts a second, and is looked for every tenth of one.
    sleep(SECOND + 200 * MILLISECOND).await;
    let state = exact.peek(&quota, &alice()).await.unwrap();
    assert!(state.remaining() <= 1000 - 901, "{state:?}");
}
