//! One line per request.

use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use std::time::Instant;

use http::Method;
use http::Request;
use http::Response;
use http::Uri;
use pin_project_lite::pin_project;
use tower::Layer;
use tower::Service;
use tower_edge::core::CorrelationId;
use tower_edge::core::Problem;

/// Logs method, path, status, the key of a problem, and the time until the head of the answer. It
/// stands inside of the correlation id and outside of the envelope, so as to know both. A request whose
/// client left before it was answered has the status 499, which nobody was sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccessLogLayer;

#[derive(Clone, Copy, Debug)]
pub(crate) struct AccessLog<S> {
    inner: S,
}

impl<S> Layer<S> for AccessLogLayer {
    type Service = AccessLog<S>;

    fn layer(&self, inner: S) -> AccessLog<S> {
        AccessLog { inner }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for AccessLog<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // Nothing is cloned for a log that nobody reads.
        let entry = tracing::enabled!(tracing::Level::INFO).then(|| Entry::new(&request));
        ResponseFuture {
            entry,
            inner: self.inner.call(request),
        }
    }
}

pin_project! {
    pub(crate) struct ResponseFuture<F> {
        entry: Option<Entry>,
        #[pin]
        inner: F,
    }

    impl<F> PinnedDrop for ResponseFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(entry) = this.project().entry.take() {
                entry.log(CLIENT_LEFT, None);
            }
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let result = ready!(this.inner.poll(cx));
        if let (Some(entry), Ok(response)) = (this.entry.take(), &result) {
            let problem = response.extensions().get::<Problem>();
            entry.log(response.status().as_u16(), problem);
        }
        Poll::Ready(result)
    }
}

/// What is known of a request before it is answered.
struct Entry {
    correlation_id: Option<CorrelationId>,
    method: Method,
    started: Instant,
    uri: Uri,
}

impl Entry {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long a request took is not decided upon"
    )]
    fn new<B>(request: &Request<B>) -> Self {
        Self {
            correlation_id: request.extensions().get().cloned(),
            method: request.method().clone(),
            started: Instant::now(),
            uri: request.uri().clone(),
        }
    }

    /// The query is left out, since it may hold what is nobody's business.
    fn log(self, status: u16, problem: Option<&Problem>) {
        let correlation_id = self.correlation_id.as_ref().map(CorrelationId::as_str);
        let path = self.uri.path();
        tracing::info!(
            correlation_id,
            method = %self.method,
            path = head(path),
            status,
            problem_key = problem.map(Problem::key),
            duration_us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX),
            "request"
        );
    }
}

/// A path may be as long as a client likes, and need not be ASCII.
fn head(path: &str) -> &str {
    let end = path.char_indices().nth(MAX_PATH).map(|(end, _)| end);
    &path[..end.unwrap_or(path.len())]
}

/// As nginx has it.
const CLIENT_LEFT: u16 = 499;
const MAX_PATH: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_is_cut_at_a_character() {
        assert_eq!(head("/a"), "/a");
        assert_eq!(head(&"é".repeat(3000)).chars().count(), MAX_PATH);
    }
}
