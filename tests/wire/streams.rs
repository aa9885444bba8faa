//! What a client receives when a success breaks off.

use tower::{Layer, service_fn};
use tower_edge::envelope::EnvelopeLayer;
use tower_edge_formats::PlexMcp;
use tower_edge_tests::{Connection, PROTOCOLS, Protocol, serve};

use crate::broken::{EVENT, MESSAGE, MESSAGE_TEXT, respond};

// RFC 9112, section 8: a message that lacks its last chunk is incomplete. RFC 9113, section 8.1: a stream
// is reset.
#[tokio::test]
async fn a_client_sees_that_a_response_is_not_whole() {
    let address = serve(EnvelopeLayer::new(PlexMcp).layer(service_fn(respond))).await;

    for protocol in PROTOCOLS {
        for path in ["/error", "/panic"] {
            let mut connection = Connection::open(address, protocol).await;

            let read = connection.get(path).await;

            assert_eq!((read.status, read.text()), (200, "{\"half\":"));
            assert!(!read.is_complete, "{protocol:?} {path}");
        }
    }
}

#[tokio::test]
async fn the_reader_of_an_event_stream_is_sent_an_error_event() {
    let address = serve(EnvelopeLayer::new(PlexMcp).layer(service_fn(respond))).await;

    for protocol in PROTOCOLS {
        let mut connection = Connection::open(address, protocol).await;
        for path in ["/events/error", "/events/panic"] {
            let read = connection.get(path).await;

            let event = read.text().strip_prefix(EVENT).unwrap();
            let data = event.strip_prefix("event: error\ndata: ").unwrap();
            let problem: serde_json::Value = serde_json::from_str(data).unwrap();
            assert_eq!(problem["success"], false, "{data}");
            assert!(!data.contains("secret"), "{data}");
            assert!(read.is_complete, "{protocol:?} {path}");
        }
    }
}

// gRPC over HTTP/2: a status after messages travels in trailers.
#[tokio::test]
async fn a_grpc_client_is_sent_trailers() {
    let address = serve(EnvelopeLayer::new(PlexMcp).layer(service_fn(respond))).await;
    let mut connection = Connection::open(address, Protocol::Http2).await;

    for (path, status) in [("/grpc/error", "14"), ("/grpc/panic", "13")] {
        let read = connection.call(path, "application/grpc").await;

        assert_eq!(read.text(), MESSAGE);
        let trailers = read.trailers.unwrap();
        assert_eq!(trailers["grpc-status"], status, "{path}");
        let message = trailers["grpc-message"].to_str().unwrap();
        assert!(!message.contains("secret"), "{message}");
        assert!(read.is_complete);
    }
}

// gRPC-Web: the status is a frame at the end of the body, also where there are no trailers.
#[tokio::test]
async fn a_grpc_web_client_is_sent_a_frame_of_trailers() {
    let address = serve(EnvelopeLayer::new(PlexMcp).layer(service_fn(respond))).await;

    for protocol in PROTOCOLS {
        let mut connection = Connection::open(address, protocol).await;
        for path in ["/web/error", "/web/panic"] {
            let read = connection.call(path, "application/grpc-web-text").await;

            let frame = read.text().strip_prefix(MESSAGE_TEXT).unwrap();
            assert!(frame.starts_with("gAAA"), "{frame}");
            assert!(read.is_complete, "{protocol:?} {path}");
        }

        let half = connection
            .call("/web/half", "application/grpc-web-text")
            .await;

        assert_eq!((half.text(), half.is_complete), ("AAAA", false));
    }
}

#[tokio::test]
async fn a_panic_takes_nobody_elses_response_with_it() {
    let address = serve(EnvelopeLayer::new(PlexMcp).layer(service_fn(respond))).await;

    for protocol in PROTOCOLS {
        let mut connection = Connection::open(address, protocol).await;
        assert!(!connection.get("/panic").await.is_complete);
        if protocol == Protocol::Http1 {
            // The connection of an HTTP/1.1 response that is aborted goes with it.
            connection = Connection::open(address, protocol).await;
        }

        let read = connection.get("/handler/panics").await;

        assert_eq!(read.status, 500);
        assert!(!read.text().contains("secret"), "{}", read.text());
        assert_eq!(connection.get("/events/panic").await.status, 200);
    }
}
