use axum::extract::Request;
use http::HeaderMap;
use http::HeaderName;
use http::header;
use tower_edge::core::CorrelationId;
use tower_edge::core::TraceContext;
use tower_edge::forward;

/// What the upstream is asked for, on behalf of a request.
#[derive(Debug)]
pub(crate) struct Call {
    pub(super) headers: HeaderMap,
    pub(super) path: String,
}

impl Call {
    /// A call with the fields of the request that are the upstream's business.
    pub(crate) fn new(path: String, request: &Request) -> Self {
        let mut headers = request.headers().clone();
        forward::remove_hop_by_hop(&mut headers);
        TraceContext::remove_invalid(&mut headers);
        for name in &OURS {
            headers.remove(name);
        }
        while let Some(name) = headers.keys().find(|name| is_forwarded(name)).cloned() {
            headers.remove(name);
        }
        if let Some(id) = request.extensions().get::<CorrelationId>() {
            headers.insert(&X_CORRELATION_ID, id.header_value().clone());
        }
        Self { headers, path }
    }

    /// A call with fields that an earlier one was made with.
    pub(crate) const fn with_headers(path: String, headers: HeaderMap) -> Self {
        Self { headers, path }
    }

    /// The fields, for further calls on behalf of the same request.
    pub(crate) fn into_headers(self) -> HeaderMap {
        self.headers
    }
}

/// What only a proxy in front of us may say: the client's address, host, scheme, port and the like. The
/// upstream would believe it of us.
fn is_forwarded(name: &HeaderName) -> bool {
    *name == header::FORWARDED || name.as_str().starts_with("x-forwarded-")
}

static X_CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// Fields that were for us: credentials, what describes the request's own body, conditions and
/// ranges, whose answers we could not use.
static OURS: [HeaderName; 16] = [
    header::ACCEPT_ENCODING,
    header::AUTHORIZATION,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::EXPECT,
    header::HOST,
    header::IF_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::IF_RANGE,
    header::IF_UNMODIFIED_SINCE,
    header::RANGE,
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("x-correlation-id"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("x-request-id"),
];
