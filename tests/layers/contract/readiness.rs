//! Readiness is passed on as it is, and belongs to one instance.

use std::convert::Infallible;
use std::error::Error;
use std::future::Ready;
use std::task::{Context, Poll, Waker};

use http::{HeaderValue, Request, Response, StatusCode};
use tokio_test::{assert_pending, assert_ready_err, assert_ready_ok, block_on};
use tower::limit::{ConcurrencyLimit, GlobalConcurrencyLimitLayer};
use tower::{Layer, Service, ServiceExt};
use tower_edge::Problem;
use tower_test::mock;

use crate::contract::layers::{correlation_id, rate_limit, rate_limit_now, request, version_gate};
use crate::contract::probe::{Broken, Payload, Probe};
use crate::contract::store::TestStore;

#[test]
fn the_instance_that_was_readied_is_the_one_that_is_called() {
    each_layer!(|name, layer| {
        let (probe, log) = Probe::that_responds();
        let mut service = layer.layer(probe);

        for call in 1..=3 {
            let ready = block_on(ServiceExt::<Request<()>>::ready(&mut service)).unwrap();
            let response = block_on(ready.call(request(()))).unwrap();

            assert_eq!(response.status(), StatusCode::OK, "{name}");
            assert_eq!((log.calls(), log.unready_calls()), (call, 0), "{name}");
        }
    });
}

#[test]
fn a_clone_of_a_ready_service_has_to_be_readied_itself() {
    each_layer!(|name, layer| {
        let (probe, log) = Probe::that_responds();
        let mut service = layer.layer(probe);
        block_on(ServiceExt::<Request<()>>::ready(&mut service)).unwrap();

        block_on(service.clone().oneshot(request(()))).unwrap();
        block_on(service.call(request(()))).unwrap();

        assert_eq!((log.calls(), log.unready_calls()), (2, 0), "{name}");
    });
}

#[test]
fn a_service_waits_until_the_inner_service_is_ready() {
    each_layer!(|name, layer| {
        let (mut service, mut inner) =
            mock::spawn_layer::<Request<()>, Response<Payload>, _>(layer);
        inner.allow(0);
        assert_pending!(service.poll_ready::<Request<()>>(), "{name}");
        assert!(!service.is_woken(), "{name}");

        inner.allow(1);

        assert!(service.is_woken(), "{name}");
        assert_ready_ok!(service.poll_ready::<Request<()>>(), "{name}");
    });
}

#[test]
fn a_gate_passes_the_failure_to_become_ready_on_as_it_is() {
    each_gate!(|name, layer| {
        let (probe, _) = Probe::that_is_never_ready();
        let mut service = layer.layer(probe);

        let polled = poll_ready(&mut service);

        assert_eq!(assert_ready_err!(polled), Broken, "{name}");
    });
}

#[test]
fn an_envelope_writes_the_failure_to_become_ready_and_calls_nothing() {
    let (probe, log) = Probe::that_is_never_ready();
    let mut service = crate::contract::layers::envelope().layer(probe);

    assert_ready_ok!(poll_ready(&mut service));
    assert_ready_ok!(poll_ready(&mut service), "it may be asked again");
    let response = block_on(service.call(request(()))).unwrap();

    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let problem = response.extensions().get::<Problem>().unwrap();
    assert!(problem.source().unwrap().is::<Broken>(), "{problem:?}");
    assert_eq!((log.calls(), log.unready_calls()), (0, 0));
}

#[test]
fn a_failure_to_become_ready_gets_one_response() {
    let (mut service, mut inner) =
        mock::spawn_layer::<Request<()>, Response<Payload>, _>(crate::contract::layers::envelope());
    inner.send_error(Broken);
    assert_ready_ok!(service.poll_ready::<Request<()>>());
    let failed = block_on(service.call(request(()))).unwrap();
    assert_eq!(failed.status(), StatusCode::INTERNAL_SERVER_ERROR);

    assert_ready_ok!(service.poll_ready::<Request<()>>());
    let mut call = tokio_test::task::spawn(service.call(request(())));
    let (_, received) = assert_ready_some(inner.poll_request());
    received.send_response(Response::new(Payload(7)));

    let response: Result<_, Infallible> = tokio_test::assert_ready!(call.poll());
    assert_eq!(response.unwrap().status(), StatusCode::OK);
}

