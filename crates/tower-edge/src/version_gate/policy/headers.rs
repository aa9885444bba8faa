//! The values of header fields, rendered when a policy is built.

use std::time::SystemTime;

use http::header::LINK;
use http::{HeaderMap, HeaderName, HeaderValue};
use tower_edge_core::http_ext::is_token;

use super::VersionRule;

/// The fields that announce an update to a client. `X-Client-Update` is an Item of structured fields ([RFC 9651,
/// section 3.3](https://www.rfc-editor.org/rfc/rfc9651#section-3.3)): a token, and the version as a String. A version
/// that a String cannot contain is left out.
pub(super) fn update<V>(
    token: &str,
    version: &str,
    from: Option<SystemTime>,
    rule: &VersionRule<V>,
) -> HeaderMap {
    let mut value = token.to_owned();
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    if version.bytes().all(is_plain) {
        value += &format!(";version=\"{version}\"");
    }
    if let Some(from) = from {
        let since = from.duration_since(SystemTime::UNIX_EPOCH);
        value += &format!(";from=@{}", since.unwrap_or_default().as_secs());
    }
    // No registered relation is about software. `related` claims nothing wrong.
    let link = |url| format!("<{url}>; rel=\"related\"; title=\"update\"");
    let link = rule.update_url.as_ref().map(link);
    let fields = [(X_CLIENT_UPDATE, Some(value)), (LINK, link)].into_iter();
    let fields = fields.filter_map(|(name, value)| Some((name, value?.try_into().ok()?)));
    fields.collect()
}

/// `protocol = protocol-name ["/" protocol-version]`, both of them tokens
/// ([RFC 9110, section 7.8](https://www.rfc-editor.org/rfc/rfc9110#section-7.8)). A version that is not a token is left
/// out, since a 426 needs the field.
pub(super) fn upgrade(product: &str, version: &str) -> Option<HeaderValue> {
    let protocol = if is_token(version) {
        format!("{product}/{version}")
    } else {
        product.to_owned()
    };
    HeaderValue::try_from(protocol).ok()
}

const X_CLIENT_UPDATE: HeaderName = HeaderName::from_static("x-client-update");

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::version_gate::AppVersion;

    // RFC 9110, section 7.8: the version of a protocol may be left out, the name may not.
    // https://www.rfc-editor.org/rfc/rfc9110#section-7.8
    #[test]
    fn upgrade_is_always_a_protocol() {
        for (product, version, expected) in [
            ("plexichat", "a.1.0-1", "plexichat/a.1.0-1"),
            ("app", "1.0.0+b", "app/1.0.0+b"),
            ("app", "1.2.0 (345)", "app"),
            ("app", "", "app"),
        ] {
            assert_eq!(upgrade(product, version).unwrap(), expected);
        }
    }

    // RFC 9651, section 3.3.7: a Date is an at sign and seconds.
    // https://www.rfc-editor.org/rfc/rfc9651#section-3.3.7
    #[test]
    fn an_update_has_a_version_a_date_and_a_link() {
        let from = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let rule = VersionRule::new("1".parse::<AppVersion>().unwrap())
            .with_update_url("https://example.com/update");

        let headers = update("required", "2.0", Some(from), &rule);

        let expected = "required;version=\"2.0\";from=@1800000000";
        assert_eq!(headers["x-client-update"], expected);
        let link = "<https://example.com/update>; rel=\"related\"; title=\"update\"";
        assert_eq!(headers["link"], link);
    }

    #[test]
    fn a_version_that_a_string_cannot_contain_is_left_out() {
        let rule = VersionRule::new("1".parse::<AppVersion>().unwrap());
        for (version, expected) in [
            ("a\"b", "required"),
            ("ä", "required"),
            ("a b", "required;version=\"a b\""),
        ] {
            let headers = update("required", version, None, &rule);

            assert_eq!(headers["x-client-update"], expected);
        }
    }
}
