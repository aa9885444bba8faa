//! A request that cannot be served is rejected in JSON, whatever its body is, and with the id that serde_json finds.
#![no_main]

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty, Full};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use serde_json::value::RawValue;
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_edge::envelope::{EnvelopeLayer, JsonRpcId, JsonRpcIdLayer, TeeBody};
use tower_edge::{Kind, Problem};
use tower_edge_formats::routermcp::RPC;
use tower_edge_fuzz::resolved;

fuzz_target!(|data: &[u8]| {
    // It is given what a parser has found to be JSON.
    let json = serde_json::from_slice::<Value>(data).ok();
    if let Some(json) = json
        && let Some(id) = std::str::from_utf8(data)
            .ok()
            .and_then(JsonRpcId::from_json)
    {
        assert_eq!(id.as_json().as_bytes(), data);
        assert!(json.is_null() || json.is_number() || json.is_string());
    }

    let service = ServiceBuilder::new()
        .layer(JsonRpcIdLayer::new(1024))
        .layer(EnvelopeLayer::new(RPC))
        .service(service_fn(async |_: Request<TeeBody<Full<Bytes>>>| {
            Err::<Response<Empty<Bytes>>, _>(Problem::new(Kind::RateLimited))
        }));
    let mut request = Request::new(Full::from(data.to_vec()));
    *request.method_mut() = http::Method::POST;
    request.headers_mut().insert(
        "content-type",
        http::HeaderValue::from_static("application/json"),
    );

    let response = resolved(service.oneshot(request)).unwrap();
    let body = resolved(response.into_body().collect()).unwrap().to_bytes();

    if !body.is_empty() {
        assert!(
            serde_json::from_slice::<&RawValue>(&body).is_ok(),
            "{body:?}"
        );
    }
    // Without a body, the message was a notification or a response.
    if let Some(id) = member(data, "id").and_then(|id| JsonRpcId::from_json(id.get()))
        && data.len() <= 1024
        && !body.is_empty()
    {
        let responded = member(&body, "id").map(RawValue::get);
        assert_eq!(responded, Some(id.as_json()));
    }
});

/// A member of an object, as serde_json reads it.
fn member<'a>(object: &'a [u8], name: &str) -> Option<&'a RawValue> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_slice(object).ok()?;
    members.get(name).copied()
}
