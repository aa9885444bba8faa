use http::{HeaderMap, HeaderName, header};
use tower_edge_core::TraceContext;

use super::hop_by_hop::{join, remove_hop_by_hop};

/// The request fields that reach the upstream. Fields that are not listed do not.
///
/// The default list has the end-to-end request fields of the [registry](https://www.iana.org/assignments/http-fields)
/// that APIs commonly use: fields about content negotiation, content, conditions, ranges, caching, credentials,
/// cookies, origins, client hints, traces, signatures and gRPC, and `Idempotency-Key`. None of them describes the
/// client's connection, and none rewrites the request.
///
/// The list lacks fields that only some servers need. [`allow`](Self::allow) adds them: the fields of WebDAV and its
/// extensions (`Depth`, `Destination`, `If`, `Lock-Token`, `Overwrite`, `Timeout`, `If-Schedule-Tag-Match`), of Web
/// Push (`TTL`, `Topic`, `Urgency`), of delta encoding (`A-IM`) and of compression dictionaries
/// (`Available-Dictionary`, `Dictionary-ID`), and most obsolete fields.
///
/// An upstream trusts its proxy more than a client. So the list has no field for an address, a host, a scheme, a URL
/// or a method: not `X-Forwarded-For`, `Forwarded`, `X-Real-IP`, `True-Client-IP`, `CF-Connecting-IP`,
/// `X-Original-URL`, `X-HTTP-Method-Override` or any like them. It also lacks their spellings with underscores, which
/// CGI reads as hyphens ([RFC 3875, section 4.1.18](https://www.rfc-editor.org/rfc/rfc3875#section-4.1.18)).
/// [Allow](Self::allow) such a field only if an outer proxy writes or removes it.
///
/// ```
/// use http::{HeaderMap, HeaderName, HeaderValue};
/// use tower_edge::forward::RequestFields;
///
/// let mut headers = HeaderMap::new();
/// for name in ["accept", "authorization", "true-client-ip", "x_forwarded_for", "x-tenant"] {
///     headers.insert(name, HeaderValue::from_static("1"));
/// }
///
/// let fields = RequestFields::new()
///     .allow(HeaderName::from_static("x-tenant"))
///     .without_credentials();
/// fields.retain(&mut headers);
///
/// assert_eq!(headers.keys().collect::<Vec<_>>(), ["accept", "x-tenant"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestFields {
    /// Sorted as text.
    names: Vec<HeaderName>,
}

impl RequestFields {
    /// The default list.
    #[must_use]
    pub fn new() -> Self {
        Self {
            names: DEFAULT.to_vec(),
        }
    }

    /// Adds a field, such as one of the application's own.
    ///
    /// A hop-by-hop field ([`remove_hop_by_hop`]) never reaches the upstream, even if it is listed.
    #[must_use]
    pub fn allow(mut self, name: HeaderName) -> Self {
        if let Err(at) = self.position(&name) {
            self.names.insert(at, name);
        }
        self
    }

    /// Removes a field from the list.
    #[must_use]
    pub fn deny(self, name: &HeaderName) -> Self {
        self.deny_all(std::slice::from_ref(name))
    }

    /// Removes the fields that authenticate the client from the list: `Authorization` and `DPoP`. Cookies stay.
    #[must_use]
    pub fn without_credentials(self) -> Self {
        self.deny_all(&CREDENTIALS)
    }

    /// Removes the fields that describe the request's content from the list: `Content-*`, `Repr-Digest` and `Expect`.
    /// It is for a proxy that sends no content, or its own.
    #[must_use]
    pub fn without_content(self) -> Self {
        self.deny_all(&CONTENT)
    }

    /// Removes the fields that make a request conditional or partial from the list: `If-*` and `Range`. It is for a
    /// proxy that cannot use a 206, 304 or 412.
    #[must_use]
    pub fn without_conditions(self) -> Self {
        self.deny_all(&CONDITIONS)
    }

    /// Whether a field of this name reaches the upstream.
    #[must_use]
    pub fn allows(&self, name: &HeaderName) -> bool {
        self.position(name).is_ok()
    }

    /// Removes the fields that do not reach the upstream.
    ///
    /// Those are hop-by-hop fields ([`remove_hop_by_hop`]), fields that are not listed, and an invalid trace context
    /// ([`TraceContext::remove_invalid`]). Several `Cookie` fields become one, since HTTP/2 may split the field and
    /// HTTP/1.1 may not ([RFC 9113, section 8.2.3](https://www.rfc-editor.org/rfc/rfc9113#section-8.2.3)).
    pub fn retain(&self, headers: &mut HeaderMap) {
        self.retain_or(headers, |_| false);
    }

