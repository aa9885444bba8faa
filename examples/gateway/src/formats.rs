//! Which format the errors of a path have.

use std::sync::Arc;

use tower_edge::Head;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::envelope::{ByPath, Format, FormatSelector, SelectedFormat};
use tower_edge_formats::mcp::McpFields;
use tower_edge_formats::{AdsMcp, Mcp, MediaNest, PlexMcp, Plexichat, RouterMcp, routermcp};

use crate::mcp::{is_modern, origin_is_valid};
use crate::reference::ERRORS;

/// The format of the prefix, and problem details under no prefix. For MCP the revision that the client speaks decides too.
pub(crate) fn formats() -> impl FormatSelector {
    let mut by_prefix = ByPath::new(problem_details());
    for (prefix, format) in by_prefixes() {
        by_prefix = by_prefix.with(prefix, format);
    }
    move |head: Head<'_>| match head.uri.path() {
        "/ads/mcp" | "/ads/mcp/" | "/routermcp/mcp" | "/routermcp/mcp/"
            if is_modern(&McpFields::from(head)) || !origin_is_valid(head.headers) =>
        {
            // Of an invalid origin too, for which RouterMCP's own format would have a 200.
            SelectedFormat::from(&MCP)
        }
        "/routermcp/mcp" | "/routermcp/mcp/" => SelectedFormat::from(&routermcp::RPC),
        _ => by_prefix.select(head),
    }
}

/// The format of each prefix.
pub(crate) fn by_prefixes() -> [(&'static str, Arc<dyn Format>); 6] {
    [
        ("/ads", Arc::new(AdsMcp)),
        ("/medianest", Arc::new(MediaNest)),
        ("/plexichat", Arc::new(Plexichat)),
        ("/plexmcp", Arc::new(PlexMcp)),
        ("/problem", Arc::new(problem_details())),
        ("/routermcp", Arc::new(RouterMcp)),
    ]
}

/// The `type` of a problem is the path of its entry in the reference.
pub(crate) fn problem_details() -> ProblemDetails {
    let details = ProblemDetails::new().with_catalog(&ERRORS);
    details.with_type_base("/errors/")
}

pub(crate) static MCP: Mcp = Mcp::new();
