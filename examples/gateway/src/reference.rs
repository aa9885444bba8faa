//! The error reference of the API, as pages and as an OpenAPI document.
//!
//! `EDGE_UPDATE=1 cargo test -p gateway --bin gateway reference` rewrites the files in `reference`.

use std::collections::HashMap;
use std::slice;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderName};
use tower_edge::axum::Path;
use tower_edge::http_ext::preferred;
use tower_edge::problem::{LAYERS, catalog};
use tower_edge::reference::Reference;
use tower_edge::{Kind, Problem};
use tower_edge_formats::routermcp;

use crate::formats::{MCP, by_prefixes};

catalog! {
    /// The errors of the handlers that no layer has, and what handlers know better of one.
    static HANDLERS;

    /// The request has no key, or not one of the API.
    #[api(Unauthenticated, title = "Unauthorized", message = "Valid credentials are required.",
        fix = "Send a key as `Authorization: Bearer KEY`.")]
    const _;
    /// The key is one of the API, and may not do this.
    #[api(PermissionDenied, title = "Forbidden", message = "You do not have permission to do this.",
        fix = "Use a key that may.")]
    const _;
    /// The resource does not exist, or not any more.
    #[api(NotFound, title = "Not Found", message = "The requested resource was not found.",
        fix = "Check the number or the name in the path.", details(resource_type?: string, resource_id?: string))]
    const _;
    // A row for the broader kind would stand for this one too.
    /// No route of the API has this path.
    #[api(RouteNotFound, title = "Not Found", message = "Nothing is served under this path.",
        fix = "Check the path against `/openapi.json`.")]
    const _;
}
catalog! {
    /// All errors, as problem details have them.
    pub(crate) static ERRORS = [HANDLERS, LAYERS];
}

/// The routes. Their responses are made here, once.
pub(crate) fn router() -> Router {
    let reference = reference();
    let keys = ERRORS.definitions().flat_map(|row| {
        let aliases = row.aliases().iter().copied();
        aliases.chain([row.key()])
    });
    let errors = keys.filter_map(|key| {
        let json = reference.error_json(key)?.to_string();
        let page = reference.error_html(key, "/errors")?;
        Some((key, [(JSON, json.into()), (PAGE, page.into())]))
    });
    let errors: Errors = Arc::new(errors.collect());
    let page = Bytes::from(reference.to_html());
    Router::new()
        .route("/errors", get(([(CONTENT_TYPE, PAGE), POLICY], page)))
        .route("/errors/{code}", get(error).with_state(errors))
        .route("/openapi.json", get(([(CONTENT_TYPE, JSON)], DOCUMENT)))
}

/// By key or alias, as JSON and as a page.
type Errors = Arc<HashMap<&'static str, [(&'static str, Bytes); 2]>>;

/// One error, as JSON unless the client prefers a page.
async fn error(
    State(errors): State<Errors>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let error = errors.get(&*code);
    let [json, page] = error.ok_or_else(|| Problem::new(Kind::NotFound))?;
    let (content_type, body) = preferred(&headers, json, slice::from_ref(page), |(name, _)| *name);
    let fields = [(CONTENT_TYPE, *content_type), (VARY, "Accept"), POLICY];
    Ok((fields, body.clone()))
}

/// The errors in the format of each prefix, and in those of MCP.
fn reference() -> Reference {
    let mut reference = Reference::new("Errors of the gateway", &ERRORS);
    for (prefix, format) in by_prefixes() {
        reference = reference.with_named_format(&prefix[1..], format);
    }
    let reference = reference.with_named_format("routermcp_rpc", routermcp::RPC);
    reference.with_named_format("mcp", MCP)
}

/// What a test has made of `reference/openapi.json` in this folder, the errors, and the format of each prefix.
const DOCUMENT: &str = include_str!("../reference/openapi.json");
const JSON: &str = "application/json";
const PAGE: &str = "text/html; charset=utf-8";
const POLICY: (HeaderName, &str) = (CONTENT_SECURITY_POLICY, Reference::CONTENT_SECURITY_POLICY);

#[cfg(test)]
mod tests;
