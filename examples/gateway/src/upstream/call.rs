use std::sync::LazyLock;

use axum::extract::Request;
use http::{HeaderMap, HeaderName, header};
use tower_edge::core::CorrelationId;
use tower_edge::forward::{RequestFields, Via};

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
        FIELDS.retain(&mut headers);
        VIA.append_to(&mut headers, request.version());
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

/// Credentials are for us. The call is another request than the client's: without its body, and with a
/// response that is read whole.
static FIELDS: LazyLock<RequestFields> = LazyLock::new(|| {
    let fields = RequestFields::new()
        .without_credentials()
        .without_content()
        .without_conditions()
        .deny(&header::ACCEPT_ENCODING);
    OWN.iter().cloned().fold(fields, RequestFields::allow)
});

/// What clients of this API send that no standard names.
static OWN: [HeaderName; 2] = [
    HeaderName::from_static("x-tenant"),
    HeaderName::from_static("x-third"),
];

static VIA: LazyLock<Via> = LazyLock::new(Via::default);
static X_CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");
