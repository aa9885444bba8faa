use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::Head;
use crate::http_ext::SingleHeader;

/// The header fields of an MCP request that repeat parts of its body, so that proxies need not read the body ([MCP,
/// request
/// metadata](https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#request-metadata)).
///
/// ```
/// use http::Request;
/// use tower_edge_core::json_rpc::McpFields;
///
/// let request = Request::post("/mcp")
///     .header("mcp-protocol-version", "2026-07-28")
///     .header("mcp-method", "tools/call")
///     .header("mcp-name", "=?base64?5aqS5L2T?=")
///     .body(())?;
/// let fields = McpFields::from(request.headers());
///
/// assert!(fields.are_validated());
/// assert_eq!(fields.method(), Some("tools/call"));
/// assert_eq!(fields.name().as_deref(), Some("媒体"));
/// # Ok::<(), http::Error>(())
/// ```
///
/// A client can send any values. A server of a revision that [validates](Self::are_validated) them rejects a request
/// whose body differs. Servers of earlier revisions ignore them.
#[derive(Clone, Copy, Debug)]
pub struct McpFields<'a> {
    method: SingleHeader<'a>,
    name: SingleHeader<'a>,
    version: SingleHeader<'a>,
}

impl<'a> McpFields<'a> {
    /// The names of the fields.
    #[must_use]
    pub fn field_names() -> [HeaderName; 3] {
        [&VERSION, &METHOD, &NAME].map(HeaderName::clone)
    }

    /// Whether the field `MCP-Protocol-Version` names a revision whose servers compare the fields with the body:
    /// `2026-07-28` or a later one.
    #[must_use]
    pub fn are_validated(&self) -> bool {
        self.version().is_some_and(|version| {
            version.len() == FIRST_VALIDATED.len() && version >= FIRST_VALIDATED
        })
    }

    /// Whether the request has none of the fields. Clients that know no revision after `2025-03-26` send none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        [self.method, self.name, self.version] == [SingleHeader::Missing; 3]
    }

    /// The value of `Mcp-Method`. `None` if it is missing, occurs twice, or is not ASCII.
    #[must_use]
    pub fn method(&self) -> Option<&'a str> {
        text(self.method)
    }

    /// The value of `Mcp-Name`, decoded from Base64 if it does not fit into a field as it is ([MCP, value
    /// encoding](https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#value-encoding)).
    /// `None` if it is missing, occurs twice, or is not valid.
    #[must_use]
    pub fn name(&self) -> Option<Cow<'a, str>> {
        decode(text(self.name)?)
    }

    /// The value of `MCP-Protocol-Version`. `None` if it is missing, occurs twice, or is not ASCII.
    #[must_use]
    pub fn version(&self) -> Option<&'a str> {
        text(self.version)
    }
}

impl<'a> From<&'a HeaderMap> for McpFields<'a> {
    fn from(headers: &'a HeaderMap) -> Self {
        let field = |name| SingleHeader::from_headers(headers, name);
        Self {
            method: field(&METHOD),
            name: field(&NAME),
            version: field(&VERSION),
        }
    }
}

impl<'a> From<Head<'a>> for McpFields<'a> {
    fn from(head: Head<'a>) -> Self {
        Self {
            method: head.field(&METHOD),
            name: head.field(&NAME),
            version: head.field(&VERSION),
        }
    }
}

/// The value without the whitespace around it, which is not a part of it
/// ([RFC 9110, section 5.5](https://www.rfc-editor.org/rfc/rfc9110#section-5.5)).
fn text(field: SingleHeader<'_>) -> Option<&str> {
    field
        .one()
        .map(HeaderValue::to_str)?
        .ok()
        .map(str::trim_ascii)
}

fn decode(text: &str) -> Option<Cow<'_, str>> {
    let encoded = text.strip_prefix("=?base64?");
    let Some(encoded) = encoded.and_then(|rest| rest.strip_suffix("?=")) else {
        return Some(Cow::Borrowed(text));
    };
    let decoded = STANDARD.decode(encoded).ok()?;
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

static METHOD: HeaderName = HeaderName::from_static("mcp-method");
static NAME: HeaderName = HeaderName::from_static("mcp-name");
static VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");

const FIRST_VALIDATED: &str = "2026-07-28";

#[cfg(test)]
mod tests {
    use super::*;

    fn name(value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(&NAME, HeaderValue::from_str(value).unwrap());
        McpFields::from(&headers).name().map(Cow::into_owned)
    }

    // MCP, value encoding, the table of examples.
    #[test]
    fn a_name_in_base64_is_decoded() {
        for (value, expected) in [
            ("us-west1", "us-west1"),
            ("=?base64?SGVsbG8sIOS4lueVjA==?=", "Hello, 世界"),
            ("=?base64?IHBhZGRlZCA=?=", " padded "),
            ("=?base64?bGluZTEKbGluZTI=?=", "line1\nline2"),
            ("=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=", "=?base64?literal?="),
            ("=?base64??=", ""),
            ("=?BASE64?YQ==?=", "=?BASE64?YQ==?="),
            (
                "file:///projects/config.json",
                "file:///projects/config.json",
            ),
        ] {
            assert_eq!(name(value).as_deref(), Some(expected), "{value}");
        }
    }

    #[test]
    fn a_name_that_cannot_be_decoded_is_none() {
        for value in [
            "=?base64?YQ?=",
            "=?base64?YR==?=",
            "=?base64?*?=",
            "=?base64?/w==?=",
        ] {
            assert_eq!(name(value), None, "{value}");
        }
    }

    #[test]
    fn a_field_that_occurs_twice_has_no_value() {
        let mut headers = HeaderMap::new();
        for field in McpFields::field_names() {
            headers.append(&field, HeaderValue::from_static("2026-07-28"));
            headers.append(&field, HeaderValue::from_static("2026-07-28"));
        }

        let fields = McpFields::from(&headers);

        assert_eq!(
            (fields.method(), fields.name(), fields.version()),
            (None, None, None)
        );
        assert!(!fields.are_validated() && !fields.is_empty());
    }

    #[test]
    fn the_fields_of_earlier_revisions_are_not_validated() {
        for (version, expected) in [
            ("2026-07-28", true),
            ("2027-01-31", true),
            ("2025-11-25", false),
            ("2026-07-27", false),
            ("nonsense", false),
            ("9", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(&VERSION, HeaderValue::from_static(version));

            assert_eq!(
                McpFields::from(&headers).are_validated(),
                expected,
                "{version}"
            );
        }
    }
}
