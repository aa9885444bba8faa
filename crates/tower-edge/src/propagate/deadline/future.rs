use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use pin_project_lite::pin_project;
use tower_edge_core::Problem;
use tower_edge_core::http_ext::header_int;

pin_project! {
    /// The future of [`PropagateDeadline`](super::PropagateDeadline).
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProj]
    enum State<F> {
        Inner {
            #[pin]
            future: F,
        },
        Refused {
            is_grpc: bool,
            problem: Option<Problem>,
        },
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn inner(future: F) -> Self {
        Self {
            state: State::Inner { future },
        }
    }

    pub(super) const fn refused(problem: Problem, is_grpc: bool) -> Self {
        Self {
            state: State::Refused {
                is_grpc,
                problem: Some(problem),
            },
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Default,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok(match self.project().state.project() {
            StateProj::Inner { future } => ready!(future.poll(cx))?,
            StateProj::Refused { is_grpc, problem } => match problem.take() {
                Some(problem) if *is_grpc => trailers_only(problem),
                Some(problem) => problem.into_empty_response(),
                None => return Poll::Pending,
            },
        }))
    }
}

/// What a client of gRPC understands: it takes any other status than 200 for one of a proxy
/// ([Responses](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses)).
fn trailers_only<B: Default>(problem: Problem) -> Response<B> {
    let code = problem.kind().grpc_code();
    let mut response = problem.into_empty_response();
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert("grpc-status", header_int(code.number().into()));
    headers.insert("grpc-message", HeaderValue::from_static(MESSAGE));
    response
}

const MESSAGE: &str = "the deadline is over";
