use super::*;

fn post_of(content_type: &str) -> Request<()> {
    let request = Request::post("/").header("content-type", content_type);
    request.body(()).unwrap()
}

// PROTOCOL-WEB: chosen before gRPC, whose name its own begins with.
#[test]
fn a_grpc_web_call_is_answered_with_a_frame_of_trailers() {
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

#[test]
fn what_begins_like_grpc_is_not_grpc() {
    let written = plex(post_of("application/grpcx"), || {
        Ok(bare(404).body(Full::default())?)
    });

    assert_eq!(written.status, StatusCode::NOT_FOUND);
}
