//! What a server that is slow, lost or a cluster does to requests.

use tokio::time::{sleep, timeout};

use super::*;

/// What is decided while the server does not reply, and how long it took.
async fn while_stalled(store: &TestStore) -> (Result<Decision, RedisStoreError>, Duration) {
    let alices = request(store, quota(2, SECOND));
    let begun = Instant::now();
    let decision = check(store, &[alices]).await;
    (decision, begun.elapsed())
}

fn stalled(on_error: OnStoreError) -> TestStore {
    let connection = TestConnection::new();
    connection.is_now(Mood::Stalled);
    store(&connection).with_on_error(on_error)
}

#[tokio::test(start_paused = true)]
async fn the_fallback_decides_when_the_time_is_over() {
    let store = stalled(OnStoreError::LocalFallback);
    for remaining in [1, 0] {
        let (decision, took) = while_stalled(&store).await;

        let decision = decision.unwrap();
        assert_eq!(decision.states()[0].remaining(), remaining);
        assert!(took <= TIMEOUT + 10 * MILLISECOND, "{took:?}");
    }
    assert!(!while_stalled(&store).await.0.unwrap().is_allowed());
    assert_eq!(store.counters().fallbacks, 3);
}

#[tokio::test(start_paused = true)]
async fn open_allows_without_states_when_the_time_is_over() {
    let store = stalled(OnStoreError::Open);
    for _ in 0..3 {
        let (decision, took) = while_stalled(&store).await;

        let decision = decision.unwrap();
        assert!(decision.is_allowed() && decision.states().is_empty());
        assert!(took <= TIMEOUT + 10 * MILLISECOND, "{took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn closed_is_an_error_when_the_time_is_over() {
    let store = stalled(OnStoreError::Closed);

    let (decision, took) = while_stalled(&store).await;

    assert!(matches!(decision, Err(RedisStoreError::TimedOut { .. })));
    assert!(took <= TIMEOUT + 10 * MILLISECOND, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn the_breaker_fails_calls_at_once_and_calls_the_server_again() {
    let connection = TestConnection::new();
    connection.is_now(Mood::Stalled);
    let store = store(&connection).with_on_error(OnStoreError::Closed);
    for _ in 0..FAILURES {
        while_stalled(&store).await.0.unwrap_err();
    }

    let (decision, took) = while_stalled(&store).await;
    assert!(matches!(decision, Err(RedisStoreError::Paused)));
    assert_eq!((took, connection.calls()), (Duration::ZERO, FAILURES));
    assert_eq!(store.counters().errors, u64::from(FAILURES));

    connection.is_now(Mood::Well);
    advance(SECOND).await;
    while_stalled(&store).await.0.unwrap();
    assert_eq!(store.counters().breaker, BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_script_that_was_lost_is_handed_in_within_the_same_time() {
    let connection = TestConnection::new();
    connection.is_now(Mood::Forgetful);
    let store = store(&connection).with_on_error(OnStoreError::Closed);

    let (decision, took) = while_stalled(&store).await;

    assert!(matches!(decision, Err(RedisStoreError::TimedOut { .. })));
    assert_eq!((took, connection.calls()), (TIMEOUT, 2));
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_for_a_lease_wait_no_longer() {
    let connection = TestConnection::new();
    connection.is_now(Mood::Stalled);
    let store = Arc::new(store(&connection).with_leases(100));
    let mut waiting = JoinSet::new();
    for _ in 0..50 {
        let store = store.clone();
        waiting.spawn(async move { while_stalled(&store).await.1 });
    }

    let took = waiting.join_all().await;

    assert!(
        took.iter().all(|took| *took <= TIMEOUT + 10 * MILLISECOND),
        "{took:?}"
    );
    assert_eq!(store.counters().fallbacks, 50);
}

#[tokio::test(start_paused = true)]
async fn what_the_fallback_has_charged_is_given_back_to_it() {
    let connection = TestConnection::new();
    connection.is_now(Mood::Stalled);
    let store = store(&connection);
    let quota = quota(2, 60 * SECOND);
    let alices = request(&store, quota);
    let charged = check(&store, &[alices]).await.unwrap();
    connection.is_now(Mood::Well);
    let calls = connection.calls();

    let refunded = refund(&store, quota, &charged).await.unwrap();

    assert_eq!(refunded.states()[0].remaining(), 2);
    assert_eq!(connection.calls(), calls);
}

#[tokio::test(start_paused = true)]
async fn a_rejection_that_comes_after_a_refund_and_was_made_before_it_is_not_remembered() {
    let connection = TestConnection::new();
    let store = Arc::new(store(&connection));
    let quota = quota(1, 60 * SECOND);
    let alices = request(&store, quota);
    let charged = check(&store, &[alices]).await.unwrap();
    connection.is_now(Mood::Late);
    let rejected = tokio::spawn({
        let store = store.clone();
        async move { take(&store, &quota).await.is_allowed() }
    });
    sleep(2 * MILLISECOND).await;
    connection.is_now(Mood::Well);

    refund(&store, quota, &charged).await.unwrap();
    assert!(!rejected.is_finished());

    assert!(!rejected.await.unwrap());
    assert!(take(&store, &quota).await.is_allowed());
}

#[tokio::test(start_paused = true)]
async fn a_refund_that_nobody_waits_for_has_the_rejection_forgotten() {
    let connection = TestConnection::new();
    let store = store(&connection);
    let quota = quota(1, 60 * SECOND);
    let alices = request(&store, quota);
    let charged = check(&store, &[alices]).await.unwrap();
    assert!(!take(&store, &quota).await.is_allowed());
    let calls = connection.calls();

    let leaving = refund(&store, quota, &charged);
    timeout(Duration::ZERO, leaving).await.unwrap_err();

    take(&store, &quota).await;
    assert_eq!(connection.calls(), calls + 2);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_has_charged_is_given_back_to_nobody() {
    let store = stalled(OnStoreError::Open);

    let (let_through, _) = while_stalled(&store).await;

    assert_eq!(let_through.unwrap().receipt(0), None);
}

#[tokio::test(start_paused = true)]
async fn a_refund_that_is_lost_is_an_error_and_no_credit_elsewhere() {
    let connection = TestConnection::new();
    let store = store(&connection);
    let quota = quota(2, 60 * SECOND);
    let alices = request(&store, quota);
    let charged = check(&store, &[alices]).await.unwrap();
    connection.is_now(Mood::Stalled);

    let refunded = refund(&store, quota, &charged).await;

    assert!(matches!(refunded, Err(RedisStoreError::TimedOut { .. })));
}

#[tokio::test(start_paused = true)]
async fn the_server_and_the_fallback_each_give_back_what_they_have_charged() {
    let connection = TestConnection::new();
    let store = store(&connection);
    let mut refunds = Vec::new();
    for (name, count, mood) in [
        ("five", 5, Mood::Stalled),
        ("seven", 7, Mood::Well),
        ("nine", 9, Mood::Stalled),
    ] {
        connection.is_now(mood);
        let request = request(&store, quota(count, 60 * SECOND).named(name));
        let charged = check(&store, slice::from_ref(&request)).await.unwrap();
        refunds.push(request.with_receipt(charged.receipt(0).unwrap()));
    }
    connection.is_now(Mood::Well);

    let refunded = store.apply(Operation::Refund, &refunds, None).wait().await;

    let refunded = refunded.unwrap();
    let remaining = refunded.states().iter().map(QuotaState::remaining);
    assert_eq!(remaining.collect::<Vec<_>>(), [5, 7, 9]);
    assert_eq!((connection.calls(), connection.debt()), (4, 0));
}

#[tokio::test(start_paused = true)]
async fn a_rejection_costs_no_trip_for_a_second() {
    let connection = TestConnection::new();
    let store = store(&connection);
    let quota = quota(1, 3600 * SECOND);
    take(&store, &quota).await;

    for _ in 0..100 {
        assert!(!take(&store, &quota).await.is_allowed());
    }
    assert_eq!(connection.calls(), 2);
    assert_eq!(store.counters().deny_cache_hits, 99);

    advance(999 * MILLISECOND).await;
    take(&store, &quota).await;
    assert_eq!(connection.calls(), 2);

    advance(MILLISECOND).await;
    take(&store, &quota).await;
    assert_eq!(connection.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_is_given_back_is_there_at_once() {
    let connection = TestConnection::new();
    let store = store(&connection);
    let quota = quota(1, 60 * SECOND);
    let alices = request(&store, quota);
    let charged = check(&store, &[alices]).await.unwrap();
    assert!(!take(&store, &quota).await.is_allowed());

    refund(&store, quota, &charged).await.unwrap();

    assert!(take(&store, &quota).await.is_allowed());
}

#[tokio::test(start_paused = true)]
async fn a_rejection_is_forgotten_when_its_account_is_charged() {
    let connection = TestConnection::new();
    let store = store(&connection);
    let quota = quota(5, 60 * SECOND);
    let dear = request(&store, quota).with_cost(units(5));
    take(&store, &quota).await;
    for remaining in [4, 3] {
        let rejected = check(&store, slice::from_ref(&dear)).await.unwrap();

        assert!(!rejected.is_allowed());
        assert_eq!(rejected.states()[0].remaining(), remaining);
        take(&store, &quota).await;
    }
}

#[tokio::test(start_paused = true)]
async fn without_requests_no_server_is_called() {
    let connection = TestConnection::new();
    let store = store(&connection);

    assert!(check(&store, &[]).await.unwrap().is_allowed());
    assert_eq!(connection.calls(), 0);
}

/// Two requests of keys that fall to two nodes, the first of which is known by this character.
fn of_two_nodes<'a>(quota: &'a Quota, strict: &'a Quota) -> ([QuotaRequest; 2], char) {
    let (alice, bob) = (KeyHash::from_bits(0xaaaa), KeyHash::from_bits(0xbbbb));
    (
        [
            QuotaRequest::new(*quota, alice),
            QuotaRequest::new(*strict, bob),
        ],
        'a',
    )
}

#[tokio::test(start_paused = true)]
async fn what_one_node_has_charged_is_given_back_when_another_rejects() {
    let connection = TestConnection::new();
    let store = store(&connection).with_deny_cache(0);
    let (wide, narrow) = (quota(10, 60 * SECOND), quota(1, 60 * SECOND));
    let (requests, _) = of_two_nodes(&wide, &narrow);
    connection.is_now(Mood::Cluster('0'));
    assert!(check(&store, &requests).await.unwrap().is_allowed());
    let charged = connection.debt();

    let rejected = check(&store, &requests).await.unwrap();

    let remaining = rejected.states().iter().map(QuotaState::remaining);
    assert_eq!(
        (rejected.is_allowed(), remaining.collect()),
        (false, vec![9, 0])
    );
    assert!(connection.debt() <= charged);
}

#[tokio::test(start_paused = true)]
async fn what_one_node_has_charged_is_given_back_when_another_fails() {
    let connection = TestConnection::new();
    let store = store(&connection);
    let quota = quota(10, 60 * SECOND);
    let (requests, first) = of_two_nodes(&quota, &quota);
    connection.is_now(Mood::Cluster(first));

    check(&store, &requests).await.unwrap();

    assert_eq!((store.counters().fallbacks, connection.debt()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn what_one_node_has_charged_is_given_back_though_the_client_leaves() {
    let connection = TestConnection::new();
    let store = store(&connection);
    let quota = quota(10, 60 * SECOND);
    let (requests, first) = of_two_nodes(&quota, &quota);
    connection.is_now(Mood::Cluster(first));

    // A millisecond to learn that it is a cluster, and another for the first node.
    let left = tokio::time::timeout(2 * MILLISECOND + MILLISECOND / 2, check(&store, &requests));
    left.await.unwrap_err();
    assert!(connection.debt() > 0);

    sleep(10 * MILLISECOND).await;
    assert_eq!(connection.debt(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_far_off_costs_one_trip_more_and_once() {
    let connection = TestConnection::new();
    connection.is_now(Mood::Ahead);
    let store = store(&connection).with_on_error(OnStoreError::Closed);
    let day = Quota::per_day(5).with_calendar(Calendar::DAY);

    for calls in [2, 3] {
        assert_eq!(take(&store, &day).await.remaining(), 4);
        assert_eq!(connection.calls(), calls);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_in_no_period_is_not_called_for_ever() {
    let connection = TestConnection::new();
    connection.is_now(Mood::Elsewhen);
    let store = store(&connection).with_on_error(OnStoreError::Closed);

    let decision = while_stalled(&store).await.0;

    assert!(matches!(decision, Err(RedisStoreError::Reply)));
    assert_eq!(connection.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn after_one_node_has_rejected_the_others_are_only_peeked_at() {
    let connection = TestConnection::new();
    let store = store(&connection).with_deny_cache(0);
    let (wide, narrow) = (quota(10, 60 * SECOND), quota(1, 60 * SECOND));
    let (both, _) = of_two_nodes(&narrow, &wide);
    connection.is_now(Mood::Cluster('0'));
    check(&store, &both).await.unwrap();
    let calls = connection.calls();

    let rejected = check(&store, &both).await.unwrap();

    assert_eq!(
        (rejected.is_allowed(), connection.calls()),
        (false, calls + 2)
    );
    assert_eq!(rejected.states()[1].remaining(), 9);
}

#[tokio::test(start_paused = true)]
async fn what_a_node_has_leased_is_given_back_with_the_rest() {
    let connection = TestConnection::new();
    let store = store(&connection).with_deny_cache(0).with_leases(100);
    let (wide, narrow) = (quota(1000, 3600 * SECOND), quota(2, 3600 * SECOND));
    let (requests, _) = of_two_nodes(&wide, &narrow);
    connection.is_now(Mood::Cluster('0'));
    for _ in 0..2 {
        assert!(check(&store, &requests).await.unwrap().is_allowed());
    }
    let interval = |quota: &Quota| u64::try_from(quota.emission_interval().as_micros()).unwrap();
    let spent = 2 * interval(&wide) + 2 * interval(&narrow);

    for _ in 0..20 {
        assert!(!check(&store, &requests).await.unwrap().is_allowed());
        // Two units are on lease since the second of the two.
        assert!(connection.debt() <= spent + 2 * interval(&wide));
    }
}

#[tokio::test(start_paused = true)]
async fn a_rejection_under_one_prefix_does_not_hold_under_another() {
    let connection = TestConnection::new();
    let store = store(&connection);
    let quota = quota(1, 60 * SECOND);
    take(&store, &quota).await;
    assert!(!take(&store, &quota).await.is_allowed());

    let other = store.clone().with_prefix("other").unwrap();

    assert!(take(&other, &quota).await.is_allowed());
}

#[tokio::test(start_paused = true)]
async fn a_peek_charges_nothing_and_calls_the_server() {
    let connection = TestConnection::new();
    let store = store(&connection);
    let quota = quota(2, 60 * SECOND);
    take(&store, &quota).await;

    for _ in 0..3 {
        let state = store.peek(&quota, &alice()).await.unwrap();

        assert_eq!((state.is_allowed(), state.used()), (true, 1));
    }
    assert_eq!(connection.calls(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_reset_is_seen_here_at_once_and_elsewhere_within_a_second() {
    let connection = TestConnection::new();
    let (here, elsewhere) = (store(&connection), store(&connection));
    let quota = quota(1, 3600 * SECOND);
    take(&here, &quota).await;
    assert!(!take(&here, &quota).await.is_allowed());
    assert!(!take(&elsewhere, &quota).await.is_allowed());

    let state = here.reset(&quota, &alice()).await.unwrap();

    assert_eq!(state.remaining(), 1);
    assert!(take(&here, &quota).await.is_allowed());
    here.reset(&quota, &alice()).await.unwrap();
    assert!(!take(&elsewhere, &quota).await.is_allowed());
    advance(SECOND).await;
    assert!(take(&elsewhere, &quota).await.is_allowed());
}

#[tokio::test(start_paused = true)]
async fn a_rejection_that_comes_after_a_reset_and_was_made_before_it_is_not_remembered() {
    let connection = TestConnection::new();
    let store = Arc::new(store(&connection));
    let quota = quota(1, 3600 * SECOND);
    take(&store, &quota).await;
    connection.is_now(Mood::Late);
    let rejected = tokio::spawn({
        let store = store.clone();
        async move { take(&store, &quota).await.is_allowed() }
    });
    sleep(2 * MILLISECOND).await;
    connection.is_now(Mood::Well);

    store.reset(&quota, &alice()).await.unwrap();

    assert!(!rejected.await.unwrap());
    assert!(take(&store, &quota).await.is_allowed());
}

#[tokio::test(start_paused = true)]
async fn while_the_server_is_away_the_fallback_is_peeked_at_and_a_reset_is_an_error() {
    let store = stalled(OnStoreError::LocalFallback);
    let quota = quota(2, SECOND);
    while_stalled(&store).await.0.unwrap();

    let peeked = store.peek(&quota, &alice()).await.unwrap();
    let reset = store.reset(&quota, &alice()).await;

    assert_eq!(peeked.remaining(), 1);
    assert!(matches!(reset, Err(RedisStoreError::TimedOut { .. })));
}
