//! What may stand in header fields.

use http::HeaderValue;

/// `tchar` of [RFC 9110, section 5.6.2](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2).
pub(super) fn is_token(text: &str) -> bool {
    let is_of_a_token =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_of_a_token)
}

/// Whether the text may be a URI-Reference: characters of [RFC 3986, section
/// 2](https://www.rfc-editor.org/rfc/rfc3986#section-2) alone, so that it ends nowhere but at its end.
pub(super) fn is_url(text: &str) -> bool {
    let is_of_a_url =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    !text.is_empty() && text.bytes().all(is_of_a_url)
}

/// `protocol = protocol-name ["/" protocol-version]`, both of them tokens
/// ([RFC 9110, section 7.8](https://www.rfc-editor.org/rfc/rfc9110#section-7.8)). A version that is no
/// token is left out, since a 426 has to have the field.
pub(super) fn upgrade(product: &str, version: &str) -> HeaderValue {
    let product = if is_token(product) { product } else { PRODUCT };
    let named = if is_token(version) {
        format!("{product}/{version}")
    } else {
        product.to_owned()
    };
    HeaderValue::try_from(named).unwrap_or(HeaderValue::from_static(PRODUCT))
}

/// A link to this URL ([RFC 8288, section 3](https://www.rfc-editor.org/rfc/rfc8288#section-3)).
pub(super) fn link(url: &str, parameters: &str) -> Option<HeaderValue> {
    if !is_url(url) {
        return None;
    }
    HeaderValue::try_from(format!("<{url}>; {parameters}")).ok()
}

/// What a client is called where nobody says.
pub(super) const PRODUCT: &str = "client";

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 9110, section 7.8: the version of a protocol may be left out, the name may not.
    // https://www.rfc-editor.org/rfc/rfc9110#section-7.8
    #[test]
    fn upgrade_is_always_a_protocol() {
        for (product, version, value) in [
            ("plexichat", "a.1.0-1", "plexichat/a.1.0-1"),
            ("app", "1.0.0+b", "app/1.0.0+b"),
            ("app", "1 0", "app"),
            ("app", "", "app"),
            ("", "1", "client/1"),
            ("an app", "1", "client/1"),
            ("app\r\nx: y", "1", "client/1"),
        ] {
            assert_eq!(upgrade(product, version), value);
        }
    }

    #[test]
    fn nothing_breaks_out_of_a_link() {
        let good = link("https://example.com/a?b=c#d", "rel=\"related\"");

        assert_eq!(
            good.unwrap(),
            "<https://example.com/a?b=c#d>; rel=\"related\""
        );
        for bad in ["", "a b", "a>", "<a", "a\"b", "a\r\nb", "ä", "a\\b"] {
            assert_eq!(link(bad, "rel=\"related\""), None, "{bad:?}");
        }
    }
}
