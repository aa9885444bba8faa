use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use http::Response;
use pin_project_lite::pin_project;
use tower_edge_core::CorrelationId;

use super::names::SharedNames;

pin_project! {
    /// The future of [`SetCorrelationId`](super::SetCorrelationId).
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        id: CorrelationId,
        #[pin]
        inner: F,
        names: SharedNames,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn new(inner: F, names: SharedNames, id: CorrelationId) -> Self {
        Self { id, inner, names }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(cx))?;
        response
            .headers_mut()
            .insert(&this.names.names().header, this.id.header_value().clone());
        Poll::Ready(Ok(response))
    }
}
