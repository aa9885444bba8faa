//! The errors that stand in the reference's table of statuses and nowhere else: it has neither words
//! nor details for them.

use tower_edge_core::{Definition, DetailField, Kind};

use super::described::*;

/// A token that is none.
pub const INVALID_TOKEN: Definition = Definition::new("INVALID_TOKEN", Kind::Unauthenticated)
    .with_message("Authentication token is invalid.")
    .with_cause("Invalid JWT token")
    .with_resolution(UNAUTHORIZED.resolution());
/// A token past its time.
pub const TOKEN_EXPIRED: Definition = Definition::new("TOKEN_EXPIRED", Kind::Unauthenticated)
    .with_message("Authentication token has expired.")
    .with_cause("Expired session")
    .with_resolution(UNAUTHORIZED.resolution());
/// Permissions that do not suffice.
pub const INSUFFICIENT_PERMISSIONS: Definition =
    Definition::new("INSUFFICIENT_PERMISSIONS", Kind::PermissionDenied)
        .with_message("Insufficient permissions for this operation.")
        .with_cause("Role-based permission restrictions")
        .with_resolution(ACCESS_DENIED.resolution());
/// No such resource.
pub const RESOURCE_NOT_FOUND: Definition = Definition::new("RESOURCE_NOT_FOUND", Kind::NotFound)
    .with_message("The requested resource was not found.")
    .with_cause("Invalid resource ID; Resource has been deleted")
    .with_resolution(NOT_FOUND.resolution());
/// A conflict with the state of a resource.
pub const CONFLICT: Definition = Definition::new("CONFLICT", Kind::Conflict)
    .with_message("The request conflicts with the current state of the resource.")
    .with_cause("Request that conflicts with the state of the resource")
    .with_resolution(DUPLICATE_RESOURCE.resolution());
/// A service that is not available.
pub const SERVICE_UNAVAILABLE: Definition =
    Definition::new("SERVICE_UNAVAILABLE", Kind::Unavailable)
        .with_message("Service temporarily unavailable. Please try again later.")
        .with_cause("Service is temporarily unavailable")
        .with_resolution("Retry the operation")
        .with_details(&[DetailField::public("retry_after")]);
/// An operation that takes too long.
pub const TIMEOUT_ERROR: Definition = Definition::new("TIMEOUT_ERROR", Kind::UpstreamTimeout)
    .with_message("The operation timed out. Please try again.")
    .with_cause("Operation that takes too long")
    .with_resolution(PLEX_TIMEOUT.resolution());
