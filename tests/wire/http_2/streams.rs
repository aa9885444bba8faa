//! Frames that a stream's state does not allow.

use super::client::Outcome::{Closed, Nothing, Reset, Status};
use super::client::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, GET, HEADERS, PADDED, PRIORITIZED, PRIORITY,
    RST_STREAM, WINDOW_UPDATE, assert_outcomes, frame, get, never, post,
};

// RFC 9113, section 5.1: https://www.rfc-editor.org/rfc/rfc9113#section-5.1
#[tokio::test]
async fn a_frame_on_an_idle_stream_closes_the_connection() {
    assert_outcomes([
        ("DATA", vec![frame(DATA, 1, 1, b"x")], &[Closed(1)][..]),
        (
            "RST_STREAM",
            vec![frame(RST_STREAM, 0, 1, b"\0\0\0\x08")],
            &[Closed(1)],
        ),
        (
            "WINDOW_UPDATE",
            vec![frame(WINDOW_UPDATE, 0, 1, b"\0\0\0\x64")],
            &[Closed(1)],
        ),
        (
            "CONTINUATION",
            vec![frame(CONTINUATION, 4, 1, GET)],
            &[Closed(1)],
        ),
        (
            "PRIORITY, which may be there",
            vec![frame(PRIORITY, 0, 1, b"\0\0\0\0\x10")],
            &[Nothing],
        ),
        (
            "DATA on a stream of the server",
            vec![frame(DATA, 1, 2, b"x")],
            &[Closed(1)],
        ),
    ])
    .await;
}

// RFC 9113, section 5.1: a stream that the client has closed, or reset.
#[tokio::test]
async fn nothing_comes_after_the_end_of_a_stream() {
    let reset = || frame(RST_STREAM, 0, 1, b"\0\0\0\x08");
    assert_outcomes([
        (
            "DATA after the end",
            vec![never(), frame(DATA, 1, 1, b"x")],
            &[Reset(5), Closed(5)][..],
        ),
        (
            "HEADERS after the end",
            vec![never(), get(1)],
            &[Reset(5), Closed(5), Closed(1)],
        ),
        (
            "CONTINUATION after the end",
            vec![never(), frame(CONTINUATION, 4, 1, b"")],
            &[Closed(1), Closed(5)],
        ),
        (
            "DATA after a reset",
            vec![post(1, &[]), reset(), frame(DATA, 1, 1, b"x")],
            &[Reset(5), Closed(5)],
        ),
        (
            "HEADERS after a reset",
            vec![post(1, &[]), reset(), get(1)],
            &[Reset(5), Closed(5), Closed(1)],
        ),
        (
            "RST_STREAM after the end",
            vec![never(), reset()],
            &[Nothing],
        ),
    ])
    .await;
}

// RFC 9113, section 5.1.1: https://www.rfc-editor.org/rfc/rfc9113#section-5.1.1
#[tokio::test]
async fn streams_of_a_client_have_odd_numbers_that_grow() {
    assert_outcomes([
        ("an even number", vec![get(2)], &[Closed(1)][..]),
        (
            "a smaller number",
            vec![post(5, &[]), get(3)],
            &[Closed(1), Closed(5), Reset(5)],
        ),
    ])
    .await;
}

// RFC 9113, section 5.1.2: https://www.rfc-editor.org/rfc/rfc9113#section-5.1.2
#[tokio::test]
async fn a_client_has_so_many_streams_as_the_server_says() {
    let streams = (0..=100).map(|number| post(2 * number + 1, &[])).collect();

    assert_outcomes([(
        "101 requests",
        streams,
        &[Reset(7), Reset(1), Closed(7), Closed(1)][..],
    )])
    .await;
}

// RFC 9113, sections 6.1 to 6.3, and 5.3.2: https://www.rfc-editor.org/rfc/rfc9113#section-6.1
#[tokio::test]
async fn paddings_and_priorities_are_in_bounds() {
    let flags = END_HEADERS | END_STREAM;
    let own = [&b"\0\0\0\x01\x10"[..], GET].concat();
    assert_outcomes([
        (
            "DATA with more padding than payload",
            vec![post(1, &[]), frame(DATA, PADDED, 1, b"\x05x")],
            &[Closed(1)][..],
        ),
        (
            "HEADERS with more padding than payload",
            vec![frame(HEADERS, flags | PADDED, 1, b"\x20\x82")],
            &[Closed(1)],
        ),
        (
            "PRIORITY of four bytes",
            vec![post(1, &[]), frame(PRIORITY, 0, 1, b"\0\0\0\0")],
            &[Reset(6), Closed(6)],
        ),
        // RFC 9113 has taken priorities out; RFC 7540 called these errors of the stream.
        (
            "HEADERS that depend on themselves",
            vec![frame(HEADERS, flags | PRIORITIZED, 1, &own)],
            &[Reset(1), Closed(1), Status(200)],
        ),
        (
            "PRIORITY that depends on itself",
            vec![frame(PRIORITY, 0, 1, b"\0\0\0\x01\x10")],
            &[Reset(1), Closed(1), Nothing],
        ),
    ])
    .await;
}
