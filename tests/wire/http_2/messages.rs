//! Requests that are malformed. RFC 9113, section 8.1.1, allows an error of the stream, or a response that says so.

use super::client::Outcome::{Closed, Reset, Status};
use super::client::{
    DATA, END_HEADERS, END_STREAM, HEADERS, Outcome, assert_outcomes, fields, frame, get_with,
    post, request,
};

/// PROTOCOL_ERROR, or a response to a request that is wrong.
const MALFORMED: &[Outcome] = &[Reset(1), Closed(1), Status(400)];

// RFC 9113, section 8.2: https://www.rfc-editor.org/rfc/rfc9113#section-8.2
#[tokio::test]
async fn fields_have_the_names_and_values_of_http_2() {
    let cases = [
        ("a capital letter", ("X-Name", "1")),
        ("a space in a name", ("x name", "1")),
        ("a colon in a name", ("x:name", "1")),
        ("no name", ("", "1")),
        ("a line feed in a value", ("x-name", "1\n2")),
        ("a carriage return in a value", ("x-name", "1\r2")),
        ("a zero in a value", ("x-name", "1\x002")),
        // Section 8.2.2.
        ("connection", ("connection", "keep-alive")),
        ("keep-alive", ("keep-alive", "1")),
        ("proxy-connection", ("proxy-connection", "keep-alive")),
        ("transfer-encoding", ("transfer-encoding", "chunked")),
        ("upgrade", ("upgrade", "h2c")),
        ("te of another value", ("te", "trailers, deflate")),
    ];
    assert_outcomes(cases.map(|(name, field)| (name, vec![get_with(&[field])], MALFORMED))).await;
}

// RFC 9113, section 8.3: https://www.rfc-editor.org/rfc/rfc9113#section-8.3
#[tokio::test]
async fn pseudo_header_fields_are_there_once_and_first() {
    const METHOD: (&str, &str) = (":method", "GET");
    const SCHEME: (&str, &str) = (":scheme", "http");
    const PATH: (&str, &str) = (":path", "/");
    const AUTHORITY: (&str, &str) = (":authority", "a");
    let cases: [(&str, &[(&str, &str)]); 13] = [
        ("no method", &[SCHEME, PATH, AUTHORITY]),
        ("no scheme", &[METHOD, PATH, AUTHORITY]),
        ("no path", &[METHOD, SCHEME, AUTHORITY]),
        ("an empty path", &[METHOD, SCHEME, (":path", ""), AUTHORITY]),
        ("two methods", &[METHOD, METHOD, SCHEME, PATH, AUTHORITY]),
        ("two schemes", &[METHOD, SCHEME, SCHEME, PATH, AUTHORITY]),
        ("two paths", &[METHOD, SCHEME, PATH, PATH, AUTHORITY]),
        (
            "two authorities",
            &[METHOD, SCHEME, PATH, AUTHORITY, AUTHORITY],
        ),
        (
            "one that is unknown",
            &[METHOD, SCHEME, PATH, AUTHORITY, (":test", "1")],
        ),
        (
            "one of responses",
            &[METHOD, SCHEME, PATH, AUTHORITY, (":status", "200")],
        ),
        (
            "one after a field",
            &[METHOD, SCHEME, PATH, ("x-name", "1"), AUTHORITY],
        ),
        (
            "CONNECT with a path",
            &[(":method", "CONNECT"), SCHEME, PATH, AUTHORITY],
        ),
        (
            "an authority and another host",
            &[METHOD, SCHEME, PATH, AUTHORITY, ("host", "b")],
        ),
    ];
    assert_outcomes(cases.map(|(name, list)| (name, vec![request(list)], MALFORMED))).await;
}

// RFC 9113, section 8.1: https://www.rfc-editor.org/rfc/rfc9113#section-8.1
#[tokio::test]
async fn trailers_end_a_request_and_have_no_pseudo_header_fields() {
    let trailers = |flags, list| frame(HEADERS, flags, 1, &fields(list));
    let last = END_HEADERS | END_STREAM;
    assert_outcomes([
        (
            "trailers",
            vec![post(1, &[]), trailers(last, &[("x-name", "1")])],
            &[Status(200)][..],
        ),
        // h2 drops them before the trailers are passed on, and takes the request.
        (
            "a path in trailers",
            vec![post(1, &[]), trailers(last, &[(":path", "/")])],
            &[Status(200)],
        ),
        (
            "a head that ends nothing",
            vec![post(1, &[]), trailers(END_HEADERS, &[("x-name", "1")])],
            MALFORMED,
        ),
    ])
    .await;
}

// RFC 9113, section 8.1.1: https://www.rfc-editor.org/rfc/rfc9113#section-8.1.1
#[tokio::test]
async fn a_body_has_the_length_that_the_head_says() {
    let body = |length, parts: &[&[u8]]| {
        let data = parts
            .iter()
            .enumerate()
            .map(|(at, part)| frame(DATA, u8::from(at + 1 == parts.len()), 1, part));
        let head = post(1, &[("content-length", length)]);
        std::iter::once(head).chain(data).collect::<Vec<_>>()
    };
    assert_outcomes([
        (
            "the length",
            body("5", &[b"he", b"llo"]),
            &[Status(200)][..],
        ),
        ("less in one frame", body("6", &[b"hello"]), MALFORMED),
        ("more in one frame", body("4", &[b"hello"]), MALFORMED),
        ("less in two frames", body("6", &[b"he", b"llo"]), MALFORMED),
        ("more in two frames", body("4", &[b"he", b"llo"]), MALFORMED),
        (
            "a length that is no number",
            body("5a", &[b"hello"]),
            MALFORMED,
        ),
        (
            "none",
            vec![post(1, &[("content-length", "5")]), frame(DATA, 1, 1, b"")],
            MALFORMED,
        ),
    ])
    .await;
}
