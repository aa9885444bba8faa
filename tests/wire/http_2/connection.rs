//! Frames, the preface, and what is wrong for the connection as a whole.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower_edge_tests::in_time;

use super::client::Outcome::{Closed, Cut, Nothing, Status};
use super::client::{
    ACK, CONTINUATION, DATA, END_HEADERS, GET, GOAWAY, HEADERS, PING, PRIORITY, PUSH_PROMISE,
    RST_STREAM, WINDOW_UPDATE, assert_outcomes, frame, get, never, post, serve,
};

// RFC 9113, section 3.4: https://www.rfc-editor.org/rfc/rfc9113#section-3.4
#[tokio::test]
async fn a_preface_that_is_none_is_no_http_2() {
    let address = serve().await;
    for preface in [
        "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\n\r\n\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(preface.as_bytes()).await.unwrap();
        let mut received = Vec::new();

        // The server closes it, as one of HTTP/1.1 whose request cannot be read.
        let _ = in_time(stream.read_to_end(&mut received)).await;

        assert!(
            received.is_empty() || received.starts_with(b"HTTP/1.1 400 "),
            "{}",
            received.escape_ascii()
        );
    }
}

// RFC 9113, section 4: https://www.rfc-editor.org/rfc/rfc9113#section-4
#[tokio::test]
async fn frames_are_known_or_ignored_and_have_their_size() {
    let large = vec![0; 16_385];
    assert_outcomes([
        (
            "a type that is unknown",
            vec![frame(0xff, 0xff, 0, b"abcd")],
            &[Nothing][..],
        ),
        (
            "the same, then a request",
            vec![frame(0xff, 0, 1, b""), get(1)],
            &[Status(200)],
        ),
        (
            "a reserved bit",
            vec![frame(PING, 0, 1 << 31, b"12345678"), get(1)],
            &[Status(200)],
        ),
        (
            "flags that are undefined",
            vec![frame(PING, 0xfe, 0, b"12345678"), get(1)],
            &[Status(200)],
        ),
        (
            "DATA that are too large",
            vec![post(1, &[]), frame(DATA, 0, 1, &large)],
            &[Closed(6)],
        ),
        (
            "HEADERS that are too large",
            vec![frame(HEADERS, 5, 1, &large)],
            &[Closed(6)],
        ),
        (
            "PING of six bytes",
            vec![frame(PING, 0, 0, b"123456")],
            &[Closed(6)],
        ),
        (
            "WINDOW_UPDATE of three bytes",
            vec![frame(WINDOW_UPDATE, 0, 0, b"123")],
            &[Closed(6)],
        ),
        (
            "RST_STREAM of three bytes",
            vec![never(), frame(RST_STREAM, 0, 1, b"123")],
            &[Closed(6)],
        ),
        (
            "PUSH_PROMISE of a client",
            vec![
                never(),
                frame(PUSH_PROMISE, 4, 1, &[b"\0\0\0\x02", GET].concat()),
            ],
            &[Closed(1)],
        ),
    ])
    .await;
}

// RFC 9113, section 6: https://www.rfc-editor.org/rfc/rfc9113#section-6
#[tokio::test]
async fn a_frame_on_the_wrong_stream_closes_the_connection() {
    assert_outcomes([
        (
            "DATA on stream 0",
            vec![frame(DATA, 0, 0, b"x")],
            &[Closed(1)][..],
        ),
        (
            "HEADERS on stream 0",
            vec![frame(HEADERS, 5, 0, GET)],
            &[Closed(1)],
        ),
        (
            "PRIORITY on stream 0",
            vec![frame(PRIORITY, 0, 0, b"\0\0\0\x01\x10")],
            &[Closed(1)],
        ),
        (
            "RST_STREAM on stream 0",
            vec![frame(RST_STREAM, 0, 0, b"\0\0\0\x08")],
            &[Closed(1)],
        ),
        (
            "CONTINUATION on stream 0",
            vec![frame(HEADERS, 1, 1, GET), frame(CONTINUATION, 4, 0, b"")],
            &[Closed(1)],
        ),
        (
            "PING on a stream",
            vec![frame(PING, 0, 1, b"12345678")],
            &[Closed(1)],
        ),
        (
            "GOAWAY on a stream",
            vec![frame(GOAWAY, 0, 1, &[0; 8])],
            &[Closed(1)],
        ),
        (
            "an acknowledgement of nothing",
            vec![frame(PING, ACK, 0, b"12345678"), get(1)],
            &[Status(200)],
        ),
    ])
    .await;
}

// RFC 9113, section 4.3: https://www.rfc-editor.org/rfc/rfc9113#section-4.3, and section 6.10
#[tokio::test]
async fn a_head_in_several_frames_is_not_interrupted() {
    let begun = || frame(HEADERS, 1, 1, &GET[..2]);
    assert_outcomes([
        (
            "two parts",
            vec![begun(), frame(CONTINUATION, END_HEADERS, 1, &GET[2..])],
            &[Status(200)][..],
        ),
        (
            "PRIORITY between",
            vec![begun(), frame(PRIORITY, 0, 1, b"\0\0\0\0\x10")],
            &[Closed(1)],
        ),
        (
            "DATA between",
            vec![begun(), frame(DATA, 0, 1, b"x")],
            &[Closed(1)],
        ),
        (
            "a frame of an extension between",
            vec![begun(), frame(0xff, 0, 1, b"x")],
            &[Closed(1)],
        ),
        (
            "another stream",
            vec![begun(), frame(HEADERS, 5, 3, GET)],
            &[Closed(1)],
        ),
        (
            "the part of another stream",
            vec![begun(), frame(CONTINUATION, 4, 3, &GET[2..])],
            &[Closed(1)],
        ),
        (
            "a part after the last",
            vec![post(1, &[]), frame(CONTINUATION, 4, 1, b"")],
            &[Closed(1)],
        ),
        (
            "a part after DATA",
            vec![
                post(1, &[]),
                frame(DATA, 0, 1, b"x"),
                frame(CONTINUATION, 4, 1, b""),
            ],
            &[Closed(1)],
        ),
    ])
    .await;
}

// RFC 7541: https://www.rfc-editor.org/rfc/rfc7541#section-2.3.3, sections 4.2, 5.2 and 6.1
#[tokio::test]
async fn a_head_that_cannot_be_decompressed_closes_the_connection() {
    let head = |more: &[u8]| vec![frame(HEADERS, 5, 1, &[GET, more].concat())];
    assert_outcomes([
        ("the index 0", head(b"\x80"), &[Closed(9)][..]),
        (
            "an index beyond the tables",
            head(b"\xff\xff\x7f"),
            &[Closed(9)],
        ),
        (
            "a literal that ends early",
            head(b"\0\x05a"),
            &[Closed(9), Cut],
        ),
        (
            "a padding of more than seven bits",
            head(b"\0\x01a\x82\x1f\xff"),
            &[Closed(9)],
        ),
        ("a padding of zeros", head(b"\0\x01a\x81\x18"), &[Closed(9)]),
        (
            "the end of a string within it",
            head(b"\0\x01a\x84\xff\xff\xff\xff"),
            &[Closed(9)],
        ),
        (
            "a size of the table at the end",
            head(b"\x20"),
            &[Closed(9)],
        ),
        (
            "a size of the table beyond the setting",
            vec![frame(HEADERS, 5, 1, &[b"\x3f\xe2\x1f", GET].concat())],
            &[Closed(9)],
        ),
    ])
    .await;
}
