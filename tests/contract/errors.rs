//! Whose error a service has.

use http::StatusCode;
use tokio_test::block_on;
use tower::{Layer, ServiceExt};

use crate::layers;
use crate::layers::request;
use crate::probe::{Broken, Probe};

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
