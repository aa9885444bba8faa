//! The future of layers outside of the driver that reject requests.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;
use pin_project_lite::pin_project;

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
