//! Which format the errors of a path have.

use tower_edge::Head;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::envelope::{ByPath, FormatSelector, SelectedFormat};
use tower_edge_formats::mcp::McpFields;
use tower_edge_formats::{AdsMcp, Mcp, MediaNest, PlexMcp, Plexichat, RouterMcp, routermcp};

use crate::mcp::{is_modern, origin_is_valid};

/// The format of the prefix, and problem details under no prefix. For MCP the revision that the client speaks decides too.
pub(crate) fn formats() -> impl FormatSelector {
    let by_prefix = ByPath::new(ProblemDetails)
        .with("/ads", AdsMcp)
        .with("/medianest", MediaNest)
        .with("/plexichat", Plexichat)
        .with("/plexmcp", PlexMcp)
        .with("/routermcp", RouterMcp);
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

static MCP: Mcp = Mcp::new();
