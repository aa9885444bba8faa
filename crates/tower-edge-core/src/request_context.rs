use std::cell::RefCell;
use std::mem;

use crate::{CorrelationId, Deadline, TraceContext};

/// The data of a request that code far from it can read: its correlation id, its trace context and its deadline.
///
/// It is set on this thread while a closure runs. Code that polls a future enters it at each poll. Work that continues
/// elsewhere takes it along:
///
/// ```
/// use tower_edge_core::{CorrelationId, RequestContext};
///
/// let mut context = RequestContext::new(Some(CorrelationId::from_u128(7)), None);
///
/// let worker = context.enter(|| {
///     let mut taken_along = RequestContext::current();
///     std::thread::spawn(move || taken_along.enter(CorrelationId::current))
/// });
///
/// assert_eq!(worker.join().unwrap(), Some(CorrelationId::from_u128(7)));
/// assert_eq!(CorrelationId::current(), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestContext {
    correlation_id: Option<CorrelationId>,
    deadline: Option<Deadline>,
    trace_context: Option<TraceContext>,
}

impl RequestContext {
    /// A context with this id and this trace context, and without a deadline.
    #[must_use]
    pub const fn new(
        correlation_id: Option<CorrelationId>,
        trace_context: Option<TraceContext>,
    ) -> Self {
        Self {
            correlation_id,
            deadline: None,
            trace_context,
        }
    }

    /// The context that this code runs in, or an empty one outside of any. It has the current
    /// [deadline](Deadline::current).
    #[must_use]
    pub fn current() -> Self {
        with_current(|current| current.clone()).unwrap_or_default()
    }

    /// The id of the request.
    #[must_use]
    pub const fn correlation_id(&self) -> Option<&CorrelationId> {
        self.correlation_id.as_ref()
    }

    /// The deadline of the request, if the context was taken along from code that has one.
    #[must_use]
    pub const fn deadline(&self) -> Option<Deadline> {
        self.deadline
    }

    /// Runs the closure in this context. Meanwhile it replaces the id and the trace context of an outer one. Of the two
    /// deadlines, the sooner counts.
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
    /// The id of the request in whose [context](RequestContext::enter) this code runs, if any.
    #[must_use]
    pub fn current() -> Option<Self> {
        with_current(|current| current.correlation_id.clone()).flatten()
    }
}

impl Deadline {
    /// The deadline of the code that runs on this thread now, if it has one.
    ///
    /// It is set while the request's future and its response's body are polled. A task that is spawned for the
    /// request does not have it, unless [`within`](Self::within) wraps its future, or the task takes the
    /// [context](RequestContext) along.
    #[must_use]
    pub fn current() -> Option<Self> {
        with_current(|current| current.deadline).flatten()
    }

    /// Runs the function with this as the [current](Self::current) deadline. If the current deadline is sooner, it
    /// stays.
    pub fn scope<R>(self, run: impl FnOnce() -> R) -> R {
        let _restored = RestoredDeadline::new(self);
        run()
    }
}

/// Holds the outer context while the inner one is entered. A panic restores it too.
struct Entered<'a> {
    context: &'a mut RequestContext,
    deadline: Option<Deadline>,
}

impl<'a> Entered<'a> {
    fn new(context: &'a mut RequestContext) -> Self {
        let deadline = context.deadline;
        with_current(|current| {
            mem::swap(current, context);
            current.deadline = earliest(deadline, context.deadline);
        });
        Self { context, deadline }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        with_current(|current| {
            mem::swap(current, self.context);
            self.context.deadline = self.deadline;
        });
    }
}

/// Holds the outer deadline while a sooner one is current.
struct RestoredDeadline(Option<Deadline>);

impl RestoredDeadline {
    fn new(inner: Deadline) -> Self {
        let outer = with_current(|current| {
            let sooner = earliest(Some(inner), current.deadline);
            mem::replace(&mut current.deadline, sooner)
        });
        Self(outer.flatten())
    }
}

impl Drop for RestoredDeadline {
    fn drop(&mut self) {
        with_current(|current| current.deadline = self.0);
    }
}

fn earliest(one: Option<Deadline>, other: Option<Deadline>) -> Option<Deadline> {
    one.into_iter().chain(other).min()
}

/// `None` while the thread ends and its context is gone.
fn with_current<T>(use_it: impl FnOnce(&mut RequestContext) -> T) -> Option<T> {
    CURRENT
        .try_with(|current| current.try_borrow_mut().ok().map(|mut it| use_it(&mut it)))
        .ok()
        .flatten()
}

thread_local! {
    static CURRENT: RefCell<RequestContext> = const { RefCell::new(RequestContext::new(None, None)) };
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::time::{Duration, Instant};

    use super::*;

    fn context(id: u128) -> RequestContext {
        RequestContext::new(Some(CorrelationId::from_u128(id)), None)
    }

    fn current() -> Option<CorrelationId> {
        CorrelationId::current()
    }

    #[test]
    fn the_innermost_context_counts_and_the_outer_one_comes_back() {
        let seen = context(1).enter(|| {
            let inner = context(2).enter(current);
            (inner, current())
        });

        let ids = [2, 1].map(|id| Some(CorrelationId::from_u128(id)));
        assert_eq!([seen.0, seen.1], ids);
        assert_eq!(current(), None);
    }

    #[test]
    fn an_empty_context_hides_the_outer_one() {
        let seen = context(1).enter(|| RequestContext::default().enter(current));

        assert_eq!(seen, None);
    }

    #[test]
    fn a_panic_leaves_the_context() {
        let mut context = context(1);

        let panicked = catch_unwind(AssertUnwindSafe(|| context.enter(|| panic!("on purpose"))));

        assert!(panicked.is_err());
        assert_eq!(current(), None);
        assert_eq!(context.enter(current), Some(CorrelationId::from_u128(1)));
    }

    #[test]
    fn a_context_that_is_taken_along_has_the_deadline_and_an_inner_one_can_only_shorten_it() {
        let soon = Deadline::at(now());
        let late = Deadline::at(soon.instant() + Duration::from_secs(1));

        let mut taken = late.scope(|| context(1).enter(RequestContext::current));
        let elsewhere = taken.enter(Deadline::current);
        let within_sooner = soon.scope(|| taken.enter(Deadline::current));

        assert_eq!((elsewhere, within_sooner), (Some(late), Some(soon)));
        assert_eq!(taken.deadline(), Some(late));
        assert_eq!(Deadline::current(), None);
    }

    #[expect(clippy::disallowed_methods, reason = "any instant will do")]
    fn now() -> Instant {
        Instant::now()
    }
}
