//! What of a stranger's request gets further in, alone and in an `Edge`.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full, Limited};
use tokio_test::block_on;
use tower::util::BoxCloneSyncService;
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
use tower_edge::Edge;
use tower_edge::correlation_id::{
    CorrelationId, CorrelationIdLayer, InContext, RequestContext, in_current_context,
};
use tower_edge::rate_limit::key::HeaderKey;
use tower_edge::rate_limit::{Limit, MemoryStore, Quota, RateLimitLayer};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

type Served = BoxCloneSyncService<Request<()>, StatusCode, Infallible>;

fn served<L>(layer: L) -> Served
where
    L: Layer<Handler>,
    L::Service: tower::Service<Request<()>, Response: StatusOf, Error = Infallible, Future: Send + 'static>
        + Clone
        + Send
        + Sync
        + 'static,
{
    let service = ServiceBuilder::new()
        .layer(layer)
        .service(service_fn(respond as fn(_) -> _));
    BoxCloneSyncService::new(service.map_response(|response| response.status_of()))
}

type Handler = tower::util::ServiceFn<fn(Request<()>) -> TestResult>;
type TestResult = std::future::Ready<Result<Response<Full<Bytes>>, Infallible>>;

fn respond(_: Request<()>) -> TestResult {
    std::future::ready(Ok(Response::default()))
}

trait StatusOf {
    fn status_of(&self) -> StatusCode;
}

impl<B> StatusOf for Response<B> {
    fn status_of(&self) -> StatusCode {
        self.status()
    }
}

/// One request for each value of the field.
fn limit() -> RateLimitLayer<MemoryStore> {
    let key = HeaderKey::new(HeaderName::from_static("x-correlation-id"));
    RateLimitLayer::new(Limit::new(Quota::per_hour(1), key)).with_store(MemoryStore::new(64))
}

fn twice(service: &Served) -> [StatusCode; 2] {
    [(); 2].map(|()| {
        let request = Request::get("/").header("x-correlation-id", "a b");
        block_on(service.clone().oneshot(request.body(()).unwrap())).unwrap()
    })
}

#[test]
fn a_layer_further_in_reads_the_rewritten_field_and_one_further_out_what_was_sent() {
    let ids = || CorrelationIdLayer::new().with_rewritten_request();
    let both = [StatusCode::OK; 2];
    let one = [StatusCode::OK, StatusCode::TOO_MANY_REQUESTS];

    for (place, inside, outside) in [
        (
            "stacked",
            served((ids(), limit())),
            served((limit(), ids())),
        ),
        (
            "in an edge",
            served(Edge::new().layer(ids()).layer(limit())),
            served(Edge::new().layer(limit()).layer(ids())),
        ),
    ] {
        assert_eq!(twice(&inside), both, "{place}");
        assert_eq!(twice(&outside), one, "{place}");
    }
}

/// The traces that the handler knows: that of its context, and those of the request's field.
fn traces(layer: &CorrelationIdLayer) -> (bool, HeaderMap) {
    let handler = service_fn(async |request: Request<()>| {
        let context = RequestContext::current();
        let known = context.trace_context().is_some();
        Ok::<_, Infallible>(Response::new(Some((known, request.into_parts().0.headers))))
    });
    // One further in trusts everyone.
    let service = layer.layer(CorrelationIdLayer::new().layer(handler));
    let request = Request::get("/")
        .header("traceparent", PARENT)
        .header("tracestate", "a=1");
    let response = block_on(service.oneshot(request.body(()).unwrap())).unwrap();
    response.into_body().into_inner().into_inner().unwrap()
}

// W3C Trace Context, section 7: https://www.w3.org/TR/trace-context/#security-considerations
#[test]
fn the_trace_of_a_request_that_is_not_trusted_ends_at_the_layer() {
    let trusted = CorrelationIdLayer::new().with_rewritten_request();
    let never = CorrelationIdLayer::new().with_trust(|_| false);

    let (is_known, fields) = traces(&trusted);
    assert!(is_known && fields.len() == 3, "{fields:?}");

    let (is_known, fields) = traces(&never);
    assert!(!is_known && fields.len() == 2, "{fields:?}");

    let (is_known, fields) = traces(&never.with_rewritten_request());
    assert!(!is_known, "{fields:?}");
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["x-correlation-id"]);
}

/// Keeps the id that is current when it is dropped.
#[derive(Clone, Debug, Default)]
struct Dropped(Arc<Mutex<Option<CorrelationId>>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        *self.0.lock().unwrap() = CorrelationId::current();
    }
}

#[tokio::test]
async fn what_is_dropped_before_its_end_knows_the_id() {
    let (body, task) = (Dropped::default(), Dropped::default());
    let (in_body, in_task) = (body.0.clone(), task.0.clone());
    let handler = service_fn(move |_: Request<()>| {
        let (body, task) = (Dropped(body.0.clone()), Dropped(task.0.clone()));
        async move {
            let waits = in_current_context(async move {
                let _task = task;
                std::future::pending::<()>().await;
            });
            let waits = tokio::spawn(waits);
            tokio::task::yield_now().await;
            waits.abort();
            assert!(waits.await.unwrap_err().is_cancelled());
            Ok::<_, Infallible>(Response::new(body))
        }
    });
    let service = CorrelationIdLayer::new().layer(handler);
    let request = Request::get("/").header("x-correlation-id", "req_1");

    let response = service.oneshot(request.body(()).unwrap()).await.unwrap();
    drop(response);

    let id = "req_1".parse().ok();
    assert_eq!(*in_task.lock().unwrap(), id, "the task");
    assert_eq!(*in_body.lock().unwrap(), id, "the body");
}

/// That of `TraceLayer`, and of others of tower-http, has no `Default`.
#[test]
fn a_layer_whose_body_has_no_default_stands_inside() {
    let handler = service_fn(async |_: Request<()>| {
        let body = Limited::new(Full::<Bytes>::from("whole"), 9);
        Ok::<_, Infallible>(Response::new(body))
    });
    let service = Edge::new()
        .layer(CorrelationIdLayer::new())
        .service(handler);

    let response = block_on(service.oneshot(Request::new(()))).unwrap();

    let id = response.headers().contains_key("x-correlation-id");
    let body = block_on(response.into_body().collect()).unwrap();
    assert_eq!((id, &*body.to_bytes()), (true, &b"whole"[..]));
}

#[test]
fn an_empty_body_is_at_its_end() {
    let body: InContext<Limited<Full<Bytes>>> = InContext::default();

    assert_eq!(body.size_hint().exact(), Some(0));
    assert!(body.is_end_stream());
    assert!(block_on(body.collect()).unwrap().to_bytes().is_empty());
}
