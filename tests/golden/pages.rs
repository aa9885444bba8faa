//! The reference pages under `docs/errors`.

use std::path::Path;

use tower_edge::core::Catalog;
use tower_edge::envelope::format::{ads_mcp, medianest, plexichat, plexmcp, routermcp};

use crate::fixture;

#[test]
fn the_pages_say_what_the_catalogues_say() {
    let page = |title, catalog: &Catalog| catalog.to_markdown(title);
    let router = [
        page("RouterMCP: JSON-RPC", &routermcp::CATALOG),
        MOSTLY_OK.to_owned(),
        page("RouterMCP: the REST API", &routermcp::REST),
    ];
    let pages = [
        ("ads_mcp", page("Ads MCP", &ads_mcp::CATALOG)),
        ("medianest", page("MediaNest", &medianest::CATALOG)),
        ("plexichat", page("Plexichat", &plexichat::CATALOG)),
        ("plexmcp", page("PlexMCP", &plexmcp::CATALOG)),
        ("routermcp", router.join("\n")),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors");

    for (name, page) in pages {
        fixture::assert_is_current(&folder.join(format!("{name}.md")), &page);
    }
}

/// What `RpcStatus` makes of the column.
const MOSTLY_OK: &str = "\
The HTTP status is 200 except for 405 and 429, unless the service mirrors the status of the table.
";
