//! Tells an upstream how long its answer will be waited for, and does not ask it for what is too late.
//!
//! The layer goes around a client. The earlier counts of a [`Deadline`] in
//! the extensions of the request and the [current](tower_edge_core::Deadline::current) one, which
//! [`UpstreamTimeoutLayer::with_deadlines`](../../timeout/struct.UpstreamTimeoutLayer.html#method.with_deadlines)
//! sets further out: what remains of it, less a margin, is sent. Where nothing remains, the upstream is
//! not called, and the answer is a 504 with a [`Problem`]; where the field is
//! `grpc-timeout`, one of gRPC with the status `DEADLINE_EXCEEDED`. A request without a deadline is
//! passed on as it is. Feature `metrics` counts what was too late in `timeouts_total`, with the phase
//! `deadline`.
//!
//! ```
//! use std::time::Duration;
//!
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::deadline::{Deadline, TimeoutHeader};
//! use tower_edge::client::deadline::PropagateDeadlineLayer;
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let layer = PropagateDeadlineLayer::new(TimeoutHeader::REQUEST_TIMEOUT_MS)
//!     .with_margin(Duration::from_millis(50));
//! let client = ServiceBuilder::new().layer(layer).service(service_fn(async |request: Request<()>| {
//!     let told = request.headers()["x-request-timeout-ms"].to_str().unwrap_or_default().to_owned();
//!     Ok::<_, std::convert::Infallible>(Response::new(told))
//! }));
//!
//! let now = tokio::time::Instant::now().into_std();
//! let mut request = Request::new(());
//! if let Some(deadline) = Deadline::after(now, Duration::from_secs(1)) {
//!     request.extensions_mut().insert(deadline);
//! }
//!
//! assert_eq!(client.oneshot(request).await?.into_body(), "950");
//! # Ok(())
//! # }
//! ```

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use pin_project_lite::pin_project;
use tokio::time::Instant;
use tower_edge_core::deadline::TimeoutHeader;
use tower_edge_core::http_ext::Protocol;
use tower_edge_core::problem::{Facts, Phase, TimeoutFacts};
use tower_edge_core::{Deadline, Kind, Problem, google_rpc};
use tower_layer::Layer;
use tower_service::Service;

use crate::telemetry;

/// Tells an upstream how long its answer will be waited for; see the [module docs](self) for an example.
#[derive(Clone, Debug)]
pub struct PropagateDeadlineLayer {
    field: TimeoutHeader,
    margin: Duration,
}

impl PropagateDeadlineLayer {
    /// What remains is told in this field, whatever it has held before.
    #[must_use]
    pub const fn new(field: TimeoutHeader) -> Self {
        Self {
            field,
            margin: Duration::ZERO,
        }
    }

    /// Keeps this much of the time for ourselves: for the way back, and for what is still to be done
    /// with the answer. The default is zero.
    #[must_use]
    pub const fn with_margin(mut self, margin: Duration) -> Self {
        self.margin = margin;
        self
    }
}

impl<S> Layer<S> for PropagateDeadlineLayer {
    type Service = PropagateDeadline<S>;

    fn layer(&self, inner: S) -> PropagateDeadline<S> {
        PropagateDeadline::new(inner, self.field.clone(), self.margin)
    }
}

/// Tells an upstream how long its answer will be waited for; see the [module docs](self) for an example.
#[derive(Clone, Debug)]
pub struct PropagateDeadline<S> {
    field: TimeoutHeader,
    inner: S,
    margin: Duration,
}

impl<S> PropagateDeadline<S> {
    const fn new(inner: S, field: TimeoutHeader, margin: Duration) -> Self {
        Self {
            field,
            inner,
            margin,
        }
    }

    /// Whether this is time enough to be told.
    fn is_enough(&self, time: Duration) -> bool {
        match self.field {
            TimeoutHeader::Milliseconds(_) => time >= Duration::from_millis(1),
            _ => !time.is_zero(),
        }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for PropagateDeadline<S>
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

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let given = request.extensions().get().copied();
        let deadlines = [given, Deadline::current()];
        if let Some(deadline) = deadlines.into_iter().flatten().min() {
            let left = deadline.remaining(Instant::now().into_std());
            let time = left.saturating_sub(self.margin);
            if !self.is_enough(time) {
                let is_grpc = Protocol::from_headers(request.headers()) == Protocol::Grpc;
                return ResponseFuture::refused(too_late(left), is_grpc);
            }
            self.field.write(time, request.headers_mut());
        }
        ResponseFuture::inner(self.inner.call(request))
    }
}

#[cold]
fn too_late(left: Duration) -> Problem {
    let facts = TimeoutFacts::new(Phase::Deadline, left, Duration::ZERO);
    telemetry::timeout::record_timeout(&facts, true);
    Problem::new(Kind::UpstreamTimeout).with_facts(Facts::Timeout(facts))
}

pin_project! {
    /// The future of [`PropagateDeadline`].
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
            is_grpc: bool,
            problem: Option<Problem>,
        },
    }
}

impl<F> ResponseFuture<F> {
    const fn inner(future: F) -> Self {
        Self {
            state: State::Inner { future },
        }
    }

