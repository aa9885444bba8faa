//! Whatever a client accepts or sends, the response is in a format that there is.
#![no_main]

use std::convert::Infallible;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Request, Response};
use http_body_util::Empty;
use libfuzzer_sys::fuzz_target;
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::envelope::{ByAccept, EnvelopeLayer};
use tower_edge_formats::PlexMcp;
use tower_edge_fuzz::{head, lines, resolved};

fuzz_target!(|data: &[u8]| {
    let [accept, more, content_type] = lines(data);
    let request = head([
        (ACCEPT, accept),
        (ACCEPT, more),
        (CONTENT_TYPE, content_type),
    ]);
    let content_type = content_type.trim_ascii().to_ascii_lowercase();
    let is_grpc = content_type.starts_with(b"application/grpc");
    let service = ServiceBuilder::new()
        .layer(EnvelopeLayer::select(
            ByAccept::new(PlexMcp).with(ProblemDetails),
        ))
        .service(service_fn(async |_: Request<()>| {
            let mut response = Response::new(Empty::<Bytes>::new());
            *response.status_mut() = http::StatusCode::NOT_FOUND;
            Ok::<_, Infallible>(response)
        }));

    let response = resolved(service.oneshot(request)).unwrap();

    if !is_grpc {
        let chosen = response.headers()[CONTENT_TYPE].as_bytes();
        assert!([&b"application/json"[..], b"application/problem+json"].contains(&chosen));
        assert_eq!(response.status(), 404);
    }
});
