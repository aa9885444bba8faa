//! A gate hands on what it lets through, and looks at no body.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex};

use http::{Request, Response, StatusCode};
use tokio_test::block_on;
use tower::util::ServiceFn;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_edge::correlation_id::InContext;

use crate::contract::layers;
use crate::contract::layers::request;
use crate::contract::probe::Payload;

#[test]
fn a_gate_returns_the_body_of_the_inner_service_as_it_is() {
    let unwrapped = ServiceBuilder::new()
        .map_response(|response: Response<InContext<Payload>>| response.map(InContext::into_inner))
        .layer(layers::correlation_id());
    assert_echoed(unwrapped);
    assert_echoed(layers::version_gate());
    assert_echoed(layers::rate_limit_now());
    assert_echoed(layers::rate_limit_later());
}

#[test]
fn the_inner_service_gets_the_request_as_it_came() {
    each_layer!(|name, layer| {
        let seen = Arc::new(Mutex::new(None));
        let seen_by_inner = seen.clone();
        let inner = service_fn(move |request: Request<Payload>| {
            *seen_by_inner.lock().unwrap() = Some(request);
            async { Ok::<_, Infallible>(Response::new(Payload(7))) }
        });
        let mut sent = request(Payload(42));
        *sent.uri_mut() = "/media?page=2".parse().unwrap();
        sent.extensions_mut().insert("an extension");
        let headers = sent.headers().clone();

        let response = block_on(layer.layer(inner).oneshot(sent)).unwrap();

        let seen = seen.lock().unwrap().take().unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{name}");
        assert_eq!(seen.uri(), "/media?page=2", "{name}");
        assert_eq!(seen.headers(), &headers, "{name}");
        assert_eq!(seen.extensions().get(), Some(&"an extension"), "{name}");
        assert_eq!(seen.body(), &Payload(42), "{name}");
    });
}

#[test]
fn a_request_that_waits_for_a_store_is_rewritten_too() {
    let inner = service_fn(async |request: Request<()>| {
        let id = request.headers().get("x-correlation-id").cloned();
        Ok::<_, Infallible>(Response::new(id))
    });
    let rewriting = layers::correlation_id().with_rewritten_request();
    let layer = edge!(rewriting, layers::rate_limit_later());

    let response = block_on(layer.layer(inner).oneshot(request(()))).unwrap();

    let sent = response.headers().get("x-correlation-id").cloned();
    assert!(sent.is_some());
    assert_eq!(response.into_body().into_inner(), sent);
}

#[test]
fn a_success_keeps_its_status_fields_and_extensions() {
    each_layer!(|name, layer| {
        let inner = service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(
                Response::builder()
                    .status(StatusCode::PARTIAL_CONTENT)
                    .header("etag", "\"x\"")
                    .header("content-type", "text/plain")
                    .header("set-cookie", "a=1")
                    .header("set-cookie", "b=2")
                    .extension("an extension")
                    .body(Payload(7))
                    .unwrap(),
            )
        });

        let response = block_on(layer.layer(inner).oneshot(request(()))).unwrap();

        assert_eq!(response.status(), StatusCode::PARTIAL_CONTENT, "{name}");
        assert_eq!(response.headers()["etag"], "\"x\"", "{name}");
        assert_eq!(response.headers()["content-type"], "text/plain", "{name}");
        let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
        assert_eq!(cookies, ["a=1", "b=2"], "{name}");
        assert_eq!(response.extensions().get(), Some(&"an extension"), "{name}");
    });
}

type Echo = fn(Request<Payload>) -> Ready<Result<Response<Payload>, Infallible>>;

#[track_caller]
fn assert_echoed<L>(layer: L)
where
    L: Layer<ServiceFn<Echo>>,
    L::Service: Service<Request<Payload>, Response = Response<Payload>, Error = Infallible>,
{
    let echo: Echo = |request| ready(Ok(Response::new(request.into_body())));

    let Ok(response) = block_on(layer.layer(service_fn(echo)).oneshot(request(Payload(42))));

    assert_eq!(response.into_body(), Payload(42));
}
