use super::{ads_mcp, medianest, plexichat, plexmcp, routermcp};
use crate::case::Case;

/// The cases of a format, each named like its example.
pub(crate) fn of(format: &str) -> Vec<Case> {
    match format {
        "ads_mcp" => ads_mcp::cases(),
        "medianest" => medianest::cases(),
        "plexichat" => plexichat::cases(),
        "plexmcp" => plexmcp::cases(),
        "routermcp" => routermcp::cases(),
        "routermcp_rest" => routermcp::rest_cases(),
        _ => Vec::new(),
    }
}
