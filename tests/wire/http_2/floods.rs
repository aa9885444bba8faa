//! Frames that cost a client little. What a client may send of them has a bound, or costs the server nothing either.

use tower_edge_tests::in_time;

use super::client::Outcome::{Closed, Cut};
use super::client::{
    CONTINUATION, Connection, DATA, GET, HEADERS, Outcome, PING, RST_STREAM, SETTINGS, frame, get,
    outcome, post, serve,
};

/// ENHANCE_YOUR_CALM, PROTOCOL_ERROR or COMPRESSION_ERROR, as the flood is first noticed.
const CLOSED: &[Outcome] = &[Closed(11), Closed(1), Closed(9), Cut];

// RFC 9113, section 10.5: https://www.rfc-editor.org/rfc/rfc9113#section-10.5
#[tokio::test]
async fn a_flood_closes_its_connection() {
    let address = serve().await;
    let begun = frame(HEADERS, 1, 1, GET);
    let field = [&[0, 1, b'a', 100][..], &[b'b'; 100]].concat();
    let field = frame(CONTINUATION, 0, 1, &field);
    let rapid = (0..2000).flat_map(|number| {
        let stream = 2 * number + 1;
        [
            post(stream, &[]),
            frame(RST_STREAM, 0, stream, b"\0\0\0\x08"),
        ]
    });
    for (name, flood) in [
        (
            "parts of a head that never ends",
            [vec![begun.clone()], vec![field; 10_000]].concat(),
        ),
        (
            "empty parts of a head",
            [vec![begun], vec![frame(CONTINUATION, 0, 1, b""); 100_000]].concat(),
        ),
        ("requests that are reset", rapid.collect()),
    ] {
        let mut connection = Connection::open(address).await;
        connection.send(&flood.concat()).await;

        let closed = in_time(connection.outcome()).await;

        assert!(CLOSED.contains(&closed), "{name}: {closed:?}");
        assert_eq!(
            outcome(address, &get(1)).await,
            Outcome::Status(200),
            "{name}"
        );
    }
}

// The server responds to these, and reads no more of them while its responses are not read.
#[tokio::test]
async fn a_flood_that_is_served_holds_others_up_for_no_time() {
    let address = serve().await;
    for (name, kind, payload) in [
        ("pings", PING, &[0; 8][..]),
        ("settings", SETTINGS, b""),
        ("empty data", DATA, b""),
    ] {
        let flood = frame(kind, 0, u32::from(kind == DATA), payload).repeat(100_000);
        let mut connection = Connection::open(address).await;
        connection.send(&post(1, &[])).await;
        let flooding = tokio::spawn(async move { connection.send(&flood).await });

        assert_eq!(
            outcome(address, &get(1)).await,
            Outcome::Status(200),
            "{name}"
        );

        flooding.abort();
    }
}
