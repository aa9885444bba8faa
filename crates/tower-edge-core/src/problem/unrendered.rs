use std::sync::atomic::{AtomicBool, Ordering};

use super::Problem;

/// Who wants to know of a problem that is dropped, and nobody has rendered it.
#[derive(Default)]
pub(super) struct Unrendered {
    /// Whoever clones a problem has seen it.
    is_cloned: AtomicBool,
    report: Option<fn(&Problem)>,
}

impl Unrendered {
    pub(super) fn new(report: fn(&Problem)) -> Self {
        Self {
            is_cloned: AtomicBool::new(false),
            report: Some(report),
        }
    }

    #[inline]
    pub(super) fn report(&self) -> Option<fn(&Problem)> {
        self.report
            .filter(|_| !self.is_cloned.load(Ordering::Relaxed))
    }
}

impl Clone for Unrendered {
    fn clone(&self) -> Self {
        self.is_cloned.store(true, Ordering::Relaxed);
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use http::Response;

    use super::*;
    use crate::Kind;

    thread_local! {
        static REPORTED: Cell<Option<Kind>> = const { Cell::new(None) };
    }

    /// What was reported after this was done with a problem.
    fn reported(handle: impl FnOnce(Problem)) -> Option<Kind> {
        let mut problem = Problem::new(Kind::RateLimited);
        problem.report_unrendered(|problem| REPORTED.set(Some(problem.kind())));
        handle(problem);
        REPORTED.take()
    }

    #[test]
    fn a_problem_that_nobody_renders_is_reported_as_it_is_dropped() {
        assert_eq!(reported(drop), Some(Kind::RateLimited));
    }

    #[test]
    fn a_problem_that_is_rendered_or_taken_over_is_not_reported() {
        let rendered = reported(|mut problem| problem.mark_rendered());
        let cloned = reported(|problem| drop(problem.clone()));
        let made_a_response = reported(|problem| {
            let _: Response<()> = problem.into_empty_response();
        });

        assert_eq!([rendered, cloned, made_a_response], [None; 3]);
    }

    #[test]
    fn a_report_that_panics_does_not_leave_the_drop() {
        let mut problem = Problem::new(Kind::RateLimited);
        problem.report_unrendered(|_| panic!("reported"));

        drop(problem);
    }
}
