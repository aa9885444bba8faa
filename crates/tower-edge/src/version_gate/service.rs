use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Extensions, Request, Response};
use pin_project_lite::pin_project;
use tower_edge_core::Head;
use tower_service::Service;

use super::gate::Gate;
use super::refusal::{Notice, Refusal};
use super::{ClientVersion, Version};

/// Turns away clients that are too old; see the [module docs](super) for an example.
#[derive(Debug)]
pub struct VersionGate<S, V> {
    gate: Arc<Gate<V>>,
    inner: S,
}

impl<S, V> VersionGate<S, V> {
    pub(super) const fn new(inner: S, gate: Arc<Gate<V>>) -> Self {
        Self { gate, inner }
    }
}

impl<S: Clone, V> Clone for VersionGate<S, V> {
    fn clone(&self) -> Self {
        Self {
            gate: self.gate.clone(),
            inner: self.inner.clone(),
        }
    }
}

impl<S, V, ReqBody, ResBody> Service<Request<ReqBody>> for VersionGate<S, V>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    V: Version,
    ResBody: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        if let Some(remember) = self.gate.remember {
            return self.call_and_remember(request, remember);
        }
        match self.gate.admit(Head::from(&request), None) {
            Ok(notice) => ResponseFuture::inner(self.inner.call(request), notice),
            Err(refusal) => ResponseFuture::refused(refusal),
        }
    }
}

impl<S, V: Version> VersionGate<S, V> {
    fn call_and_remember<ReqBody>(
        &mut self,
        mut request: Request<ReqBody>,
        remember: fn(&mut Extensions, ClientVersion<V>),
    ) -> ResponseFuture<S::Future>
    where
        S: Service<Request<ReqBody>>,
    {
        let mut client = None;
        match self.gate.admit(Head::from(&request), Some(&mut client)) {
            Ok(notice) => {
                if let Some(client) = client {
                    remember(request.extensions_mut(), client);
                }
                ResponseFuture::inner(self.inner.call(request), notice)
            }
            Err(refusal) => ResponseFuture::refused(refusal),
        }
    }
}

pin_project! {
    /// The future of [`VersionGate`].
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

#[cfg(test)]
mod tests;
