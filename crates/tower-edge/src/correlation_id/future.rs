use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{HeaderMap, Response};
use pin_project_lite::pin_project;
use tower_edge_core::CorrelationId;
use tower_edge_core::http_ext::SingleHeader;

use super::Refusal;
use super::settings::{Settings, SharedSettings};
use crate::span::Span;

pin_project! {
    /// The future of [`SetCorrelationId`](super::SetCorrelationId).
    #[derive(Debug)]
    pub struct ResponseFuture<F, R = Infallible> {
        id: CorrelationId,
        settings: SharedSettings,
        span: Span,
        #[pin]
        state: State<F, R>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProj]
    enum State<F, R> {
        Inner {
            #[pin]
            future: F,
        },
        Refused {
            refusal: Option<R>,
        },
    }
}

impl<F, R> ResponseFuture<F, R> {
    pub(super) const fn inner(
        id: CorrelationId,
        settings: SharedSettings,
        span: Span,
        future: F,
    ) -> Self {
        Self {
            id,
            settings,
            span,
            state: State::Inner { future },
        }
    }

    pub(super) const fn refused(
        id: CorrelationId,
        settings: SharedSettings,
        span: Span,
        refusal: R,
    ) -> Self {
        let refusal = Some(refusal);
        Self {
            id,
            settings,
            span,
            state: State::Refused { refusal },
        }
    }
}

impl<F, R, B, E> Future for ResponseFuture<F, R>
where
    F: Future<Output = Result<Response<B>, E>>,
    R: Refusal<B>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut response = match this.state.project() {
            StateProj::Inner { future } => {
                let polled = {
                    let _entered = this.span.enter();
                    future.poll(cx)
                };
                match ready!(polled) {
                    Ok(response) => response,
                    Err(error) => {
                        this.span.failed();
                        return Poll::Ready(Err(error));
                    }
                }
            }
            StateProj::Refused { refusal } => match refusal.take() {
                Some(refusal) => refusal.into_response(),
                // Polled again after it was ready, which no caller does.
                None => return Poll::Pending,
            },
        };
        this.span.answered(&response);
        write(this.id, this.settings.get(), response.headers_mut());
        Poll::Ready(Ok(response))
    }
}

/// Makes the id of the request the only one that the response has.
fn write(id: &CorrelationId, settings: &Settings, headers: &mut HeaderMap) {
    if let Some(name) = &settings.upstream_header {
        let theirs = SingleHeader::from_headers(headers, &settings.header).one();
        if let Some(theirs) = theirs.and_then(CorrelationId::parse)
            && theirs != *id
        {
            headers.insert(name, theirs.header_value().clone());
        }
    }
    headers.insert(&settings.header, id.header_value().clone());
}
