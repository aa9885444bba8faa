use std::any::Any;
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;

use crate::Kind;

/// How a [`ResponseBody`](crate::ResponseBody) ends when the inner body fails.
///
/// It ends with a last frame or with an error. On an error the server aborts the response, so that no client takes a
/// part for the whole.
#[derive(Default)]
#[non_exhaustive]
pub enum Ending {
    /// With the error of the inner body.
    #[default]
    Abort,
    /// As the function decides, which receives the [`Classify`]. It costs no allocation.
    By(EndBy, Classify),
    /// As the handler decides. It can know more of the request.
    Told(Box<dyn EndBody>),
}

/// Returns the kind of an error, or `None` if it does not know the error.
pub type Classify = fn(&(dyn Error + 'static)) -> Option<Kind>;

/// Ends a body that failed, without knowing more of the request.
pub type EndBy = fn(Broken, Classify) -> Result<Frame<Bytes>, BoxError>;

/// Ends a body that failed.
pub trait EndBody: Send + Sync {
    /// Observes the data that the client receives before the end.
    fn see(&mut self, data: &Bytes) {
        let _ = data;
    }

    /// Returns the last frame, or the error that aborts the response.
    ///
    /// # Errors
    ///
    /// When only an aborted response can show the client that it is incomplete.
    fn end(self: Box<Self>, broken: Broken) -> Result<Frame<Bytes>, BoxError>;
}

impl Ending {
    pub(crate) fn see(&mut self, frame: &Frame<Bytes>) {
        if let Self::Told(handler) = self
            && let Some(data) = frame.data_ref()
        {
            handler.see(data);
        }
    }

    #[cold]
    pub(crate) fn end(self, broken: Broken) -> Result<Frame<Bytes>, BoxError> {
        match self {
            Self::Abort => Err(broken.into_error()),
            Self::By(end, classify) => end(broken, classify),
            Self::Told(handler) => handler.end(broken),
        }
    }
}

impl fmt::Debug for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Abort => "Abort",
            Self::By(..) => "By",
            Self::Told(_) => "Told",
        })
    }
}

/// Why an inner body failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Broken {
    /// It returned this error.
    Error(BoxError),
    /// It panicked while it was polled.
    Panic(Box<dyn Any + Send>),
}

impl Broken {
    /// The error. A panic becomes [`BodyFailure::Panicked`], without its text.
    #[must_use]
    pub fn into_error(self) -> BoxError {
        match self {
            Self::Error(error) => error,
            Self::Panic(payload) => {
                // The payload may itself panic when it is dropped.
                contain_panic(|| drop(payload));
                BodyFailure::Panicked.into()
            }
        }
    }
}

/// An error of any type; the same type as tower's `BoxError`.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why a body of ours failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyFailure {
    /// No frame came for this long.
    Idle(Duration),
    /// The body panicked while it was polled.
    Panicked,
    /// The whole body took longer than this.
    Total(Duration),
}

impl fmt::Display for BodyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Idle(limit) => write!(f, "the body was silent for {limit:?}"),
            Self::Panicked => f.write_str("the body panicked"),
            Self::Total(limit) => write!(f, "the body took longer than {limit:?}"),
        }
    }
}

impl Error for BodyFailure {}

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
