use std::any::Any;
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use http_body::Frame;

use crate::problem::truncate;

/// How a [`ResponseBody`](crate::ResponseBody) ends when the inner body fails or panics: with a last frame, or with an
/// error.
///
/// An error makes the server abort the response, so that the client sees that it is incomplete.
#[derive(Default)]
#[non_exhaustive]
pub enum BodyErrorHandler {
    /// Ends with the error itself.
    #[default]
    Abort,
    /// Calls a function that needs no data of the request. It costs no allocation.
    Function(fn(BoxError) -> Result<Frame<Bytes>, BoxError>),
    /// Calls a handler that has data of the request, and observes the data that the client receives.
    Boxed(Box<dyn HandleBodyError>),
}

/// Handles the error of a body whose data it has observed.
pub trait HandleBodyError: Send + Sync {
    /// Observes data that the client receives before the error.
    fn observe(&mut self, data: &Bytes) {
        let _ = data;
    }

    /// Returns the last frame, or the error that aborts the response.
    ///
    /// # Errors
    ///
    /// When only an aborted response can show the client that it is incomplete.
    fn handle(self: Box<Self>, error: BoxError) -> Result<Frame<Bytes>, BoxError>;

    /// Called when the body is dropped without having failed.
    fn discard(self: Box<Self>) {}
}

impl BodyErrorHandler {
    pub(crate) fn observe(&mut self, frame: &Frame<Bytes>) {
        if let Self::Boxed(handler) = self
            && let Some(data) = frame.data_ref()
        {
            handler.observe(data);
        }
    }

    #[cold]
    pub(crate) fn handle(self, error: BoxError) -> Result<Frame<Bytes>, BoxError> {
        match self {
            Self::Abort => Err(error),
            Self::Function(handle) => handle(error),
            Self::Boxed(handler) => handler.handle(error),
        }
    }
}

impl fmt::Debug for BodyErrorHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Abort => "Abort",
            Self::Function(_) => "Function",
            Self::Boxed(_) => "Boxed",
        })
    }
}

/// An error of any type; the same type as tower's `BoxError`.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// A panic that was caught: the source of the problem that an envelope writes, for logs only.
#[doc(alias("catch panic"))]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panicked {
    message: Box<str>,
}

impl Panicked {
    /// The message of a caught panic, if its payload is text.
    #[must_use]
    pub fn new(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&'static str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self {
            message: truncate(text.unwrap_or("no message"), MAX_MESSAGE).into(),
        }
    }

    /// The same, and drops the payload. A panic of that drop is caught too.
    #[doc(hidden)]
    #[must_use]
    pub fn consume(payload: Box<dyn Any + Send>) -> Self {
        let panicked = Self::new(&*payload);
        contain_panic(|| drop(payload));
        panicked
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the service panicked: {}", self.message)
    }
}

impl Error for Panicked {}

/// Runs a closure in a `Drop` of ours, and stops its panics. The closure logs, counts, calls a hook or drops a
/// foreign value.
///
/// A panic that leaves a `Drop` closes a connection with every request on it. During another unwind it aborts the
/// process.
pub fn contain_panic(run: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(run)) {
        // The payload may itself panic when it is dropped.
        std::mem::forget(payload);
    }
}

/// The message may quote a request, so its length is bounded.
const MAX_MESSAGE: usize = 1024;
