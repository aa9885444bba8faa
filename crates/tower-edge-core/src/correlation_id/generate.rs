use super::CorrelationId;

/// Makes an id for a request that brings none.
///
/// A closure will do:
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use tower_edge_core::{CorrelationId, GenerateId};
///
/// let count = AtomicU64::new(1);
/// let counted = move || CorrelationId::from_u128(count.fetch_add(1, Ordering::Relaxed).into());
///
/// assert_eq!(counted.generate().as_str(), "00000000000000000000000000000001");
/// assert_eq!(counted.generate().as_str(), "00000000000000000000000000000002");
/// ```
pub trait GenerateId {
    /// An id that was not made before, here or on another machine.
    fn generate(&self) -> CorrelationId;
}

impl<F: Fn() -> CorrelationId> GenerateId for F {
    fn generate(&self) -> CorrelationId {
        self()
    }
}
