//! Responses that are compared with snapshots: the formats of the five documents, and their catalogues.

use tower_edge::envelope::Format;
use tower_edge::problem::Catalog;
use tower_edge_formats::{
    AdsMcp, MediaNest, PlexMcp, Plexichat, RouterMcp, ads_mcp, medianest, plexichat, plexmcp,
    routermcp,
};

pub(crate) type DynFormat = &'static (dyn Format + Send + Sync);

/// A format, its table, and the name of the folder with its snapshots.
#[derive(Clone, Copy)]
pub(crate) struct Snapshot {
    pub(crate) catalog: &'static Catalog,
    pub(crate) format: DynFormat,
    pub(crate) name: &'static str,
}

/// One of the documents has two formats.
pub(crate) static SNAPSHOTS: [Snapshot; 6] = [
    snapshot("plexmcp", &PlexMcp, &plexmcp::CATALOG),
    snapshot("plexichat", &Plexichat, &plexichat::CATALOG),
    snapshot("ads_mcp", &AdsMcp, &ads_mcp::CATALOG),
    snapshot("medianest", &MediaNest, &medianest::CATALOG),
    snapshot("routermcp", &routermcp::RPC, &routermcp::CATALOG),
    snapshot("routermcp_rest", &RouterMcp, &routermcp::REST),
];

const fn snapshot(name: &'static str, format: DynFormat, catalog: &'static Catalog) -> Snapshot {
    Snapshot {
        catalog,
        format,
        name,
    }
}

/// The format with this folder.
pub(crate) fn by_name(name: &str) -> Snapshot {
    let found = SNAPSHOTS.iter().find(|snapshot| snapshot.name == name);
    *found.unwrap_or_else(|| panic!("no format {name}"))
}
