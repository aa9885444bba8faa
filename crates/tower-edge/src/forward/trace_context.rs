use http::HeaderMap;
use tower_edge_core::TraceContext;

/// Removes `traceparent` and `tracestate` unless the first is valid, since whoever cannot parse it has
/// to forget both; and `tracestate` alone where only that is not valid ([W3C Trace Context, section
/// 4.3](https://www.w3.org/TR/trace-context/#a-traceparent-is-received)).
pub fn remove_invalid_trace_context(headers: &mut HeaderMap) {
    TraceContext::remove_invalid(headers);
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const VALID: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn left(parents: &[&str]) -> usize {
        let mut headers = HeaderMap::new();
        for parent in parents {
            headers.append("traceparent", HeaderValue::from_str(parent).unwrap());
        }
        headers.insert("tracestate", HeaderValue::from_static("a=1"));
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

    #[test]
    fn an_invalid_state_is_removed_alone() {
        let left = |states: &[&str]| {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", HeaderValue::from_static(VALID));
            for state in states {
                headers.append("tracestate", HeaderValue::from_str(state).unwrap());
            }
            remove_invalid_trace_context(&mut headers);
            headers.get_all("tracestate").iter().count()
        };
        let many = (0..33)
            .map(|n| format!("k{n}=v"))
            .collect::<Vec<_>>()
            .join(",");

        assert_eq!(left(&["rojo=00f067aa0ba902b7, congo@t61=t61rcWkgMzE,"]), 1);
        assert_eq!(left(&["a=1", "b=2"]), 2);
        for bad in [
            "nonsense", "A=1", "a=", "=1", "a=1,a=2", "a=b=c", "a b=1", &many,
        ] {
            assert_eq!(left(&[bad]), 0, "{bad}");
        }
    }
}
