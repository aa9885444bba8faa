//! Which format the errors of a path have.

use tower_edge::Head;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::envelope::{ByPath, FormatSelector, SelectedFormat};
use tower_edge_formats::mcp::McpFields;
use tower_edge_formats::{AdsMcp, Mcp, MediaNest, PlexMcp, Plexichat, RouterMcp, routermcp};

use crate::mcp::is_modern;

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
            if is_modern(&McpFields::from(head)) =>
        {
            SelectedFormat::from(&MCP)
        }
        "/routermcp/mcp" | "/routermcp/mcp/" => SelectedFormat::from(&routermcp::RPC),
        _ => by_prefix.select(head),
    }
}

static MCP: Mcp = Mcp::new();
