use std::convert::Infallible;
use std::fmt;
use std::hint::black_box;

use http::{Request, Response};
use tower::{Service, ServiceExt};

use crate::drive;

/// A request that is made again and again.
pub struct Scenario {
    name: &'static str,
    once: Box<dyn FnMut()>,
}

impl Scenario {
    /// Sends the request to a clone of the service, as servers do.
    pub(crate) fn new<S, B, R>(name: &'static str, service: S, request: fn() -> Request<B>) -> Self
    where
        S: Service<Request<B>, Response = Response<R>, Error = Infallible> + Clone + 'static,
        B: 'static,
        R: 'static,
    {
        let once = move || drop(black_box(drive::to_end(service.clone().oneshot(request()))));
        Self {
            name,
            once: Box::new(once),
        }
    }

    /// Anything else.
    pub(crate) fn of(name: &'static str, once: impl FnMut() + 'static) -> Self {
        Self {
            name,
            once: Box::new(once),
        }
    }

    /// By what it is asked for.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Does it so many times.
    pub fn run(&mut self, times: usize) {
        for _ in 0..times {
            (self.once)();
        }
    }
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scenario")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
