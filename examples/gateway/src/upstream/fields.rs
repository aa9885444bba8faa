use std::convert::Infallible;
use std::sync::LazyLock;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderName, header};
use tower_edge::forward::{RequestFields, Via};

/// The fields of a request that are the upstream's business, and `Via`.
#[derive(Clone, Debug)]
pub(crate) struct UpstreamFields(pub(super) HeaderMap);

impl<S: Sync> FromRequestParts<S> for UpstreamFields {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let mut headers = parts.headers.clone();
        FORWARDED.retain(&mut headers);
        VIA.append_to(&mut headers, parts.version);
        Ok(Self(headers))
    }
}

/// Credentials and cookies are for us. The call is another request than the client's: without its body, and with a response that is
/// read whole. No standard names `X-Tenant` and `X-Third`, which clients of this API send.
static FORWARDED: LazyLock<RequestFields> = LazyLock::new(|| {
    RequestFields::new()
        .without_credentials()
        .without_content()
        .without_conditions()
        .deny(&header::ACCEPT_ENCODING)
        .deny(&header::COOKIE)
        .allow(HeaderName::from_static("x-tenant"))
        .allow(HeaderName::from_static("x-third"))
});

static VIA: LazyLock<Via> = LazyLock::new(Via::default);
