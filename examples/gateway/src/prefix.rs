//! The formats that the API is mounted with, each under a prefix of its own.

use tower_edge::Head;
use tower_edge::envelope::Format;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge_formats::mcp::McpFields;
use tower_edge_formats::{AdsMcp, Mcp, MediaNest, PlexMcp, Plexichat, RouterMcp, routermcp};

use crate::mcp::is_modern;

/// A prefix, which is a whole path segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefix {
    Ads,
    MediaNest,
    PlexMcp,
    Plexichat,
    Problem,
    RouterMcp,
}

impl Prefix {
    pub(crate) const ALL: [Self; 6] = [
        Self::Ads,
        Self::MediaNest,
        Self::PlexMcp,
        Self::Plexichat,
        Self::Problem,
        Self::RouterMcp,
    ];

    /// The path that it is mounted under.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Ads => "/ads",
            Self::MediaNest => "/medianest",
            Self::PlexMcp => "/plexmcp",
            Self::Plexichat => "/plexichat",
            Self::Problem => "/problem",
            Self::RouterMcp => "/routermcp",
        }
    }

    /// Whether it serves MCP, whose batches are charged by what they hold.
    pub(crate) const fn has_mcp(self) -> bool {
        matches!(self, Self::Ads | Self::RouterMcp)
    }

    fn format(self) -> &'static dyn Format {
        match self {
            Self::Ads => &AdsMcp,
            Self::MediaNest => &MediaNest,
            Self::PlexMcp => &PlexMcp,
            Self::Plexichat => &Plexichat,
            Self::Problem => &ProblemDetails,
            Self::RouterMcp => &RouterMcp,
        }
    }
}

/// The format of a path; problem details where it is under no prefix.
pub(crate) fn format_of(head: Head<'_>) -> &'static dyn Format {
    let path = head.uri.path();
    let under = |prefix: Prefix| {
        path.strip_prefix(prefix.path())
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    match Prefix::ALL
        .into_iter()
        .find_map(|prefix| Some((prefix, under(prefix)?)))
    {
        Some((prefix, "/mcp" | "/mcp/"))
            if prefix.has_mcp() && is_modern(&McpFields::from(head)) =>
        {
            &MCP
        }
        Some((Prefix::RouterMcp, "/mcp" | "/mcp/")) => &routermcp::RPC,
        Some((prefix, _)) => prefix.format(),
        None => &ProblemDetails,
    }
}

static MCP: Mcp = Mcp::new();
