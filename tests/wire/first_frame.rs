//! What a client receives when a success breaks off before it began.

use tower::{Layer, service_fn};
use tower_edge::envelope::{EnvelopeLayer, FirstFrameErrorLayer};
use tower_edge_formats::PlexMcp;
use tower_edge_tests::{Connection, PROTOCOLS, serve};

use crate::broken::{EVENT, respond};

#[tokio::test]
async fn a_body_that_breaks_off_at_once_gets_a_response_of_the_envelope() {
    let layer = (EnvelopeLayer::new(PlexMcp), FirstFrameErrorLayer::new());
    let address = serve(layer.layer(service_fn(respond))).await;

    for protocol in PROTOCOLS {
        let mut connection = Connection::open(address, protocol).await;
        for (path, status, code) in [
            ("/early/error", 502, "mcp_error"),
            ("/early/panic", 500, "internal_error"),
        ] {
            let read = connection.get(path).await;

            assert_eq!(read.status, status, "{protocol:?} {path}");
            assert_eq!(read.headers["content-type"], "application/json");
            let problem: serde_json::Value = serde_json::from_str(read.text()).unwrap();
            assert_eq!(problem["error"]["code"], code);
            assert!(!read.text().contains("secret"), "{}", read.text());
            assert!(read.is_complete);
        }
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_later_fails_as_without_the_layer() {
    let layer = (EnvelopeLayer::new(PlexMcp), FirstFrameErrorLayer::new());
    let address = serve(layer.layer(service_fn(respond))).await;

    for protocol in PROTOCOLS {
        let mut connection = Connection::open(address, protocol).await;
        let events = connection.get("/events/error").await;
        let json = connection.get("/error").await;

        assert!(events.text().starts_with(EVENT) && events.text().contains("event: error"));
        assert_eq!(
            (json.status, json.text(), json.is_complete),
            (200, "{\"half\":", false)
        );
    }
}
