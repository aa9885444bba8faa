//! What only types of this crate are, so that the traits of an envelope's parts can change.

/// Is implemented by what an envelope is made of.
#[expect(
    unnameable_types,
    reason = "who could name it could implement what only these files may"
)]
pub trait Sealed {}
