//! The formats of the five documents and their catalogues.

use tower_edge::core::{Catalog, Format};
use tower_edge::envelope::format::{
    AdsMcp, MediaNest, PlexMcp, Plexichat, RouterMcp, ads_mcp, medianest, plexichat, plexmcp,
    routermcp,
};

pub(crate) type DynFormat = &'static (dyn Format + Send + Sync);

/// A format, the folder of its fixtures and its table.
#[derive(Clone, Copy)]
pub(crate) struct Spoken {
    pub(crate) catalog: &'static Catalog,
    pub(crate) format: DynFormat,
    pub(crate) name: &'static str,
}

/// One of the documents has two formats.
pub(crate) static SPOKEN: [Spoken; 6] = [
    spoken("plexmcp", &PlexMcp, &plexmcp::CATALOG),
    spoken("plexichat", &Plexichat, &plexichat::CATALOG),
    spoken("ads_mcp", &AdsMcp, &ads_mcp::CATALOG),
    spoken("medianest", &MediaNest, &medianest::CATALOG),
    spoken("routermcp", &routermcp::RPC, &routermcp::CATALOG),
    spoken("routermcp_rest", &RouterMcp, &routermcp::REST),
];

const fn spoken(name: &'static str, format: DynFormat, catalog: &'static Catalog) -> Spoken {
    Spoken {
        catalog,
        format,
        name,
    }
}

/// The format with this folder.
pub(crate) fn by_name(name: &str) -> Spoken {
    let found = SPOKEN.iter().find(|spoken| spoken.name == name);
    *found.unwrap_or_else(|| panic!("no format {name}"))
}
