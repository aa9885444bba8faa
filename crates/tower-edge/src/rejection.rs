//! The response to a request that a layer rejects, beside the driver, and what gRPC reads of it.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::CONTENT_TYPE;
use http::response::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use pin_project_lite::pin_project;
use tower_edge_core::http_ext::Protocol;
use tower_edge_core::{BoxError, Problem, google_rpc};

/// Whether a request is one of gRPC, which is always a
/// [`POST`](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests).
#[inline(always)]
pub(crate) fn is_grpc(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::POST && Protocol::from_headers(headers) == Protocol::Grpc
}

/// A response without a body. With the status of gRPC where a client of gRPC reads it.
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

/// What a body fails with. For a client of gRPC it is a status of tonic, whose source is the problem: of any other error
/// tonic makes `UNKNOWN`.
#[cold]
pub(crate) fn body_error(problem: Problem, is_grpc: bool) -> BoxError {
    #[cfg(feature = "tonic")]
    if is_grpc {
        return tonic::Status::from(problem).into();
    }
    let _ = is_grpc;
    problem.into()
}

pin_project! {
    /// The future of a layer that calls the inner service, or rejects the request.
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: Option<F>,
        rejection: Option<Box<Response<()>>>,
    }
}

impl<F> ResponseFuture<F> {
    pub(crate) const fn inner(future: F) -> Self {
        Self {
            inner: Some(future),
            rejection: None,
        }
    }

    #[cold]
    pub(crate) fn rejected(response: Response<()>) -> Self {
        Self {
            inner: None,
            rejection: Some(Box::new(response)),
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Default,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        match (this.inner.as_pin_mut(), this.rejection.take()) {
            (Some(inner), _) => inner.poll(cx),
            (None, Some(response)) => Poll::Ready(Ok(response.map(|()| B::default()))),
            (None, None) => Poll::Pending,
        }
    }
}