    /// Like [`retain`](Self::retain), but also keeps the fields for which `more` returns true.
    pub(super) fn retain_or(&self, headers: &mut HeaderMap, more: impl Fn(&HeaderName) -> bool) {
        // This comes first, since it reads `Connection`.
        remove_hop_by_hop(headers);
        let names = headers.keys();
        let others: Vec<HeaderName> = names
            .filter(|name| !self.allows(name) && !more(name))
            .cloned()
            .collect();
        for name in &others {
            headers.remove(name);
        }
        TraceContext::remove_invalid(headers);
        join(headers, &header::COOKIE, b"; ");
    }

    fn deny_all(mut self, names: &[HeaderName]) -> Self {
        self.names.retain(|name| !names.contains(name));
        self
    }

    fn position(&self, name: &HeaderName) -> Result<usize, usize> {
        self.names
            .binary_search_by(|known| known.as_str().cmp(name.as_str()))
    }
}

impl Default for RequestFields {
    fn default() -> Self {
        Self::new()
    }
}

static CREDENTIALS: [HeaderName; 2] = [header::AUTHORIZATION, HeaderName::from_static("dpop")];

static CONTENT: [HeaderName; 10] = [
    HeaderName::from_static("content-digest"),
    header::CONTENT_DISPOSITION,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LENGTH,
    header::CONTENT_LOCATION,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::EXPECT,
    HeaderName::from_static("repr-digest"),
];

static CONDITIONS: [HeaderName; 6] = [
    header::IF_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::IF_RANGE,
    header::IF_UNMODIFIED_SINCE,
    header::RANGE,
];

/// Sorted as text.
static DEFAULT: [HeaderName; 71] = [
    header::ACCEPT,
    header::ACCEPT_CHARSET,
    HeaderName::from_static("accept-datetime"),
    header::ACCEPT_ENCODING,
    header::ACCEPT_LANGUAGE,
    HeaderName::from_static("accept-signature"),
    header::ACCESS_CONTROL_REQUEST_HEADERS,
    header::ACCESS_CONTROL_REQUEST_METHOD,
    header::AUTHORIZATION,
    HeaderName::from_static("baggage"),
    header::CACHE_CONTROL,
    HeaderName::from_static("cdn-loop"),
    HeaderName::from_static("content-digest"),
    header::CONTENT_DISPOSITION,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LENGTH,
    header::CONTENT_LOCATION,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::COOKIE,
    header::DATE,
    header::DNT,
    HeaderName::from_static("dpop"),
    HeaderName::from_static("early-data"),
    header::EXPECT,
    header::FROM,
    HeaderName::from_static("grpc-accept-encoding"),
    HeaderName::from_static("grpc-encoding"),
    HeaderName::from_static("grpc-timeout"),
    HeaderName::from_static("idempotency-key"),
    header::IF_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::IF_RANGE,
    header::IF_UNMODIFIED_SINCE,
    HeaderName::from_static("last-event-id"),
    header::MAX_FORWARDS,
    header::ORIGIN,
    header::PRAGMA,
    HeaderName::from_static("prefer"),
    HeaderName::from_static("priority"),
    header::RANGE,
    header::REFERER,
    HeaderName::from_static("repr-digest"),
    HeaderName::from_static("save-data"),
    HeaderName::from_static("sec-ch-ua"),
    HeaderName::from_static("sec-ch-ua-arch"),
    HeaderName::from_static("sec-ch-ua-bitness"),
    HeaderName::from_static("sec-ch-ua-full-version-list"),
    HeaderName::from_static("sec-ch-ua-mobile"),
    HeaderName::from_static("sec-ch-ua-model"),
    HeaderName::from_static("sec-ch-ua-platform"),
    HeaderName::from_static("sec-ch-ua-platform-version"),
    HeaderName::from_static("sec-fetch-dest"),
    HeaderName::from_static("sec-fetch-mode"),
    HeaderName::from_static("sec-fetch-site"),
    HeaderName::from_static("sec-fetch-user"),
    HeaderName::from_static("sec-gpc"),
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("signature"),
    HeaderName::from_static("signature-input"),
    HeaderName::from_static("slug"),
    HeaderName::from_static("soapaction"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    header::UPGRADE_INSECURE_REQUESTS,
    header::USER_AGENT,
    header::VIA,
    HeaderName::from_static("want-content-digest"),
    HeaderName::from_static("want-repr-digest"),
];

#[cfg(test)]
mod tests;
