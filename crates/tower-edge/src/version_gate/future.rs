use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

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
        Poll::Ready(Ok(match self.project().state.project() {
            StateProj::Inner { future, notice } => {
                let mut response = ready!(future.poll(cx))?;
                if let Some(notice) = notice {
                    notice.write(response.headers_mut());
                }
                response
            }
            StateProj::Refused { refusal } => match refusal.take() {
                Some(refusal) => refusal.into_response(),
                None => return Poll::Pending,
            },
        }))
    }
}
