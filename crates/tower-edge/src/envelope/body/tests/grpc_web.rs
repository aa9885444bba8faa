use super::*;

fn post_of(content_type: &str) -> Request<()> {
    let request = Request::post("/").header("content-type", content_type);
    request.body(()).unwrap()
}

/// A response of this type to a request in plain gRPC-Web.
fn web(fields: &[(&'static str, &'static str)], data: &'static str) -> Read {
    let layer = EnvelopeLayer::new(PlexMcp);
    let request = post_of("application/grpc-web");
    let response = responded(&layer, request, fields, (data, End::Panic));
    block_on(read(response.into_body()))
}

// PROTOCOL-WEB: trailers are the last frame of the body.
#[test]
fn a_grpc_web_response_ends_with_a_frame_of_trailers() {
    let read = web(
        &[("content-type", "application/grpc-web+proto")],
        "\0\0\0\0\u{2}ab",
    );

    let frame = read.data.strip_prefix("\0\0\0\0\u{2}ab").unwrap();
    assert!(frame.starts_with("\u{fffd}\0\0"), "{frame:?}");
    assert!(frame.contains("grpc-status: 13\r\n"), "{frame:?}");
    assert!(!frame.contains("secret"), "{frame:?}");
    assert!(read.end.unwrap().is_none());
}

#[test]
fn a_grpc_web_response_in_base64_ends_in_base64_whatever_was_sent() {
    let read = web(
        &[("content-type", "application/grpc-web-text")],
        "AAAAAAJhYg==",
    );

    let frame = read.data.strip_prefix("AAAAAAJhYg==").unwrap();
    assert!(frame.starts_with("gAAAA"), "{frame:?}");
    assert!(read.end.is_ok());
}

#[test]
fn a_message_that_is_cut_is_not_completed_by_trailers() {
    let read = web(
        &[("content-type", "application/grpc-web")],
        "\0\0\0\0\u{3}ab",
    );

    assert_eq!(read.data, "\0\0\0\0\u{3}ab");
    assert!(read.end.is_err());
}

#[test]
fn a_grpc_web_response_of_a_known_length_or_another_type_is_aborted() {
    for fields in [
        &[
            ("content-type", "application/grpc-web"),
            ("content-length", "7"),
        ][..],
        &[("content-type", "application/json")],
        &[],
    ] {
        let read = web(fields, "\0\0\0\0\u{2}ab");

        assert!(read.end.is_err(), "{fields:?}");
    }
}
