use std::pin::Pin;
use std::sync::{Arc, Mutex};

use futures_util::stream;
use http::{HeaderMap, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use tokio_test::block_on;
use tokio_test::task::spawn;
use tower::{ServiceExt, service_fn};
use tower_edge_core::{BoxError, Format, JsonRpcId, JsonRpcIds, Kind, Problem, ResponseBody};
use tower_layer::Layer;

use super::super::RequestIds;
use super::*;
use crate::Edge;
use crate::envelope::EnvelopeLayer;
use tower_edge_formats::{PlexMcp, routermcp};

struct Written {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

async fn read(response: Response<ResponseBody<Full<Bytes>>>) -> Written {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Written {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

/// Calls a service that reads nothing, or everything, of this JSON-RPC body before it fails.
async fn rpc(body: &'static str, reads: bool, max: usize) -> Written {
    let layer = (JsonRpcIdLayer::new(max), EnvelopeLayer::new(routermcp::RPC));
    let service = layer.layer(service_fn(
        move |request: Request<TeeBody<Full<Bytes>>>| async move {
            if reads {
                let read = request.into_body().collect().await?.to_bytes();
                assert_eq!(read, body, "the service reads the bytes unchanged");
            }
            Err::<Response<Full<Bytes>>, BoxError>(Problem::new(Kind::UpstreamTimeout).into())
        },
    ));
    let request = Request::post("/mcp").header("content-type", "Application/JSON; charset=utf-8");
    read(
        service
            .oneshot(request.body(Full::from(body)).unwrap())
            .await
            .unwrap(),
    )
    .await
}

#[test]
fn the_id_of_a_json_rpc_request_is_repeated_exactly() {
    for reads in [false, true] {
        let written = block_on(rpc(
            r#"{"method":"a","id":12345678901234567890123}"#,
            reads,
            1024,
        ));

        assert_eq!(written.status, StatusCode::OK);
        assert_eq!(
            written.body,
            r#"{"jsonrpc":"2.0","id":12345678901234567890123,"error":{"code":-32004,"message":"Upstream error"}}"#
        );
    }
}

#[test]
fn a_notification_gets_the_http_status_and_a_batch_an_error_each() {
    let notification = block_on(rpc(r#"{"method":"a"}"#, false, 1024));
    assert_eq!(
        (notification.status, notification.body.as_str()),
        (StatusCode::GATEWAY_TIMEOUT, "")
    );
    assert!(!notification.headers.contains_key("content-type"));

    let batch = block_on(rpc(
        r#"[{"method":"a","id":"x"},{"method":"a"},{"method":"a","id":2}]"#,
        true,
        1024,
    ));
    let errors: Vec<serde_json::Value> = serde_json::from_str(&batch.body).unwrap();
    assert_eq!(errors.len(), 2);
    assert_eq!(
        (&errors[0]["id"], &errors[1]["id"]),
        (&"x".into(), &2.into())
    );
}

#[test]
fn a_service_sees_how_long_a_body_is_before_it_reads() {
    let layer = JsonRpcIdLayer::new(1024);
    let service = layer.layer(service_fn(
        async |request: Request<TeeBody<Full<Bytes>>>| {
            let body = request.into_body();
            Ok::<_, BoxError>((body.is_end_stream(), body.size_hint().exact()))
        },
    ));
    for method in [Method::POST, Method::PUT] {
        for (body, seen) in [("", (true, Some(0))), ("{}", (false, Some(2)))] {
            let request = Request::builder().method(&method).body(Full::from(body));

            let read = block_on(service.oneshot(request.unwrap())).unwrap();

            assert_eq!(read, seen, "{method} {body:?}");
        }
    }
}

#[test]
fn the_id_of_a_body_beyond_the_bound_is_null() {
    let written = block_on(rpc(r#"{"method":"a","id":7}"#, false, 8));

    assert!(written.body.contains("\"id\":null"), "{}", written.body);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let layer = (
        JsonRpcIdLayer::new(1024),
        EnvelopeLayer::new(routermcp::RPC),
    );
    let service = layer.layer(service_fn(|_: Request<TeeBody<_>>| async {
        Err::<Response<Full<Bytes>>, BoxError>(Problem::new(Kind::RateLimited).into())
    }));
    let request = Request::post("/mcp")
        .header("content-type", "application/json")
        .body(Never)
        .unwrap();
    let started = tokio::time::Instant::now();

    let written = read(service.oneshot(request).await.unwrap()).await;

    assert!(started.elapsed() < Duration::from_secs(2));
    assert_eq!(written.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(written.body.contains("\"id\":null"), "{}", written.body);
}

/// A body whose client sends nothing.
struct Never;

impl Body for Never {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Pending
    }
}

#[test]
fn a_426_that_becomes_a_200_offers_no_upgrade() {
    let layer = EnvelopeLayer::new(routermcp::RPC);
    let service = layer.layer(service_fn(|_: Request<()>| async {
        let mut response = Problem::new(Kind::VersionOutdated).into_empty_response::<Full<Bytes>>();
        response
            .headers_mut()
            .insert("connection", "upgrade".parse()?);
        response
            .headers_mut()
            .insert("upgrade", "client/1.2.0".parse()?);
        Ok::<_, BoxError>(response)
    }));

    let written = block_on(async { read(service.oneshot(Request::new(())).await.unwrap()).await });

    assert_eq!(written.status, StatusCode::OK);
    assert_eq!(written.headers.keys().collect::<Vec<_>>(), ["content-type"]);
}

/// What is known of the ids of a request that was read in two frames.
async fn known<F: Format + Clone + 'static>(format: F) -> Option<JsonRpcIds> {
    let frames =
        [r#"{"method":"a","#, r#""id":7}"#].map(|data| Ok::<_, BoxError>(Frame::data(data.into())));
    let known = Arc::new(Mutex::new(None));
    let look = known.clone();
    let layer = (JsonRpcIdLayer::new(1024), EnvelopeLayer::new(format));
    let service = layer.layer(service_fn(move |request: Request<TeeBody<_>>| {
        let look = look.clone();
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            assert_eq!(body, r#"{"method":"a","id":7}"#);
            *look.lock().unwrap() = parts.extensions.get().and_then(RequestIds::ids);
            Ok::<_, BoxError>(Response::new(Full::<Bytes>::default()))
        }
    }));
    let body = StreamBody::new(stream::iter(frames));
    service
        .oneshot(Request::post("/mcp").body(body).unwrap())
        .await
        .unwrap();
    known.lock().unwrap().take()
}

#[test]
fn the_body_is_kept_only_for_a_format_that_repeats_ids() {
    let seven = JsonRpcId::from_json("7").unwrap();

    let wanted = block_on(known(routermcp::RPC));
    let unwanted = block_on(known(PlexMcp));

    assert_eq!(wanted, Some(JsonRpcIds::One(seven)));
    assert_eq!(unwanted, Some(JsonRpcIds::One(JsonRpcId::null())));
}

#[test]
fn a_response_that_repeats_no_id_does_not_wait_for_the_request() {
    for status in [200, 404] {
        let layer = (
            JsonRpcIdLayer::new(1024),
            EnvelopeLayer::new(routermcp::RPC),
        );
        let service = layer.layer(service_fn(move |_: Request<TeeBody<Never>>| {
            let response = Response::builder().status(status);
            let response = response.header("content-type", "application/json");
            std::future::ready(response.body(Full::<Bytes>::from("{}")))
        }));
        let request = Request::post("/mcp").body(Never).unwrap();

        let mut call = spawn(service.oneshot(request));

        assert!(call.poll().is_ready());
    }
}

#[test]
fn all_envelopes_of_a_stack_find_the_ids() {
    let envelope = EnvelopeLayer::new(routermcp::RPC);
    let stack = (
        JsonRpcIdLayer::new(1024),
        envelope.clone(),
        envelope.clone(),
    );
    let edge = (
        JsonRpcIdLayer::new(1024),
        Edge::new().layer(envelope.clone()).layer(envelope),
    );

    let bodies = [
        error_of(stack.layer(service_fn(missing))),
        error_of(edge.layer(service_fn(missing))),
    ];

    for body in bodies {
        assert!(body.contains("\"id\":7,"), "{body}");
    }
}

async fn missing(_: Request<TeeBody<Full<Bytes>>>) -> Result<Response<Full<Bytes>>, Problem> {
    Err(Problem::new(Kind::NotFound))
}

fn error_of<S, B>(service: S) -> String
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error: std::fmt::Debug>,
    B: Body<Data = Bytes, Error: std::fmt::Debug>,
{
    let request = Request::post("/mcp").body(Full::from(r#"{"method":"a","id":7}"#));
    let response = block_on(service.oneshot(request.unwrap())).unwrap();
    let body = block_on(response.into_body().collect()).unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}
