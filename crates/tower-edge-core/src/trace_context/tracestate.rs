use http::{HeaderMap, HeaderName};

/// Whether there are at most 32 members over all fields of the name, each valid
/// ([Trace Context Level 2, tracestate](https://www.w3.org/TR/trace-context-2/#tracestate-header-field-values)).
///
/// A key that occurs twice is left to the service that wrote it: what is passed on with an unchanged `traceparent` may
/// not be modified ([mutating traceparent](https://www.w3.org/TR/trace-context-2/#mutating-the-traceparent-field)).
pub(super) fn is_valid(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(&TRACESTATE).iter();
    let mut members = lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|member| !member.is_empty());
    members.by_ref().take(MAX_MEMBERS).all(is_member) && members.next().is_none()
}

/// `list-member = key "=" value`
/// ([list-members](https://www.w3.org/TR/trace-context-2/#list-members)).
fn is_member(member: &[u8]) -> bool {
    let mut parts = member.splitn(2, |byte| *byte == b'=');
    parts.next().is_some_and(is_key) && parts.next().is_some_and(is_value)
}

/// `key = ( lcalpha / DIGIT ) 0*255( lcalpha / DIGIT / "_" / "-" / "*" / "/" / "@" )`
/// ([key](https://www.w3.org/TR/trace-context-2/#key)).
fn is_key(key: &[u8]) -> bool {
    let of_a_key =
        |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/' | b'@');
    key.first().is_some_and(u8::is_ascii_alphanumeric)
        && key.len() <= MAX_LENGTH
        && key.iter().all(of_a_key)
}

/// Printable, without a comma or an equals sign
/// ([value](https://www.w3.org/TR/trace-context-2/#value)).
fn is_value(value: &[u8]) -> bool {
    let of_a_value = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'=';
    (1..=MAX_LENGTH).contains(&value.len()) && value.iter().all(of_a_value)
}

pub(super) static TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// The maximum length of a key, and of a value.
const MAX_LENGTH: usize = 256;
const MAX_MEMBERS: usize = 32;

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn valid(lines: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(&TRACESTATE, HeaderValue::from_str(line).unwrap());
        }
        is_valid(&headers)
    }

    fn members(count: usize) -> String {
        let members: Vec<_> = (0..count).map(|n| format!("k{n}=v")).collect();
        members.join(",")
    }

    // Level 2, key: https://www.w3.org/TR/trace-context-2/#key
    #[test]
    fn a_key_begins_with_a_letter_or_a_digit_and_may_name_tenants() {
        let longest = "z".repeat(256);
        for key in [
            "rojo",
            "congo@t61",
            "0tenant@t",
            "t*242@v",
            "foo@",
            "foo@@bar",
            "foo@bar@1",
            "a_-*/09",
            &longest,
        ] {
            assert!(valid(&[&format!("{key}=1")]), "{key}");
        }
        for key in ["", "A", "_a", "a b", "@foo", "a.b", &format!("{longest}z")] {
            assert!(!valid(&[&format!("{key}=1")]), "{key}");
        }
    }

    // Level 2, value: https://www.w3.org/TR/trace-context-2/#value
    #[test]
    fn a_value_is_printable_and_without_comma_or_equals_sign() {
        let longest = "v".repeat(256);
        for value in ["1", " a b", "!~:;<>", &longest] {
            assert!(valid(&[&format!("a={value}")]), "{value}");
        }
        for value in ["", " ", "a=b", "a\tb", &format!("{longest}v")] {
            assert!(!valid(&[&format!("a={value}")]), "{value}");
        }
        assert!(!valid(&["nonsense"]));
    }

    // Level 2, tracestate: https://www.w3.org/TR/trace-context-2/#tracestate-header-field-values
    #[test]
    fn empty_members_and_space_around_commas_count_for_nothing() {
        assert!(valid(&["a=1 \t,\t b=2,,", "", ", c=3"]));
    }

    // Level 2, list: https://www.w3.org/TR/trace-context-2/#list
    #[test]
    fn the_fields_are_one_list_of_32_members() {
        assert!(valid(&[&members(32)]));
        assert!(!valid(&[&members(33)]));
        assert!(!valid(&[&members(32), "one=more"]));
    }

    // Level 2, mutating traceparent: https://www.w3.org/TR/trace-context-2/#mutating-the-traceparent-field
    #[test]
    fn a_key_that_occurs_twice_is_left_to_who_wrote_it() {
        assert!(valid(&["a=1,a=2"]));
        assert!(valid(&["a=1", "a=1"]));
    }
}
