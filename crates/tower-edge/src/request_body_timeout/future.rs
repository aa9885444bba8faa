use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::header::CONNECTION;
use http::{HeaderValue, Response};
use pin_project_lite::pin_project;
use tower_edge_core::problem::TimeoutFacts;

use super::body::too_late;
use super::late::Late;

pin_project! {
    /// The future of [`RequestBodyTimeout`](super::RequestBodyTimeout).
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        closes: bool,
        // Let go when the time is up, and not only with the answer.
        #[pin]
        inner: Option<F>,
        late: Option<Arc<Late>>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn new(inner: F, late: Option<Arc<Late>>, closes: bool) -> Self {
        Self {
            closes,
            inner: Some(inner),
            late,
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
        let mut this = self.project();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        let polled = inner.poll(cx);
        let Some(late) = this.late else {
            return polled;
        };
        let facts = match polled {
            Poll::Ready(result) => {
                // What was said in spite of the body, such as a success, was not about it.
                let is_about_it = result
                    .as_ref()
                    .map_or(true, |response| response.status().as_u16() >= 400);
                match late.facts().filter(|_| is_about_it) {
                    Some(facts) => facts,
                    None => return Poll::Ready(result),
                }
            }
            Poll::Pending => ready!(late.poll(cx)),
        };
        this.inner.set(None);
        Poll::Ready(Ok(refused(facts, *this.closes)))
    }
}

#[cold]
fn refused<B: Default>(facts: TimeoutFacts, closes: bool) -> Response<B> {
    let mut response = too_late(facts).into_empty_response();
    if closes {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    response
}

#[cfg(test)]
mod tests;
