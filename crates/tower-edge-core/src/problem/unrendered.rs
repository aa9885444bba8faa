use std::sync::atomic::{AtomicBool, Ordering};

use http::StatusCode;

use crate::contain_panic;

/// Calls a function if a problem is dropped and nobody has rendered it.
///
/// It is a field of the problem, and not the problem's own `Drop`: that would cost each future that may hold one.
#[derive(Default)]
pub(super) struct Unrendered {
    /// Code that clones a problem has seen it.
    is_cloned: AtomicBool,
    report: Option<(Report, &'static str, StatusCode)>,
}

/// The function, with the key and the status of the problem.
pub(super) type Report = fn(&'static str, StatusCode);

impl Unrendered {
    pub(super) fn new(report: Report, key: &'static str, status: StatusCode) -> Self {
        Self {
            is_cloned: AtomicBool::new(false),
            report: Some((report, key, status)),
        }
    }

    /// From now on, nothing is reported.
    pub(super) fn disarm(&mut self) {
        self.report = None;
    }
}

impl Drop for Unrendered {
    #[inline]
    fn drop(&mut self) {
        if let Some((report, key, status)) = self.report
            && !*self.is_cloned.get_mut()
        {
            contain_panic(|| report(key, status));
        }
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

    use crate::{Kind, Problem};

    thread_local! {
        static REPORTED: Cell<Option<&'static str>> = const { Cell::new(None) };
    }

    /// What was reported after this was done with a problem.
    fn reported(handle: impl FnOnce(Problem)) -> Option<&'static str> {
        let mut problem = Problem::new(Kind::RateLimited);
        problem.report_unrendered(|key, _| REPORTED.set(Some(key)));
        handle(problem);
        REPORTED.take()
    }

    #[test]
    fn a_problem_that_nobody_renders_is_reported_as_it_is_dropped() {
        assert_eq!(reported(drop), Some("rate_limited"));
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
        problem.report_unrendered(|_, _| panic!("reported"));

        drop(problem);
    }
}
