//! A word that stands in a row of `catalog!` twice. An `alias` may.

use tower_edge_core::catalog;

catalog! {
    pub static ERRORS;
    #[api(NotFound, title = "No such item", fix = "Search for it", title = "Not found")]
    pub const NO_SUCH_ITEM;
    #[api(Conflict, details(left: integer), details(sku: string))]
    pub const OUT_OF_STOCK;
    #[api(Gone, alias = "sold", alias = "sold_out", default, status = 404, status = 410)]
    const _;
}

fn main() {}
