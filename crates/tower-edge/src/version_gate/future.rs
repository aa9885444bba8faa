use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use http::HeaderValue;
use http::Response;
use http::header::CONNECTION;
use http::header::UPGRADE;
use pin_project_lite::pin_project;
use tower_edge_core::Problem;

pin_project! {
    /// The future of [`VersionGate`](super::VersionGate).
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
            problem: Option<Problem>,
            upgrade: Option<HeaderValue>,
        },
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn inner(future: F) -> Self {
        Self {
            state: State::Inner { future },
        }
    }

    pub(super) const fn refused(problem: Problem, upgrade: Option<HeaderValue>) -> Self {
        Self {
            state: State::Refused {
                problem: Some(problem),
                upgrade,
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

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        Poll::Ready(Ok(match self.project().state.project() {
            StateProj::Inner { future } => ready!(future.poll(cx))?,
            StateProj::Refused { problem, upgrade } => match problem.take() {
                Some(problem) => refusal(problem, upgrade.take()),
                None => return Poll::Pending,
            },
        }))
    }
}

fn refusal<B: Default>(problem: Problem, upgrade: Option<HeaderValue>) -> Response<B> {
    let mut response = problem.into_response();
    if let Some(upgrade) = upgrade {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("upgrade"));
        response.headers_mut().insert(UPGRADE, upgrade);
    }
    response
}
