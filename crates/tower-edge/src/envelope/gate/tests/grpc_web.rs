use super::*;

fn post_of(content_type: &str) -> Request<()> {
    let request = Request::post("/").header("content-type", content_type);
    request.body(()).unwrap()
}

// PROTOCOL-WEB: chosen before gRPC, whose name its own begins with.
#[test]
fn a_grpc_web_call_gets_a_frame_of_trailers() {
    for (content_type, start) in [
        ("Application/grpc-web; a=b", "\u{fffd}\0\0\0"),
        ("application/grpc-web-text+proto", "gAAAA"),
    ] {
        let written = plex(post_of(content_type), || {
            Ok(bare(404).body(Full::default())?)
        });

        assert_eq!(written.status, StatusCode::OK, "{content_type}");
        assert!(written.body.starts_with(start), "{}", written.body);
        assert!(!written.headers.contains_key("grpc-status"));
    }
}

// PROTOCOL-WEB: the text-encoded response is chosen by `Accept`, whatever the request is encoded in.
#[test]
fn a_grpc_web_call_gets_the_encoding_that_it_accepts() {
    for (content_type, accept, start) in [
        (
            "application/grpc-web+proto",
            "application/grpc-web-text",
            "gAAAA",
        ),
        (
            "application/grpc-web",
            "*/*, application/grpc-web-text+proto",
            "gAAAA",
        ),
        (
            "application/grpc-web-text",
            "application/grpc-web+proto",
            "\u{fffd}\0",
        ),
        ("application/grpc-web-text", "application/grpc", "gAAAA"),
        ("application/grpc-web-text", "*/*", "gAAAA"),
        ("application/grpc-web", "", "\u{fffd}\0"),
    ] {
        let mut request = post_of(content_type);
        let accepted = http::HeaderValue::from_static(accept);
        request.headers_mut().insert("accept", accepted);

        let written = plex(request, || Ok(bare(404).body(Full::default())?));

        assert!(written.body.starts_with(start), "{content_type}, {accept}");
        let is_text = start.starts_with('g');
        let content_type = written.headers["content-type"].to_str().unwrap();
        assert_eq!(content_type.contains("text"), is_text, "{accept}");
    }
}

#[test]
fn what_begins_like_grpc_is_not_grpc() {
    let written = plex(post_of("application/grpcx"), || {
        Ok(bare(404).body(Full::default())?)
    });

    assert_eq!(written.status, StatusCode::NOT_FOUND);
}
