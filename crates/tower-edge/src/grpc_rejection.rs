//! Rejections as clients of gRPC read them.

use http::header::CONTENT_TYPE;
use http::response::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
#[cfg(feature = "timeout")]
use tower_edge_core::BoxError;
use tower_edge_core::http_ext::Protocol;
use tower_edge_core::{Problem, google_rpc};

/// Whether a request is one of gRPC, which is always a
/// [`POST`](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests).
#[inline(always)]
pub(crate) fn is_grpc(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::POST && Protocol::from_headers(headers) == Protocol::Grpc
}

/// A response without a body. For a client of gRPC, it has the status of gRPC.
#[cold]
pub(crate) fn response<B: Default>(problem: Problem, is_grpc: bool) -> Response<B> {
    if !is_grpc {
        return problem.into_empty_response();
    }
    let (mut head, body) = problem.clone().into_empty_response().into_parts();
    write_status(&problem, &mut head);
    Response::from_parts(head, body)
}

/// Writes [Trailers-Only](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses). A client of gRPC
/// takes any other status than 200 for one of a proxy, and a 504 for `UNAVAILABLE`, which it may retry.
#[cold]
pub(crate) fn write_status(problem: &Problem, head: &mut Parts) {
    head.status = StatusCode::OK;
    let content_type = HeaderValue::from_static("application/grpc");
    head.headers.insert(CONTENT_TYPE, content_type);
    google_rpc::insert_status(problem, None, &mut head.headers);
}

/// The error of a failed body. For a client of gRPC it is a status of tonic, whose source is the problem, since tonic
/// turns any other error into `UNKNOWN`.
#[cfg(feature = "timeout")]
#[cold]
pub(crate) fn body_error(problem: Problem, is_grpc: bool) -> BoxError {
    #[cfg(feature = "tonic")]
    if is_grpc {
        return tonic::Status::from(problem).into();
    }
    let _ = is_grpc;
    problem.into()
}