    const fn refused(problem: Problem, is_grpc: bool) -> Self {
        Self {
            state: State::Refused {
                is_grpc,
                problem: Some(problem),
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

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok(match self.project().state.project() {
            StateProj::Inner { future } => ready!(future.poll(cx))?,
            StateProj::Refused { is_grpc, problem } => match problem.take() {
                Some(problem) if *is_grpc => trailers_only(problem),
                Some(problem) => problem.into_empty_response(),
                None => return Poll::Pending,
            },
        }))
    }
}

/// What a client of gRPC understands: it takes any other status than 200 for one of a proxy
/// ([Responses](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses)).
fn trailers_only<B: Default>(problem: Problem) -> Response<B> {
    let problem = problem.with_message(MESSAGE);
    let mut response = problem.clone().into_empty_response();
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    google_rpc::insert_status(&problem, None, headers);
    response
}

const MESSAGE: &str = "the deadline is over";

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http::{HeaderValue, StatusCode};
    use tower::{ServiceExt, service_fn};
    use tower_layer::Layer;

    use super::{PropagateDeadlineLayer, *};

    const MILLISECOND: Duration = Duration::from_millis(1);

    /// Answers with the value of the field that it is sent.
    async fn answer(
        layer: PropagateDeadlineLayer,
        name: &'static str,
        left: Option<Duration>,
    ) -> Response<String> {
        let client = layer.layer(service_fn(async |request: Request<()>| {
            let value = request.headers().get(name);
            let value = value.map_or("none", |value| value.to_str().unwrap());
            Ok::<_, Infallible>(Response::new(value.to_owned()))
        }));
        let now = Instant::now().into_std();
        let mut request = Request::new(());
        if let Some(left) = left {
            let deadline = Deadline::after(now, left).unwrap();
            request.extensions_mut().insert(deadline);
        }
        client.oneshot(request).await.unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn sends_what_remains_less_the_margin() {
        let margin = 20 * MILLISECOND;
        let grpc = PropagateDeadlineLayer::new(TimeoutHeader::GrpcTimeout).with_margin(margin);
        let millis = PropagateDeadlineLayer::new(TimeoutHeader::ENVOY_EXPECTED).with_margin(margin);
        let left = Some(250 * MILLISECOND);

        let told = answer(grpc, "grpc-timeout", left).await;
        assert_eq!(told.into_body(), "230000u");
        let told = answer(millis, "x-envoy-expected-rq-timeout-ms", left).await;
        assert_eq!(told.into_body(), "230");
    }

    #[tokio::test(start_paused = true)]
    async fn the_earlier_of_the_requests_and_the_current_deadline_is_sent() {
        let layer = || PropagateDeadlineLayer::new(TimeoutHeader::REQUEST_TIMEOUT_MS);
        let name = "x-request-timeout-ms";
        let current = Deadline::after(Instant::now().into_std(), 50 * MILLISECOND).unwrap();

        for (left, told) in [
            (None, "50"),
            (Some(40 * MILLISECOND), "40"),
            (Some(60 * MILLISECOND), "50"),
        ] {
            let response = current.within(answer(layer(), name, left)).await;

            assert_eq!(response.into_body(), told);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_deadline_nothing_is_sent() {
        let layer = PropagateDeadlineLayer::new(TimeoutHeader::GrpcTimeout);

        assert_eq!(
            answer(layer, "grpc-timeout", None).await.into_body(),
            "none"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_upstream_is_not_asked_for_what_is_too_late() {
        let margin = 20 * MILLISECOND;
        let layer = PropagateDeadlineLayer::new(TimeoutHeader::REQUEST_TIMEOUT_MS);
        let layer = layer.with_margin(margin);

        for left in [Duration::ZERO, margin, margin + MILLISECOND / 2] {
            let response = answer(layer.clone(), "x-request-timeout-ms", Some(left)).await;

            assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
            assert_eq!(response.body(), "", "the client is not called");
            let problem = response.extensions().get::<Problem>().unwrap();
            let Some(Facts::Timeout(facts)) = problem.facts() else {
                panic!("{problem:?}")
            };
            assert_eq!((facts.phase, facts.limit), (Phase::Deadline, left));
        }
    }

    // gRPC over HTTP/2: Trailers-Only is a 200 whose header fields have the status.
    #[tokio::test(start_paused = true)]
    async fn a_client_of_grpc_is_told_that_the_deadline_is_exceeded() {
        for (content_type, is_grpc) in [
            ("application/grpc", true),
            ("Application/GRPC+proto", true),
            ("application/grpc;x=y", true),
            ("application/grpc\t;x=y", true),
            ("application/grpc-foo", false),
            ("application/grpc foo", false),
            ("application/grpc-web", false),
            ("application/json", false),
        ] {
            let layer = PropagateDeadlineLayer::new(TimeoutHeader::GrpcTimeout);
            let client = layer.layer(service_fn(async |_: Request<()>| {
                Ok::<_, Infallible>(Response::new(String::from("served")))
            }));
            let over = Deadline::at(Instant::now().into_std());
            let request = Request::post("/").header("content-type", content_type);
            let request = request.extension(over).body(()).unwrap();

            let response = client.oneshot(request).await.unwrap();

            let status = response.headers().get("grpc-status");
            let status = status.map(HeaderValue::as_bytes);
            let told = (response.status(), status, response.body().as_str());
            if is_grpc {
                assert_eq!(told, (StatusCode::OK, Some(b"4".as_slice()), ""));
                assert_eq!(response.headers()["content-type"], "application/grpc");
            } else {
                assert_eq!(
                    told,
                    (StatusCode::GATEWAY_TIMEOUT, None, ""),
                    "{content_type}"
                );
            }
        }
    }
}
