use std::convert::Infallible;

use http::HeaderValue;
use tokio_test::block_on;
use tower::service_fn;
use tower_layer::Layer;

use super::*;

const HERE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const THERE: &str = "00-12345678901234567890123456789012-1234567890123456-00";

/// A context with id 7, and with this trace.
fn context(parent: &'static str) -> RequestContext {
    let mut headers = HeaderMap::new();
    headers.insert("traceparent", HeaderValue::from_static(parent));
    headers.insert("tracestate", HeaderValue::from_static("here=1"));
    RequestContext::new(
        Some(CorrelationId::from_u128(7)),
        TraceContext::from_headers(&headers),
    )
}

/// The fields that go out, with those given, within the context.
fn sent(
    layer: &PropagateCorrelationIdLayer,
    mut context: RequestContext,
    request: Request<()>,
) -> HeaderMap {
    let mut client = layer.layer(service_fn(async |request: Request<()>| {
        Ok::<_, Infallible>(request.into_parts().0.headers)
    }));
    block_on(context.enter(|| client.call(request))).unwrap()
}

fn request(fields: &[(&'static str, &'static str)]) -> Request<()> {
    let mut request = Request::new(());
    for (name, value) in fields {
        let value = HeaderValue::from_static(value);
        request.headers_mut().append(*name, value);
    }
    request
}

fn everywhere(context: RequestContext, fields: &[(&'static str, &'static str)]) -> HeaderMap {
    sent(
        &PropagateCorrelationIdLayer::new(),
        context,
        request(fields),
    )
}

#[test]
fn the_current_id_and_trace_go_out_once() {
    let fields = [("x-correlation-id", "a"), ("x-correlation-id", "b")];

    let sent = everywhere(context(HERE), &fields);

    assert_eq!(sent.len(), 3, "{sent:?}");
    assert_eq!(sent["x-correlation-id"], "00000000000000000000000000000007");
    assert_eq!(sent["traceparent"], HERE);
    assert_eq!(sent["tracestate"], "here=1");
}

#[test]
fn the_id_of_the_request_itself_goes_before_that_of_the_context() {
    let mut request = request(&[]);
    request.extensions_mut().insert(CorrelationId::from_u128(8));

    let sent = sent(&PropagateCorrelationIdLayer::new(), context(HERE), request);

    assert_eq!(sent["x-correlation-id"], "00000000000000000000000000000008");
}

#[test]
fn a_valid_trace_of_the_request_is_kept_with_its_own_state() {
    let sent = everywhere(context(HERE), &[("traceparent", THERE)]);

    assert_eq!(sent["traceparent"], THERE);
    assert!(!sent.contains_key("tracestate"));
}

// W3C Trace Context, section 4.3: what cannot be parsed is not passed on.
#[test]
fn an_invalid_trace_is_not_sent() {
    let bad = [("traceparent", "00-bad"), ("tracestate", "there=1")];

    let without = everywhere(RequestContext::default(), &bad);
    let replaced = everywhere(context(HERE), &bad);

    assert!(without.is_empty(), "{without:?}");
    assert_eq!(replaced["traceparent"], HERE);
    assert_eq!(replaced["tracestate"], "here=1");
}

#[test]
fn without_a_request_to_act_for_nothing_is_added() {
    let sent = everywhere(RequestContext::default(), &[("x-correlation-id", "mine")]);

    assert_eq!(sent.len(), 1);
    assert_eq!(sent["x-correlation-id"], "mine");
}

#[test]
fn another_destination_gets_nothing() {
    let layer = PropagateCorrelationIdLayer::new()
        .with_targets(|request| request.uri.host() == Some("library.internal"));
    let to = |uri: &str| {
        let request = Request::get(uri).body(()).unwrap();
        sent(&layer, context(HERE), request).len()
    };

    assert_eq!(to("http://library.internal/a"), 3);
    assert_eq!(to("http://elsewhere.example/a"), 0);
}

/// What a proxy forwards.
const FORWARDED: [(&str, &str); 5] = [
    ("x-correlation-id", "ours"),
    ("x-request-id", "theirs"),
    ("traceparent", THERE),
    ("tracestate", "there=1"),
    ("accept", "*/*"),
];

// W3C Trace Context, section 6.1: the fields may disclose to others what goes on inside.
// https://www.w3.org/TR/trace-context/#privacy-of-traceparent-field
#[test]
fn another_destination_does_not_get_what_a_request_came_with() {
    let layer = PropagateCorrelationIdLayer::new().with_targets(|_| false);
    let renamed = layer
        .clone()
        .with_header(HeaderName::from_static("x-request-id"));

    for layer in [layer, renamed] {
        let sent = sent(&layer, context(HERE), request(&FORWARDED));

        assert_eq!(sent.keys().collect::<Vec<_>>(), ["accept"]);
    }
}

#[test]
fn no_other_id_goes_out_beside_the_one_that_is_written() {
    let replaced = everywhere(context(HERE), &FORWARDED);
    let unknown = everywhere(RequestContext::default(), &FORWARDED);
    let layer =
        PropagateCorrelationIdLayer::new().with_header(HeaderName::from_static("x-request-id"));
    let renamed = sent(&layer, context(HERE), request(&FORWARDED));
    let layer = PropagateCorrelationIdLayer::new().with_aliases([]);
    let kept = sent(&layer, context(HERE), request(&FORWARDED));

    assert!(!renamed.contains_key("x-correlation-id"), "{renamed:?}");
    assert!(!replaced.contains_key("x-request-id"), "{replaced:?}");
    assert_eq!(unknown["x-request-id"], "theirs");
    assert_eq!(renamed["x-request-id"], "00000000000000000000000000000007");
    assert_eq!(kept["x-request-id"], "theirs");
}
