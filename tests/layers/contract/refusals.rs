//! What is refused never reaches the inner service, and whose error a service has.

use http::{HeaderValue, Request, Response, StatusCode};
use tokio_test::block_on;
use tower::{Layer, Service, ServiceExt};
use tower_edge::Problem;

use crate::contract::layers;
use crate::contract::layers::request;
use crate::contract::probe::{Broken, Payload, Probe};
use crate::contract::store::TestStore;

#[test]
fn a_gate_that_refuses_does_not_call_the_inner_service() {
    for (version, status) in [
        ("1.1.9", StatusCode::UPGRADE_REQUIRED),
        ("one", StatusCode::BAD_REQUEST),
    ] {
        let mut request = request(());
        let version = HeaderValue::from_static(version);
        request.headers_mut().insert("x-client-version", version);

        assert_refused(layers::version_gate(), request, status);
    }
    for (response, status) in [
        (TestStore::REFUSED, StatusCode::TOO_MANY_REQUESTS),
        (TestStore::FAILED, StatusCode::SERVICE_UNAVAILABLE),
    ] {
        for store in [TestStore::now(response), TestStore::later(response)] {
            assert_refused(layers::rate_limit(store), request(()), status);
        }
    }
}

#[test]
fn a_service_that_has_refused_serves_the_next_request() {
    let (probe, log) = Probe::that_responds();
    let mut service = layers::version_gate().layer(probe);
    let mut outdated = request(());
    outdated
        .headers_mut()
        .insert("x-client-version", HeaderValue::from_static("1.1.9"));

    for (request, status) in [(outdated, 426), (request(()), 200)] {
        let ready = block_on(ServiceExt::<Request<()>>::ready(&mut service)).unwrap();
        let response = block_on(ready.call(request)).unwrap();

        assert_eq!(response.status(), status);
    }

    assert_eq!((log.calls(), log.unready_calls()), (1, 0));
}

#[test]
fn an_error_of_the_inner_service_passes_a_gate_unchanged() {
    each_gate!(|name, layer| {
        let (probe, log) = Probe::that_breaks();

        // The annotation is half of the test: no gate boxes the error.
        let error: Broken = block_on(layer.layer(probe).oneshot(request(()))).unwrap_err();

        assert_eq!((error, log.calls()), (Broken, 1), "{name}");
    });
}

#[test]
fn an_envelope_has_no_error_at_all() {
    let (probe, log) = Probe::that_breaks();

    // Irrefutable only since the error is one that there cannot be.
    let Ok(response) = block_on(layers::envelope().layer(probe).oneshot(request(())));

    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(log.calls(), 1);
}

#[track_caller]
fn assert_refused<L>(layer: L, request: Request<()>, status: StatusCode)
where
    L: Layer<Probe>,
    L::Service: Service<Request<()>, Response = Response<Payload>, Error = Broken>,
{
    let (probe, log) = Probe::that_responds();

    let response = block_on(layer.layer(probe).oneshot(request)).unwrap();

    assert_eq!(response.status(), status);
    assert_eq!(response.body(), &Payload::default());
    let problem = response.extensions().get::<Problem>().unwrap();
    assert!(!problem.is_rendered(), "{problem:?}");
    assert_eq!((log.calls(), log.unready_calls(), log.holders()), (0, 0, 1));
}
