//! A trace context is passed on as it came, or not at all.
#![no_main]

use http::{HeaderMap, HeaderName};
use libfuzzer_sys::fuzz_target;
use tower_edge::correlation_id::{TraceContext, TraceParent};
use tower_edge_fuzz::{head, lines};

fuzz_target!(|data: &[u8]| {
    let [parent, state, more] = lines(data);
    let state_name = HeaderName::from_static("tracestate");
    let mut fields = vec![(HeaderName::from_static("traceparent"), parent)];
    fields.push((state_name.clone(), state));
    fields.push((state_name, more));
    let received = head(fields).into_parts().0.headers;
    let context = TraceContext::from_headers(&received);

    let mut sent = HeaderMap::new();
    if let Some(context) = &context {
        context.write_to(&mut sent);
    }
    let mut cleaned = received.clone();
    TraceContext::remove_invalid(&mut cleaned);
    assert_eq!(sent, cleaned);

    let parsed = TraceParent::from_headers(&received);
    assert_eq!(parsed, context.and_then(|context| context.parent()));
    if let Some(parsed) = parsed {
        assert!(parsed.trace_id() != 0 && parsed.parent_id() != 0);
        assert!(parent.starts_with(parsed.to_string().as_bytes()));
    }
});
