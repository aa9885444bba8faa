//! What the catalogues print: a response for every row, and the reference pages under `docs/errors`.

use std::fmt::Write;
use std::path::Path;
use std::time::SystemTime;

use tower_edge::Problem;
use tower_edge::problem::{Catalog, ErrorId, Exposure};
use tower_edge_formats::{ads_mcp, medianest, plexichat, plexmcp, routermcp};
use tower_edge_tests::assert_is_current;

use crate::case::Case;
use crate::fixture;
use crate::snapshot::SNAPSHOTS;

#[tokio::test]
async fn every_row_gets_the_response_of_before() {
    for snapshot in SNAPSHOTS {
        let mut rows = String::new();
        for row in snapshot.catalog.definitions() {
            let mut problem = Problem::from(row);
            let epoch = SystemTime::UNIX_EPOCH;
            problem.set_error_id(ErrorId::named("err_0", epoch).unwrap());

            let case = Case::failed("row", problem);
            let response = case.response(snapshot.format, Exposure::Production).await;

            writeln!(
                rows,
                "{} {} {}",
                row.key(),
                response.status,
                response.text()
            )
            .unwrap();
        }
        let file = fixture::path(&format!("{}/rows.txt", snapshot.name));
        assert_is_current(&file, &rows, "tower-edge-tests --test golden");
    }
}

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
        assert_is_current(
            &folder.join(format!("{name}.md")),
            &page,
            "tower-edge-tests --test golden",
        );
    }
}

/// What `RpcErrorStyle::Mixed` makes of the column.
const MOSTLY_OK: &str = "\
The HTTP status is 200 except for 405 and 429, unless the service mirrors the status of the table.
";
