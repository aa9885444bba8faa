//! Sends an upstream the time that is left for its response, and does not call it if none is left.
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
//!     let sent = request.headers()["x-request-timeout-ms"].to_str().unwrap_or_default().to_owned();
//!     Ok::<_, std::convert::Infallible>(Response::new(sent))
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
//!
//! # What it does to a request and a response
//!
//! | | a request in time | a request after its deadline |
//! |---|---|---|
//! | inner service | is called | is not called |
//! | request extensions read | a [`Deadline`] | the same |
//! | request fields written | the [`TimeoutHeader`], such as `grpc-timeout`, if there is a deadline | none |
//! | status | the inner service's | 504; to gRPC 200 with the status `DEADLINE_EXCEEDED` |
//! | response extensions written | none | a [`Problem`] |
//!
//! The layer goes around a client. The deadline is the earliest of three: a [`Deadline`] in the extensions of the
//! request, the [current](Deadline::current) one, and the time in the request's own field. The layer sends the
//! remaining time, less a margin. If no time remains, it does not call the upstream. It responds with a 504 and a
//! [`Problem`], or with `DEADLINE_EXCEEDED` to a gRPC request. A request without a deadline passes unchanged. Feature
//! `metrics` counts the requests that were too late in `tower_edge_timeouts_total`, with the phase `deadline`.
//!
//! The response needs a body that can be empty. hyper's `Incoming` cannot: around a client that responds with it, write
//! `.map_response(|response: Response<Incoming>| response.map(ResponseBody::inner))` right after this layer, with
//! [`ResponseBody`](tower_edge_core::ResponseBody).
//!
//! An [`UpstreamTimeoutLayer`](../../timeout/struct.UpstreamTimeoutLayer.html) further out sets the current deadline.
//! Around the client, it sets its own limits. Around the service, it also sets [the caller's
//! deadline](../../timeout/struct.UpstreamTimeoutLayer.html#method.with_deadlines).
//!
//! A limit on the head is such a deadline, unless the response [may be a stream](../../timeout/index.html#deadlines)
//! and the caller has no deadline. But the upstream may apply it to the whole response. So for other bodies that take
//! longer, such as downloads, leave out this layer or the limit on the head.

use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use tokio::time::Instant;
use tower_edge_core::deadline::TimeoutHeader;
use tower_edge_core::problem::{Facts, Phase, TimeoutFacts};
use tower_edge_core::{Deadline, EmptyBody, Kind, Problem};
use tower_layer::Layer;
use tower_service::Service;

use crate::grpc_rejection;
use crate::rejection::ResponseFuture;
use crate::telemetry;

/// Sends an upstream the time that is left for its response; see the [module docs](self) for an example.
#[doc(alias("grpc-timeout", "timeout"))]
#[derive(Clone, Debug)]
pub struct PropagateDeadlineLayer {
    header: TimeoutHeader,
    margin: Duration,
}

impl PropagateDeadlineLayer {
    /// Sends the remaining time in this field. If the request already has a shorter time there, that stays.
    #[must_use]
    pub const fn new(header: TimeoutHeader) -> Self {
        Self {
            header,
            margin: Duration::ZERO,
        }
    }

    /// Keeps this much of the time back, for the transport of the response and for the work on it. The default is zero.
    #[must_use]
    pub const fn with_margin(mut self, margin: Duration) -> Self {
        self.margin = margin;
        self
    }
}

impl<S> Layer<S> for PropagateDeadlineLayer {
    type Service = PropagateDeadline<S>;

    fn layer(&self, inner: S) -> PropagateDeadline<S> {
        let layer = self.clone();
        PropagateDeadline { inner, layer }
    }
}

/// The service of a [`PropagateDeadlineLayer`].
#[derive(Clone, Debug)]
pub struct PropagateDeadline<S> {
    inner: S,
    layer: PropagateDeadlineLayer,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for PropagateDeadline<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: EmptyBody,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let PropagateDeadlineLayer { header, margin } = &self.layer;
        let given = request.extensions().get().copied();
        let deadlines = [given, Deadline::current()];
        if let Some(deadline) = deadlines.into_iter().flatten().min() {
            let left = deadline.remaining(Instant::now().into_std());
            let sent = header.read(request.headers()).unwrap_or(Duration::MAX);
            let time = left.saturating_sub(*margin).min(sent);
            let least = match header {
                TimeoutHeader::Milliseconds(_) => Duration::from_millis(1),
                _ => Duration::from_nanos(1),
            };
            if time < least {
                let is_grpc = grpc_rejection::is_grpc(request.method(), request.headers());
                return ResponseFuture::rejected(grpc_rejection::response(too_late(left), is_grpc));
            }
            header.write(time, request.headers_mut());
        }
        ResponseFuture::inner(self.inner.call(request))
    }
}

