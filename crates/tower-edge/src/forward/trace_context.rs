use http::HeaderMap;
use http::HeaderName;
use tower_edge_core::Field;

/// Removes `traceparent` and `tracestate` unless the first is valid, since whoever cannot parse it has
/// to forget both; and `tracestate` alone where only that is not valid ([W3C Trace Context, section
/// 4.3](https://www.w3.org/TR/trace-context/#a-traceparent-is-received)).
pub fn remove_invalid_trace_context(headers: &mut HeaderMap) {
    let parent = Field::of(headers, &TRACEPARENT).once();
    if !parent.is_some_and(|value| is_valid(value.as_bytes())) {
        headers.remove(&TRACEPARENT);
        headers.remove(&TRACESTATE);
    }
    if !state_is_valid(headers) {
        headers.remove(&TRACESTATE);
    }
}

/// At most 32 members, over all fields of the name, and no vendor twice
/// ([section 3.3.1](https://www.w3.org/TR/trace-context/#tracestate-header-field-values)).
fn state_is_valid(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(&TRACESTATE).iter();
    let members = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    let mut keys: Vec<&[u8]> = Vec::new();
    for member in members
        .map(<[u8]>::trim_ascii)
        .filter(|member| !member.is_empty())
    {
        match key_of(member) {
            Some(key) if keys.len() < MAX_MEMBERS && !keys.contains(&key) => keys.push(key),
            _ => return false,
        }
    }
    true
}

/// `list-member = key "=" value`
/// ([section 3.3.1.3](https://www.w3.org/TR/trace-context/#list)).
fn key_of(member: &[u8]) -> Option<&[u8]> {
    let (key, value) = member.split_at(member.iter().position(|byte| *byte == b'=')?);
    let value = value.get(1..)?;
    let of_a_key =
        |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/' | b'@');
    let of_a_value = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'=';
    let begins = key
        .first()
        .is_some_and(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9'));
    let is_valid = begins
        && (1..=MAX_TEXT).contains(&key.len())
        && key.iter().all(of_a_key)
        && (1..=MAX_TEXT).contains(&value.len())
        && value.iter().all(of_a_value);
    is_valid.then_some(key)
}

const MAX_MEMBERS: usize = 32;
const MAX_TEXT: usize = 256;

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

    #[test]
    fn an_invalid_state_is_removed_alone() {
        let left = |states: &[&str]| {
            let mut headers = HeaderMap::new();
            headers.insert(&TRACEPARENT, HeaderValue::from_static(VALID));
            for state in states {
                headers.append(&TRACESTATE, HeaderValue::from_str(state).unwrap());
            }
            remove_invalid_trace_context(&mut headers);
            headers.get_all(&TRACESTATE).iter().count()
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
