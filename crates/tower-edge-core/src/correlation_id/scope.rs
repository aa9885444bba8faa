use std::cell::RefCell;
use std::mem;

use crate::{CorrelationId, Head, PendingRefusal, TraceContext};

/// What code far from a request knows of it: its correlation id and its trace context.
///
/// It is set on this thread while a closure runs. Code that polls a future enters it at each poll. Work that goes on
/// elsewhere takes it along:
///
/// ```
/// use tower_edge_core::{CorrelationId, RequestScope};
///
/// let mut scope = RequestScope::new(Some(CorrelationId::from_u128(7)), None);
///
/// let worker = scope.enter(|| {
///     let mut taken_along = RequestScope::current();
///     std::thread::spawn(move || taken_along.enter(CorrelationId::current))
/// });
///
/// assert_eq!(worker.join().unwrap(), Some(CorrelationId::from_u128(7)));
/// assert_eq!(CorrelationId::current(), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestScope {
    correlation_id: Option<CorrelationId>,
    trace_context: Option<TraceContext>,
}

impl RequestScope {
    /// A scope with this id and this trace context.
    #[must_use]
    pub const fn new(
        correlation_id: Option<CorrelationId>,
        trace_context: Option<TraceContext>,
    ) -> Self {
        Self {
            correlation_id,
            trace_context,
        }
    }

    /// The scope of a request: the id from its extensions, the trace context from its header fields.
    #[must_use]
    pub fn from_head(request: Head<'_>) -> Self {
        Self {
            correlation_id: request.extensions.get().cloned().or_else(|| {
                let refusal = request.extensions.get::<PendingRefusal>()?;
                Some(refusal.correlation_id().clone())
            }),
            trace_context: TraceContext::from_headers(request.headers),
        }
    }

    /// The scope that this code runs in, or an empty one outside of any.
    #[must_use]
    pub fn current() -> Self {
        with_current(|current| current.clone()).unwrap_or_default()
    }

    /// The id of the request.
    #[must_use]
    pub const fn correlation_id(&self) -> Option<&CorrelationId> {
        self.correlation_id.as_ref()
    }

    /// Runs the closure in this scope, which replaces any outer one meanwhile.
    pub fn enter<T>(&mut self, run: impl FnOnce() -> T) -> T {
        let _entered = Entered::new(self);
        run()
    }

    /// The trace context of the request, if it has a valid one.
    #[must_use]
    pub const fn trace_context(&self) -> Option<&TraceContext> {
        self.trace_context.as_ref()
    }
}

impl CorrelationId {
    /// The id of the request in whose [scope](RequestScope::enter) this code runs, if any.
    #[must_use]
    pub fn current() -> Option<Self> {
        with_current(|current| current.correlation_id.clone()).flatten()
    }
}

/// Holds the outer scope while the inner one is entered. A panic restores it too.
struct Entered<'a>(&'a mut RequestScope);

impl<'a> Entered<'a> {
    fn new(scope: &'a mut RequestScope) -> Self {
        with_current(|current| mem::swap(current, scope));
        Self(scope)
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        with_current(|current| mem::swap(current, self.0));
    }
}

/// `None` while the thread ends and its scope is gone.
fn with_current<T>(use_it: impl FnOnce(&mut RequestScope) -> T) -> Option<T> {
    CURRENT
        .try_with(|current| current.try_borrow_mut().ok().map(|mut it| use_it(&mut it)))
        .ok()
        .flatten()
}

thread_local! {
    static CURRENT: RefCell<RequestScope> = const { RefCell::new(RequestScope::new(None, None)) };
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn scope(id: u128) -> RequestScope {
        RequestScope::new(Some(CorrelationId::from_u128(id)), None)
    }

    fn current() -> Option<CorrelationId> {
        CorrelationId::current()
    }

    #[test]
    fn the_innermost_scope_counts_and_the_outer_one_comes_back() {
        let seen = scope(1).enter(|| {
            let inner = scope(2).enter(current);
            (inner, current())
        });

        let ids = [2, 1].map(|id| Some(CorrelationId::from_u128(id)));
        assert_eq!([seen.0, seen.1], ids);
        assert_eq!(current(), None);
    }

    #[test]
    fn an_empty_scope_hides_the_outer_one() {
        let seen = scope(1).enter(|| RequestScope::default().enter(current));

        assert_eq!(seen, None);
    }

    #[test]
    fn a_panic_leaves_the_scope() {
        let mut scope = scope(1);

        let panicked = catch_unwind(AssertUnwindSafe(|| scope.enter(|| panic!("on purpose"))));

        assert!(panicked.is_err());
        assert_eq!(current(), None);
        assert_eq!(scope.enter(current), Some(CorrelationId::from_u128(1)));
    }
}