#[cold]
fn too_late(left: Duration) -> Problem {
    let facts = TimeoutFacts::new(Phase::Deadline, left, Duration::ZERO);
    telemetry::timeout::Counts::default().record_timeout(&facts, true);
    Problem::new(Kind::UpstreamTimeout).with_facts(Facts::Timeout(facts))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http::{HeaderValue, StatusCode};
    use tower::{ServiceExt, service_fn};
    use tower_layer::Layer;

    use super::{PropagateDeadlineLayer, *};

    const MILLISECOND: Duration = Duration::from_millis(1);

    /// Responds with the value of the field that it is sent.
    async fn respond(
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

        let sent = respond(grpc, "grpc-timeout", left).await;
        assert_eq!(sent.into_body(), "230000u");
        let sent = respond(millis, "x-envoy-expected-rq-timeout-ms", left).await;
        assert_eq!(sent.into_body(), "230");
    }

    #[tokio::test(start_paused = true)]
    async fn the_earlier_of_the_requests_and_the_current_deadline_is_sent() {
        let layer = || PropagateDeadlineLayer::new(TimeoutHeader::REQUEST_TIMEOUT_MS);
        let name = "x-request-timeout-ms";
        let current = Deadline::after(Instant::now().into_std(), 50 * MILLISECOND).unwrap();

        for (left, sent) in [
            (None, "50"),
            (Some(40 * MILLISECOND), "40"),
            (Some(60 * MILLISECOND), "50"),
        ] {
            let response = current.within(respond(layer(), name, left)).await;

            assert_eq!(response.into_body(), sent);
        }
    }

    // As a client of tonic sends the timeout of one call.
    #[tokio::test(start_paused = true)]
    async fn a_shorter_time_in_the_field_stays() {
        let layer = PropagateDeadlineLayer::new(TimeoutHeader::REQUEST_TIMEOUT_MS);
        let client = layer.layer(service_fn(async |request: Request<()>| {
            let sent = request.headers()["x-request-timeout-ms"].clone();
            Ok::<_, Infallible>(Response::new(sent.to_str().unwrap().to_owned()))
        }));
        let deadline = Deadline::after(Instant::now().into_std(), 50 * MILLISECOND).unwrap();

        for (field, sent) in [("40", "40"), ("60", "50"), ("soon", "50"), ("0", "")] {
            let request = Request::post("/").header("x-request-timeout-ms", field);
            let request = request.extension(deadline).body(()).unwrap();

            let response = client.clone().oneshot(request).await.unwrap();

            assert_eq!(response.into_body(), sent, "{field}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_deadline_nothing_is_sent() {
        let layer = PropagateDeadlineLayer::new(TimeoutHeader::GrpcTimeout);

        assert_eq!(
            respond(layer, "grpc-timeout", None).await.into_body(),
            "none"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_upstream_is_not_called_when_it_is_too_late() {
        let margin = 20 * MILLISECOND;
        let layer = PropagateDeadlineLayer::new(TimeoutHeader::REQUEST_TIMEOUT_MS);
        let layer = layer.with_margin(margin);

        for left in [Duration::ZERO, margin, margin + MILLISECOND / 2] {
            let response = respond(layer.clone(), "x-request-timeout-ms", Some(left)).await;

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
    async fn a_client_of_grpc_reads_that_the_deadline_is_exceeded() {
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
            let sent = (response.status(), status, response.body().as_str());
            if is_grpc {
                assert_eq!(sent, (StatusCode::OK, Some(b"4".as_slice()), ""));
                assert_eq!(response.headers()["content-type"], "application/grpc");
            } else {
                assert_eq!(
                    sent,
                    (StatusCode::GATEWAY_TIMEOUT, None, ""),
                    "{content_type}"
                );
            }
        }
    }
}
