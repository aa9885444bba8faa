use std::any::Any;
use std::error::Error;
use std::fmt;

use tower_edge_core::{Kind, Problem, contain_panic};

/// The inner service panicked: the source of the problem that the envelope writes, for logs alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panicked {
    message: Box<str>,
}

impl Panicked {
    /// What a caught panic was about, as far as it was said in text.
    #[must_use]
    pub fn new(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&'static str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let message = text
            .unwrap_or("no message")
            .chars()
            .take(MAX_MESSAGE)
            .collect();
        Self { message }
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the service panicked: {}", self.message)
    }
}

impl Error for Panicked {}

/// The problem that a panic is. What was thrown may itself panic when it is dropped.
#[cold]
pub(super) fn panicked(payload: Box<dyn Any + Send>) -> Problem {
    let problem = Problem::new(Kind::Internal).with_source(Panicked::new(&*payload));
    contain_panic(|| drop(payload));
    problem
}

/// A panic may quote what a request said.
const MAX_MESSAGE: usize = 1024;
