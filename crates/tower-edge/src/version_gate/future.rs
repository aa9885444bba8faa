use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use super::notice::Notice;
use super::refusal::Refusal;

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
            notice: Option<Notice>,
        },
        Refused {
            refusal: Option<Refusal>,
        },
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn inner(future: F, notice: Option<Notice>) -> Self {
        Self {
            state: State::Inner { future, notice },
        }
    }

    pub(super) const fn refused(refusal: Refusal) -> Self {
        Self {
            state: State::Refused {
                refusal: Some(refusal),
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
        match self.project().state.project() {
            // The answer is not looked at, since every look is a copy.
            StateProj::Inner {
                future,
                notice: None,
            } => future.poll(cx),
            StateProj::Inner {
                future,
                notice: Some(notice),
            } => {
                let mut response = ready!(future.poll(cx))?;
                notice.write(response.headers_mut());
                Poll::Ready(Ok(response))
            }
            StateProj::Refused { refusal } => match refusal.take() {
                Some(refusal) => Poll::Ready(Ok(refusal.into_response())),
                None => Poll::Pending,
            },
        }
    }
}
