//! The values of header fields, rendered when a policy is built.

use std::time::SystemTime;

use http::header::LINK;
use http::{HeaderMap, HeaderName, HeaderValue};
use tower_edge_core::http_ext::is_token;

use super::VersionRule;

/// The fields that tell a client of an update.
#[derive(Debug)]
pub(crate) struct UpdateFields {
    link: Option<HeaderValue>,
    x_client_update: Option<HeaderValue>,
}

impl UpdateFields {
    /// `X-Client-Update` is an Item of structured fields
    /// ([RFC 9651, section 3.3](https://www.rfc-editor.org/rfc/rfc9651#section-3.3)): a token, and the versions as
    /// strings.
    pub(super) fn new<V>(
        token: &str,
        version: Option<&str>,
        from: Option<SystemTime>,
        rule: &VersionRule<V>,
    ) -> Self {
        let mut value = token.to_owned();
        if let Some(version) = version {
            value += &parameter(version);
        }
        if let Some(from) = from {
            let since = from.duration_since(SystemTime::UNIX_EPOCH);
            value += &format!(";from=@{}", since.unwrap_or_default().as_secs());
        }
        // No registered relation is about software; `related` claims nothing wrong.
        let link = |url| format!("<{url}>; rel=\"related\"; title=\"update\"");
        let link = rule.update_url.as_ref().map(link);
        Self {
            link: link.and_then(|link| HeaderValue::try_from(link).ok()),
            x_client_update: HeaderValue::try_from(value).ok(),
        }
    }

    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        if let Some(update) = &self.x_client_update {
            headers.insert(X_CLIENT_UPDATE, update.clone());
        }
        if let Some(link) = &self.link {
            headers.append(LINK, link.clone());
        }
    }
}

/// A String cannot contain every character. A version that it cannot contain is left out.
fn parameter(version: &str) -> String {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    if version.bytes().all(is_plain) {
        format!(";version=\"{version}\"")
    } else {
        String::new()
    }
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

    // RFC 9651, section 3.3.7: a Date is an at sign and seconds. RFC 8288, section 3.5: several fields are one list.
    // https://www.rfc-editor.org/rfc/rfc9651#section-3.3.7
    // https://www.rfc-editor.org/rfc/rfc8288#section-3.5
    #[test]
    fn an_update_has_versions_a_date_and_a_link_beside_others() {
        let from = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let rule = VersionRule::new("1".parse::<AppVersion>().unwrap())
            .with_update_url("https://example.com/update");
        let mut headers = HeaderMap::new();
        headers.insert(LINK, HeaderValue::from_static("</a>; rel=\"next\""));

        UpdateFields::new("required", Some("2.0"), Some(from), &rule).write(&mut headers);

        let expected = "required;version=\"2.0\";from=@1800000000";
        assert_eq!(headers["x-client-update"], expected);
        let links: Vec<_> = headers.get_all(LINK).iter().collect();
        let update = "<https://example.com/update>; rel=\"related\"; title=\"update\"";
        assert_eq!(links, ["</a>; rel=\"next\"", update]);
    }

    #[test]
    fn a_version_that_a_string_cannot_contain_is_left_out() {
        assert_eq!(parameter("a\"b"), "");
        assert_eq!(parameter("ä"), "");
        assert_eq!(parameter("a b"), ";version=\"a b\"");
    }
}
