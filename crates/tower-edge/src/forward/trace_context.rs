use http::HeaderMap;
use http::HeaderName;
use tower_edge_core::Field;

/// Removes `traceparent` and `tracestate` unless the first is valid: whoever cannot parse it has to
/// forget both ([W3C Trace Context, section
/// 4.3](https://www.w3.org/TR/trace-context/#a-traceparent-is-received)).
pub fn remove_invalid_trace_context(headers: &mut HeaderMap) {
    let parent = Field::of(headers, &TRACEPARENT).once();
    if !parent.is_some_and(|value| is_valid(value.as_bytes())) {
        headers.remove(&TRACEPARENT);
        headers.remove(&TRACESTATE);
    }
}

/// `version "-" trace-id "-" parent-id "-" trace-flags`, in lower-case hexadecimal digits
/// ([section 3.2](https://www.w3.org/TR/trace-context/#traceparent-header-field-values)).
fn is_valid(parent: &[u8]) -> bool {
    let mut parts = parent.splitn(5, |byte| *byte == b'-');
    let mut part = |length| {
        parts
            .next()
            .filter(|part| part.len() == length && part.iter().all(is_hex))
    };
    let (Some(version), Some(trace), Some(span), Some(_)) = (part(2), part(32), part(16), part(2))
    else {
        return false;
    };
    let known_version = match version {
        b"00" => parts.next().is_none(),
        // A later version may go on behind another dash.
        version => version != b"ff",
    };
    known_version && !is_zero(trace) && !is_zero(span)
}

fn is_hex(byte: &u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

fn is_zero(digits: &[u8]) -> bool {
    digits.iter().all(|digit| *digit == b'0')
}

static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
static TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const VALID: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn left(parents: &[&str]) -> usize {
        let mut headers = HeaderMap::new();
        for parent in parents {
            headers.append(&TRACEPARENT, HeaderValue::from_str(parent).unwrap());
        }
        headers.insert(&TRACESTATE, HeaderValue::from_static("a=1"));
        remove_invalid_trace_context(&mut headers);
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

    // W3C Trace Context, section 4.3: tracestate goes with a traceparent that cannot be parsed.
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
}
