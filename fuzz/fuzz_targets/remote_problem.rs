//! What an upstream sends is read in bounds, and our own client sees nothing of it.
#![no_main]

use http::Response;
use libfuzzer_sys::fuzz_target;
use tower_edge::client::decode::RemoteProblem;
use tower_edge::problem::Exposure;
use tower_edge::{Kind, Problem};

fuzz_target!(|data: &[u8]| {
    let Some((&[content_type, status], body)) = data.split_first_chunk() else {
        return;
    };
    let content_type = TYPES[usize::from(content_type) % TYPES.len()];
    let status = [200, 400, 429, 500, 503][usize::from(status) % 5];
    let mut response = Response::builder().status(status);
    if !content_type.is_empty() {
        response = response.header("content-type", content_type);
    }
    let response = response.body(body).unwrap();

    let Some(remote) = RemoteProblem::from_response(&response) else {
        // A status of gRPC overrules that of HTTP.
        assert!(status == 200 || content_type.starts_with("application/grpc"));
        return;
    };

    assert_eq!(remote.status(), status);
    let is_overruled = status == 200 || content_type.starts_with("application/grpc");
    assert!(is_overruled || remote.kind().status() == status);
    for text in [remote.code(), remote.message()].into_iter().flatten() {
        assert!(text.len() <= Problem::MAX_MESSAGE && !text.is_empty());
    }
    assert!(remote.details().len() <= Problem::MAX_ITEMS);
    assert!(remote.field_errors().len() <= Problem::MAX_ITEMS);
    assert!(remote.retry_after() <= Some(Problem::MAX_RETRY_AFTER));
    assert!(!remote.to_string().contains(char::is_control));
    assert!(!remote.to_string().contains(['\u{2028}', '\u{202E}']));
    let problem = Problem::from(remote);
    assert!(matches!(
        problem.kind(),
        Kind::Unavailable | Kind::UpstreamError | Kind::UpstreamTimeout
    ));
    assert_eq!(problem.message(), None);
    let mut details = problem.details().iter();
    assert!(!details.any(|detail| Exposure::Production.shows(detail.visibility())));
});

const TYPES: [&str; 10] = [
    "",
    "application/json",
    "application/problem+json",
    "application/vnd.api+json",
    "application/connect+json",
    "application/grpc",
    "application/grpc-web",
    "application/grpc-web-text",
    "text/event-stream",
    "text/plain",
];
