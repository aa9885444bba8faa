use std::sync::Arc;

use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;

use super::TraceParent;
use super::state;
use crate::Field;

/// The fields `traceparent` and `tracestate` of a request, valid and just as they came.
///
/// Whoever does not take part in a trace passes them on unchanged
/// ([W3C Trace Context, section 4.2](https://www.w3.org/TR/trace-context/#no-traceparent-received)).
/// Cloning copies no text.
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use tower_edge_core::TraceContext;
///
/// let mut received = HeaderMap::new();
/// let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
/// received.insert("traceparent", HeaderValue::from_static(parent));
/// received.insert("tracestate", HeaderValue::from_static("a vendor = no state"));
///
/// let mut sent = HeaderMap::new();
/// TraceContext::of(&received).unwrap().write_to(&mut sent);
///
/// assert_eq!(sent["traceparent"], parent);
/// assert!(!sent.contains_key("tracestate"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TraceContext(Arc<Fields>);

#[derive(Debug, PartialEq)]
struct Fields {
    parent: HeaderValue,
    state: Vec<HeaderValue>,
}

impl TraceContext {
    /// The context that a request came with, if its `traceparent` is valid; without `tracestate` where
    /// that is not.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let parent = Field::of(headers, &TRACEPARENT).once()?;
        TraceParent::parse(parent)?;
        let state = if state::is_valid(headers) {
            headers.get_all(&TRACESTATE).iter().cloned().collect()
        } else {
            Vec::new()
        };
        let parent = parent.clone();
        Some(Self(Arc::new(Fields { parent, state })))
    }

    /// Removes `traceparent` and `tracestate`.
    pub fn remove(headers: &mut HeaderMap) {
        headers.remove(&TRACEPARENT);
        headers.remove(&TRACESTATE);
    }

    /// Removes `traceparent` and `tracestate` unless the first is valid, since whoever cannot parse it
    /// has to forget both; and `tracestate` alone where only that is not valid
    /// ([section 4.3](https://www.w3.org/TR/trace-context/#a-traceparent-is-received)).
    pub fn remove_invalid(headers: &mut HeaderMap) {
        if parent_of(headers).is_none() {
            Self::remove(headers);
        }
        if !state::is_valid(headers) {
            headers.remove(&TRACESTATE);
        }
    }

    /// What `traceparent` says.
    #[must_use]
    pub fn parent(&self) -> Option<TraceParent> {
        TraceParent::parse(&self.0.parent)
    }

    /// Writes the fields in the place of those that are there.
    pub fn write_to(&self, headers: &mut HeaderMap) {
        headers.insert(&TRACEPARENT, self.0.parent.clone());
        headers.remove(&TRACESTATE);
        for line in &self.0.state {
            headers.append(&TRACESTATE, line.clone());
        }
    }
}

impl TraceParent {
    /// What the one `traceparent` of a request says, if it is valid.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        parent_of(headers)
    }
}

/// A `traceparent` that occurs twice is none.
fn parent_of(headers: &HeaderMap) -> Option<TraceParent> {
    TraceParent::parse(Field::of(headers, &TRACEPARENT).once()?)
}

pub(super) static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
pub(super) static TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn what_came_is_passed_on_unchanged() {
        let later = "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-is-to-come";
        for parent in [VALID, later] {
            let received = headers(&[
                ("traceparent", parent),
                ("tracestate", "a=1, "),
                ("tracestate", "b=2"),
            ]);

            let mut sent = headers(&[("traceparent", "old"), ("tracestate", "old=1")]);
            TraceContext::of(&received).unwrap().write_to(&mut sent);

            assert_eq!(sent, received);
        }
    }

    // W3C Trace Context, section 4.3: tracestate goes with a traceparent that cannot be parsed.
    #[test]
    fn there_is_no_context_without_exactly_one_valid_parent() {
        for fields in [
            [("tracestate", "a=1")].as_slice(),
            &[("traceparent", "00"), ("tracestate", "a=1")],
            &[("traceparent", VALID), ("traceparent", VALID)],
        ] {
            assert_eq!(TraceContext::of(&headers(fields)), None, "{fields:?}");
        }
    }
}
