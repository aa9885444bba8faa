use http::header::AUTHORIZATION;
use tower_edge_core::Head;
use tower_edge_core::rate_limit::{Key, KeyOf};

use super::header_key;

/// The bearer token in `Authorization`
/// ([RFC 6750, section 2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)).
///
/// Other schemes are no key, and neither is a token with whitespace in it, or a field that occurs
/// twice. Anybody can make tokens up, and each has an allowance of its own; where they are not checked
/// further out, add a policy by [`ClientAddress`](super::ClientAddress).
///
/// ```
/// use http::Request;
/// use tower_edge::core::Head;
/// use tower_edge::rate_limit::{BearerToken, Key, KeyOf};
///
/// let request = Request::get("/").header("authorization", "bearer pk_test_ok").body(())?;
///
/// assert_eq!(BearerToken.key(Head::from(&request)), Some(Key::Text(b"pk_test_ok")));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct BearerToken;

impl KeyOf for BearerToken {
    fn key<'a>(&self, head: Head<'a>) -> Option<Key<'a>> {
        token(header_key::value(head.headers, &AUTHORIZATION)?).map(Key::Text)
    }
}

/// `credentials = auth-scheme 1*SP token68`, the scheme in any case
/// ([RFC 9110, section 11.4](https://www.rfc-editor.org/rfc/rfc9110#section-11.4)).
///
/// A token may be of more characters than these, as some issuers' are; whitespace alone is refused,
/// since a reader who stops there would take many keys for one token.
fn token(credentials: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = credentials.split_at_checked(SCHEME.len())?;
    let is_bearer = scheme.eq_ignore_ascii_case(SCHEME) && token.starts_with(b" ");
    let token = token.trim_ascii();
    let is_token = !token.is_empty() && !token.iter().any(u8::is_ascii_whitespace);
    (is_bearer && is_token).then_some(token)
}

const SCHEME: &[u8] = b"Bearer";

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 9110, section 11.1: the scheme is matched without regard to case.
    #[test]
    fn the_scheme_is_in_any_case_and_parted_by_spaces() {
        for credentials in ["Bearer a|b=", "bEARER   a|b="] {
            assert_eq!(token(credentials.as_bytes()), Some(&b"a|b="[..]));
        }
    }

    #[test]
    fn what_is_no_bearer_token_is_no_key() {
        for credentials in [
            "",
            "Bearer",
            "Bearer ",
            "Bearera",
            "Bearer\ta",
            "Basic a",
            "Bearer a b",
            "Bearer a\tb",
        ] {
            assert_eq!(token(credentials.as_bytes()), None, "{credentials}");
        }
    }
}
