use http::{HeaderMap, HeaderName};

/// Whether there are at most 32 members, over all fields of the name, and no key twice
/// ([W3C Trace Context, section 3.3.1](https://www.w3.org/TR/trace-context/#tracestate-header-field-values)).
pub(super) fn is_valid(headers: &HeaderMap) -> bool {
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
/// ([section 3.3.1.3](https://www.w3.org/TR/trace-context/#list-members)).
fn key_of(member: &[u8]) -> Option<&[u8]> {
    let (key, value) = member.split_at(member.iter().position(|byte| *byte == b'=')?);
    let value = value.get(1..)?;
    let of_a_value = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'=';
    let is_valid =
        is_key(key) && (1..=MAX_VALUE).contains(&value.len()) && value.iter().all(of_a_value);
    is_valid.then_some(key)
}

/// `lcalpha 0*255( … )`, or that of a tenant and its system:
/// `( lcalpha / DIGIT ) 0*240( … ) "@" lcalpha 0*13( … )`
/// ([section 3.3.1.3.1](https://www.w3.org/TR/trace-context/#key)).
fn is_key(key: &[u8]) -> bool {
    match key.iter().position(|byte| *byte == b'@') {
        None => is_word(key, 256) && key.first().is_some_and(u8::is_ascii_lowercase),
        Some(at) => {
            let (tenant, system) = (&key[..at], &key[at + 1..]);
            let begins = tenant.first().is_some_and(u8::is_ascii_alphanumeric);
            begins
                && is_word(tenant, 241)
                && is_word(system, 14)
                && system.first().is_some_and(u8::is_ascii_lowercase)
        }
    }
}

fn is_word(word: &[u8], longest: usize) -> bool {
    let of_a_word =
        |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/');
    (1..=longest).contains(&word.len()) && word.iter().all(of_a_word)
}

pub(super) static TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

const MAX_MEMBERS: usize = 32;
const MAX_VALUE: usize = 256;

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

    // W3C Trace Context, section 3.3.1.3.1.
    #[test]
    fn a_key_is_a_word_or_a_tenant_at_a_system() {
        let longest = "z".repeat(256);
        let tenant = "t".repeat(241);
        let longest_tenant = format!("{tenant}@{}", "v".repeat(14));
        for key in [
            "rojo",
            "congo@t61",
            "0tenant@t",
            "a_-*/09",
            &longest,
            &longest_tenant,
        ] {
            assert!(valid(&[&format!("{key}=1")]), "{key}");
        }
        for key in [
            "",
            "A",
            "0a",
            "_a",
            "a b",
            "foo@",
            "@foo",
            "foo@@bar",
            "foo@bar@baz",
            "foo@1",
            &format!("{longest}z"),
            &format!("t{tenant}@v"),
            &format!("t@{}", "v".repeat(15)),
        ] {
            assert!(!valid(&[&format!("{key}=1")]), "{key}");
        }
    }

    // W3C Trace Context, section 3.3.1.3.2.
    #[test]
    fn a_value_is_printable_and_without_comma_or_equals_sign() {
        let longest = "v".repeat(256);
        for value in ["1", " a b", "!~:;<>", &longest] {
            assert!(valid(&[&format!("a={value}")]), "{value}");
        }
        for value in ["", "a=b", "a\tb", &format!("{longest}v")] {
            assert!(!valid(&[&format!("a={value}")]), "{value}");
        }
        assert!(!valid(&["nonsense"]));
    }

    // W3C Trace Context, section 3.3.1.1: empty members and space around commas are allowed.
    #[test]
    fn empty_members_and_space_around_commas_count_for_nothing() {
        assert!(valid(&["a=1 \t,\t b=2,,", "", ", c=3"]));
    }

    // W3C Trace Context, section 3.3.1.1: fields of the name are one list, of 32 members at most.
    #[test]
    fn the_fields_are_one_list_of_32_different_members() {
        assert!(valid(&[&members(32)]));
        assert!(!valid(&[&members(33)]));
        assert!(!valid(&[&members(32), "one=more"]));
        assert!(!valid(&["a=1,a=2"]));
        assert!(!valid(&["a=1", "a=2"]));
    }
}
