//! Code that has no request, and asks for its id.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use tower::{Layer, ServiceExt, service_fn};
use tower_edge::correlation_id::{
    CorrelationId, CorrelationIdLayer, RequestContext, TraceContext, in_current_context,
};

/// Knows nothing of any request.
fn current() -> String {
    CorrelationId::current().map_or_else(|| "none".to_owned(), |id| id.to_string())
}

fn request(id: &str) -> Request<()> {
    let request = Request::get("/").header("x-correlation-id", id);
    request.body(()).unwrap()
}

type Far = fn() -> Pin<Box<dyn Future<Output = Result<Response<String>, Infallible>>>>;

/// What a handler says.
async fn ids(far: Far) -> String {
    let handler = service_fn(move |_: Request<()>| far());
    let service = CorrelationIdLayer::new().layer(handler);
    let response = service.oneshot(request("req_1")).await;
    assert_eq!(current(), "none", "the context is left");
    response.unwrap().into_body().into_inner()
}

#[tokio::test]
async fn a_handler_knows_the_id_in_the_call_and_after_every_await() {
    let ids = ids(|| {
        let in_call = current();
        Box::pin(async move {
            tokio::task::yield_now().await;
            Ok(Response::new(format!("{in_call} {}", current())))
        })
    });

    assert_eq!(ids.await, "req_1 req_1");
}

#[tokio::test]
async fn a_spawned_task_knows_the_id_if_the_context_is_taken_along() {
    let ids = ids(|| {
        Box::pin(async {
            let with = tokio::spawn(in_current_context(async { current() })).await;
            let without = tokio::spawn(async { current() }).await;
            let mut context = RequestContext::current();
            let blocking = tokio::task::spawn_blocking(move || context.enter(current)).await;
            let all = [with, without, blocking].map(Result::unwrap);
            Ok(Response::new(all.join(" ")))
        })
    });

    assert_eq!(ids.await, "req_1 none req_1");
}

#[tokio::test]
async fn requests_that_take_turns_on_one_thread_keep_their_ids() {
    let service = CorrelationIdLayer::new().layer(service_fn(async |_: Request<()>| {
        let mut seen = Vec::new();
        for _ in 0..3 {
            seen.push(current());
            tokio::task::yield_now().await;
        }
        Ok::<_, Infallible>(Response::new(seen))
    }));
    let ask = |id| service.clone().oneshot(request(id));

    let (one, two) = tokio::join!(ask("one"), ask("two"));

    assert_eq!(one.unwrap().into_body().into_inner(), ["one"; 3]);
    assert_eq!(two.unwrap().into_body().into_inner(), ["two"; 3]);
}

/// Says in each frame which id it knows.
#[derive(Default)]
struct Streamed(u8);

impl Body for Streamed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0 += 1;
        Poll::Ready((self.0 < 3).then(|| Ok(Frame::data(current().into()))))
    }
}

#[tokio::test]
async fn a_body_knows_the_id_when_the_future_of_the_response_is_gone() {
    let service = CorrelationIdLayer::new().layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(Streamed::default()))
    }));
    let response = service.oneshot(request("req_1")).await.unwrap();

    let body = tokio::spawn(response.into_body().collect()).await;

    assert_eq!(body.unwrap().unwrap().to_bytes(), "req_1req_1");
    assert_eq!(current(), "none");
}

#[tokio::test]
async fn a_body_in_a_context_keeps_its_size_and_its_end() {
    async fn hint(body: &'static str) -> (SizeHint, bool) {
        let service = CorrelationIdLayer::new().layer(service_fn(async move |_: Request<()>| {
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(
                body.as_bytes(),
            ))))
        }));
        let response = service.oneshot(request("req_1")).await.unwrap();
        (response.body().size_hint(), response.body().is_end_stream())
    }

    let (whole, empty) = (hint("hello").await, hint("").await);

    assert_eq!((whole.0.exact(), whole.1), (Some(5), false));
    assert_eq!((empty.0.exact(), empty.1), (Some(0), true));
}

#[tokio::test]
async fn a_request_that_is_sent_from_a_context_has_its_trace() {
    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let service = CorrelationIdLayer::new().layer(service_fn(async |_: Request<()>| {
        let context = RequestContext::current();
        let parent = context.trace_context().and_then(TraceContext::parent);
        Ok::<_, Infallible>(Response::new(parent.map(|parent| parent.to_string())))
    }));
    let mut request = request("req_1");
    let parent = HeaderValue::from_static(PARENT);
    request.headers_mut().insert("traceparent", parent);

    let response = service.oneshot(request).await.unwrap();

    assert_eq!(response.into_body().into_inner().as_deref(), Some(PARENT));
}

#[tokio::test]
async fn the_context_is_that_of_the_id_that_a_layer_further_out_gave() {
    let inner = CorrelationIdLayer::new().layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(current()))
    }));
    let service = CorrelationIdLayer::new().layer(inner);

    let response = service.oneshot(request("req_1")).await.unwrap();

    assert_eq!(response.into_body().into_inner().into_inner(), "req_1");
}