#[test]
fn a_clone_of_an_envelope_does_not_inherit_the_failure_to_become_ready() {
    let (mut service, mut inner) =
        mock::spawn_layer::<Request<()>, Response<Payload>, _>(crate::contract::layers::envelope());
    inner.send_error(Broken);
    assert_ready_ok!(service.poll_ready::<Request<()>>());

    let mut clone = service.clone();
    assert_ready_ok!(clone.poll_ready::<Request<()>>());
    let _call = clone.call(request(()));

    assert!(
        inner.poll_request().is_ready(),
        "the inner service is called"
    );
}

// A connection may idle after a rejection, and others wait for what its service has reserved.
#[test]
fn a_rejection_releases_what_the_readied_service_has_reserved() {
    let outdated = || {
        let mut request = request(());
        let version = HeaderValue::from_static("1.1.9");
        request.headers_mut().insert("x-client-version", version);
        request
    };

    for store in [
        TestStore::now(TestStore::REFUSED),
        TestStore::now(TestStore::FAILED),
        TestStore::later(TestStore::REFUSED),
    ] {
        assert_released(rate_limit(store.clone()), request(()));
        assert_released(
            edge!(correlation_id(), rate_limit(store.clone())),
            request(()),
        );
        let among_limits = edge!(rate_limit_now(), rate_limit(store), rate_limit_now());
        assert_released(among_limits, request(()));
    }
    assert_released(edge!(version_gate(), rate_limit_now()), outdated());
    assert_released(edge!(rate_limit_now(), version_gate()), outdated());
}

#[test]
fn a_rejection_releases_why_the_service_was_not_ready_too() {
    let limit = rate_limit(TestStore::now(TestStore::REFUSED));
    let layer = edge!(limit, crate::contract::layers::envelope());
    let (mut service, mut inner) = mock::spawn_layer::<Request<()>, Response<Payload>, _>(layer);
    inner.send_error(Broken);
    assert_ready_ok!(service.poll_ready::<Request<()>>());
    let mut call = tokio_test::task::spawn(service.call(request(())));
    let response: Result<_, Infallible> = tokio_test::assert_ready!(call.poll());
    assert_eq!(response.unwrap().status(), StatusCode::TOO_MANY_REQUESTS);

    // The instance in its place has not failed.
    inner.allow(0);
    assert_pending!(service.poll_ready::<Request<()>>());
}

#[test]
fn a_rejection_stands_although_the_readied_service_panics_as_it_is_released() {
    let refused = TestStore::REFUSED;
    for store in [TestStore::now(refused), TestStore::later(refused)] {
        let mut service = rate_limit(store).layer(Fragile { is_ready: false });

        assert_ready_ok!(poll_ready(&mut service));
        let response = block_on(service.call(request(()))).unwrap();

        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    }
}

/// Panics when a readied instance is dropped.
struct Fragile {
    is_ready: bool,
}

impl Clone for Fragile {
    fn clone(&self) -> Self {
        Self { is_ready: false }
    }
}

impl Drop for Fragile {
    fn drop(&mut self) {
        assert!(!self.is_ready, "dropped");
    }
}

impl Service<Request<()>> for Fragile {
    type Response = Response<Payload>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Payload>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        unreachable!("every request is refused")
    }
}

#[track_caller]
fn assert_released<L, B>(layer: L, request: Request<()>)
where
    L: Layer<ConcurrencyLimit<Probe>>,
    L::Service: Service<Request<()>, Response = Response<B>, Error = Broken> + Clone,
{
    let (probe, log) = Probe::that_responds();
    let mut idle = layer.layer(GlobalConcurrencyLimitLayer::new(1).layer(probe));
    let mut waiting = idle.clone();

    let ready = block_on(ServiceExt::<Request<()>>::ready(&mut idle)).unwrap();
    assert_pending!(poll_ready(&mut waiting), "there is one permit");
    let response = block_on(ready.call(request)).unwrap();

    assert!(response.extensions().get::<Problem>().is_some());
    assert_ready_ok!(poll_ready(&mut waiting));
    assert_eq!(log.calls(), 0);
    drop(idle);
}

fn assert_ready_some<T>(polled: Poll<Option<T>>) -> T {
    match polled {
        Poll::Ready(Some(value)) => value,
        _ => panic!("the inner service is not called"),
    }
}

fn poll_ready<S: Service<Request<()>>>(service: &mut S) -> Poll<Result<(), S::Error>> {
    service.poll_ready(&mut Context::from_waker(Waker::noop()))
}
