use tower_edge_core::{Catalog, Definition, Kind};

use super::described::*;
use super::listed::*;

/// The errors of MediaNest: those that its reference describes, then those of its table alone.
pub static CATALOG: Catalog = match Catalog::new(&ROWS) {
    Ok(catalog) => catalog,
    Err(_) => panic!("the keys are unique"),
};

/// The first row of a kind stands for the kind, which is why these are not in the reference's order.
static ROWS: [Definition; 23] = [
    UNAUTHORIZED,
    ACCESS_DENIED,
    TOKEN_ERROR,
    VALIDATION_ERROR,
    INVALID_INPUT,
    NOT_FOUND,
    DUPLICATE_RESOURCE,
    EXTERNAL_SERVICE_ERROR,
    PLEX_ERROR,
    PLEX_UNREACHABLE,
    PLEX_TIMEOUT,
    PIN_NOT_AUTHORIZED,
    INTERNAL_ERROR,
    SERVICE_UNAVAILABLE,
    DATABASE_ERROR,
    RATE_LIMIT_EXCEEDED,
    INVALID_TOKEN,
    TOKEN_EXPIRED,
    INSUFFICIENT_PERMISSIONS,
    RESOURCE_NOT_FOUND,
    CONFLICT,
    TIMEOUT_ERROR,
    // Not in the reference, which counts it among malformed requests.
    Definition::new("METHOD_NOT_ALLOWED", Kind::MethodNotAllowed)
        .with_code(INVALID_INPUT.code())
        .with_message("The resource does not support this method.")
        .with_cause("Method that the resource does not support")
        .with_resolution("Use a method that the Allow field names"),
];
