//! What a client is told when a success breaks off before it began.

use tower::{Layer, service_fn};
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::PlexMcp;

use crate::broken::{EVENT, answer};
use crate::peer::{Peer, VERSIONS};
use crate::server::serve;

#[tokio::test]
async fn a_body_that_breaks_off_at_once_is_answered_with_an_envelope() {
    let layer = EnvelopeLayer::new(PlexMcp).with_first_frame_rescue();
    let address = serve(layer.layer(service_fn(answer))).await;

    for version in VERSIONS {
        let mut peer = Peer::connect(address, version).await;
        for (path, status, code) in [
            ("/early/error", 502, "mcp_error"),
            ("/early/panic", 500, "internal_error"),
        ] {
            let read = peer.get(address, path).await;

            assert_eq!(read.status, status, "{version:?} {path}");
            assert_eq!(read.headers["content-type"], "application/json");
            let problem: serde_json::Value = serde_json::from_str(&read.data).unwrap();
            assert_eq!(problem["error"]["code"], code);
            assert!(!read.data.contains("secret"), "{}", read.data);
            assert!(read.whole);
        }
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_later_is_told_as_without_the_rescue() {
    let layer = EnvelopeLayer::new(PlexMcp).with_first_frame_rescue();
    let address = serve(layer.layer(service_fn(answer))).await;

    for version in VERSIONS {
        let mut peer = Peer::connect(address, version).await;
        let events = peer.get(address, "/events/error").await;
        let json = peer.get(address, "/error").await;

        assert!(events.data.starts_with(EVENT) && events.data.contains("event: error"));
        assert_eq!(
            (json.status, json.data.as_str(), json.whole),
            (200, "{\"half\":", false)
        );
    }
}
