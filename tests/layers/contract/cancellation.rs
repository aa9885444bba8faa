//! A call that nobody waits for any more is over.

use http::StatusCode;
use tokio_test::{assert_pending, task};
use tower::{Layer, Service, ServiceExt};

use crate::contract::layers;
use crate::contract::layers::request;
use crate::contract::probe::{Log, Probe};
use crate::contract::store::TestStore;

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_in_flight_drops_that_of_the_inner_service() {
    each_layer!(|name, layer| {
        let (probe, log) = Probe::that_never_responds();
        let mut call = task::spawn(layer.layer(probe).oneshot(request(())));
        // The second poll finds the decision of a store that decides later.
        assert_pending!(call.poll(), "{name}");
        assert_pending!(call.poll(), "{name}");
        assert_eq!(log.in_flight(), 1, "{name}");

        drop(call);

        assert_eq!(log.in_flight(), 0, "{name}");
        assert_nothing_is_left(&log, name);
    });
}

#[test]
fn a_call_that_is_never_polled_leaves_nothing_behind() {
    each_layer!(|name, layer| {
        let (probe, log) = Probe::that_never_responds();
        let mut service = layer.layer(probe);
        assert!(
            task::spawn(ServiceExt::<http::Request<()>>::ready(&mut service))
                .poll()
                .is_ready()
        );

        drop(service.call(request(())));
        drop(service);

        assert_nothing_is_left(&log, name);
    });
}

#[test]
fn a_call_that_is_dropped_while_a_store_decides_drops_the_check_and_calls_nothing() {
    let store = TestStore::never();
    let (probe, log) = Probe::that_responds();
    let service = layers::rate_limit(store.clone()).layer(probe);
    let mut call = task::spawn(service.oneshot(request(())));
    assert_pending!(call.poll());
    assert_eq!((store.under_way(), log.calls()), (1, 0));

    drop(call);

    assert_eq!((store.under_way(), log.calls()), (0, 0));
    assert_nothing_is_left(&log, "rate limit");
}

#[test]
fn a_check_is_dropped_as_soon_as_the_inner_service_is_called() {
    let store = TestStore::later(TestStore::ALLOWED);
    let (probe, log) = Probe::that_never_responds();
    let service = layers::rate_limit(store.clone()).layer(probe);
    let mut call = task::spawn(service.oneshot(request(())));

    assert_pending!(call.poll());
    assert_pending!(call.poll());

    assert_eq!((store.under_way(), log.in_flight()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_takes_too_long_is_not_waited_for_in_secret() {
    let (probe, log) = Probe::that_never_responds();

    let service = layers::upstream_timeout().layer(probe);
    let response = service.oneshot(request(())).await.unwrap();

    assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
    assert_nothing_is_left(&log, "upstream timeout");
}

/// Neither an instance of the probe nor a call of it is kept: the log is the last to know of them.
fn assert_nothing_is_left(log: &Log, name: &str) {
    assert_eq!(log.holders(), 1, "{name}");
}
