//! The error reference of the API, as pages and as an OpenAPI document.
//!
//! `EDGE_UPDATE=1 cargo test -p gateway --bin gateway reference` rewrites the files in `reference`.

use axum::Router;
use axum::routing::get;
use http::header::CONTENT_TYPE;
use tower_edge::problem::{LAYERS, catalog};
use tower_edge::reference::Reference;
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

/// The pages of the errors, and the document.
pub(crate) fn router() -> Router {
    let document = ([(CONTENT_TYPE, "application/json")], DOCUMENT);
    reference()
        .to_router("/errors")
        .route("/openapi.json", get(document))
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

#[cfg(test)]
mod tests;
