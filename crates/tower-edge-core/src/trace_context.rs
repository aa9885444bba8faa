//! [W3C Trace Context](https://www.w3.org/TR/trace-context/): which trace a request belongs to.

mod traceparent;
mod tracestate;

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};

pub use self::traceparent::TraceParent;
use self::tracestate::TRACESTATE;
use crate::http_ext::SingleHeader;

/// The fields `traceparent` and `tracestate` of a request, valid and just as they were received.
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
/// TraceContext::from_headers(&received).unwrap().write_to(&mut sent);
///
/// assert_eq!(sent["traceparent"], parent);
/// assert!(!sent.contains_key("tracestate"));
/// ```
///
/// A service that does not take part in a trace passes the fields on unchanged ([W3C Trace Context, section
/// 4.2](https://www.w3.org/TR/trace-context/#no-traceparent-received)). A clone copies no text.
#[doc(alias("trace id", "traceparent", "tracestate"))]
#[derive(Clone, Debug, PartialEq)]
pub struct TraceContext(Arc<Fields>);

#[derive(Debug, PartialEq)]
struct Fields {
    parent: HeaderValue,
    state: Vec<HeaderValue>,
}

impl TraceContext {
    /// The context of a request, if its `traceparent` is valid. It has no `tracestate` if that is not valid.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let (parent, _) = valid_parent(headers)?;
        let state = if tracestate::is_valid(headers) {
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

    /// Removes `traceparent` and `tracestate` unless the first is valid: a service that cannot parse it has to drop
    /// both ([section 4.3](https://www.w3.org/TR/trace-context/#a-traceparent-is-received)). Removes `tracestate`
    /// alone if only that is not valid.
    pub fn remove_invalid(headers: &mut HeaderMap) {
        if valid_parent(headers).is_none() {
            Self::remove(headers);
        }
        if !tracestate::is_valid(headers) {
            headers.remove(&TRACESTATE);
        }
    }

    /// The parsed `traceparent`.
    #[must_use]
    pub fn parent(&self) -> Option<TraceParent> {
        TraceParent::parse(&self.0.parent)
    }

    /// Writes the fields, and replaces those that are there.
    pub fn write_to(&self, headers: &mut HeaderMap) {
        headers.insert(&TRACEPARENT, self.0.parent.clone());
        headers.remove(&TRACESTATE);
        for line in &self.0.state {
            headers.append(&TRACESTATE, line.clone());
        }
    }
}

impl TraceParent {
    /// Parses the `traceparent` of a request, which may occur only once. `None` if it is not valid.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        valid_parent(headers).map(|(_, parsed)| parsed)
    }
}

/// A `traceparent` that occurs twice is not valid.
fn valid_parent(headers: &HeaderMap) -> Option<(&HeaderValue, TraceParent)> {
    let value = SingleHeader::from_headers(headers, &TRACEPARENT).one()?;
    Some((value, TraceParent::parse(value)?))
}

static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

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
            TraceContext::from_headers(&received)
                .unwrap()
                .write_to(&mut sent);

            assert_eq!(sent, received);
        }
    }

    // W3C Trace Context, section 4.3: a service drops tracestate with a traceparent that it cannot parse.
    #[test]
    fn there_is_no_context_without_exactly_one_valid_parent() {
        for fields in [
            [("tracestate", "a=1")].as_slice(),
            &[("traceparent", "00"), ("tracestate", "a=1")],
            &[("traceparent", VALID), ("traceparent", VALID)],
        ] {
            assert_eq!(
                TraceContext::from_headers(&headers(fields)),
                None,
                "{fields:?}"
            );
        }
    }

    /// How many fields remain of these parents and a state.
    fn left(parents: &[&str]) -> usize {
        let mut headers = HeaderMap::new();
        for parent in parents {
            headers.append("traceparent", HeaderValue::from_str(parent).unwrap());
        }
        headers.insert("tracestate", HeaderValue::from_static("a=1"));
        TraceContext::remove_invalid(&mut headers);
        headers.len()
    }

    #[test]
    fn a_valid_parent_is_left_alone() {
        assert_eq!(left(&[VALID]), 2);
        assert_eq!(
            left(&["cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-is-to-come"]),
            2
        );
    }

    // W3C Trace Context, section 4.3: a service drops tracestate with a traceparent that it cannot parse.
    #[test]
    fn an_invalid_parent_is_removed_with_its_state() {
        for bad in [
            "",
            "00",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
        ] {
            assert_eq!(left(&[bad]), 0, "{bad}");
        }
        assert_eq!(left(&[]), 0);
        assert_eq!(left(&[VALID, VALID]), 0);
    }

    #[test]
    fn an_invalid_state_is_removed_alone() {
        let left = |states: &[&str]| {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", HeaderValue::from_static(VALID));
            for state in states {
                headers.append("tracestate", HeaderValue::from_str(state).unwrap());
            }
            TraceContext::remove_invalid(&mut headers);
            headers.get_all("tracestate").iter().count()
        };
        let many = (0..33)
            .map(|n| format!("k{n}=v"))
            .collect::<Vec<_>>()
            .join(",");

        assert_eq!(left(&["rojo=00f067aa0ba902b7, congo@t61=t61rcWkgMzE,"]), 1);
        assert_eq!(left(&["a=1", "b=2"]), 2);
        assert_eq!(left(&["a@=1,a@=2"]), 1);
        for bad in ["nonsense", "A=1", "a=", "=1", "a=b=c", "a b=1", &many] {
            assert_eq!(left(&[bad]), 0, "{bad}");
        }
    }
}
