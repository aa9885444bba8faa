use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Version};
use pin_project_lite::pin_project;
use tower_edge_core::{Head, Problem};
use tower_layer::Layer;
use tower_service::Service;

use super::fault::Fault;

/// Responds with 400 to a request that HTTP itself calls invalid; see the [module docs](super) for an example.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ValidRequestLayer {}

impl ValidRequestLayer {
    /// A layer with all rules.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl<S> Layer<S> for ValidRequestLayer {
    type Service = ValidRequest<S>;

    fn layer(&self, inner: S) -> ValidRequest<S> {
        ValidRequest { inner }
    }
}

/// Responds with 400 to a request that HTTP itself calls invalid; see the [module docs](super) for an example.
#[derive(Clone, Copy, Debug)]
pub struct ValidRequest<S> {
    inner: S,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for ValidRequest<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let state = match Fault::of(Head::from(&request)) {
            None => State::Inner {
                future: self.inner.call(request),
            },
            Some(fault) => State::Rejected {
                closes: fault.is_about_framing() && request.version() <= Version::HTTP_11,
                fault: Some(fault),
            },
        };
        ResponseFuture { state }
    }
}

pin_project! {
    /// The future of [`ValidRequest`].
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
        Rejected {
            closes: bool,
            fault: Option<Fault>,
        },
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
            StateProj::Rejected { closes, fault } => match fault.take() {
                Some(fault) => rejected(fault, *closes),
                None => return Poll::Pending,
            },
        }))
    }
}

#[cold]
fn rejected<B: Default>(fault: Fault, closes: bool) -> Response<B> {
    let problem = Problem::new(fault.kind()).with_message(fault.message());
    let mut response = problem.into_empty_response();
    if closes {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    response
}
