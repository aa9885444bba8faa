use std::any::Any;
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;

use crate::Kind;

/// How a [`ResponseBody`](crate::ResponseBody) ends when the inner body breaks off.
///
/// The last frame that the client is given, or an error: the server then aborts the response, so that
/// no client takes what it has for the whole.
#[derive(Default)]
#[non_exhaustive]
pub enum Ending {
    /// With the error of the inner body.
    #[default]
    Abort,
    /// As the function says, which is given the one that tells errors apart; nothing is allocated for it.
    By(EndBy, Classify),
    /// As somebody says who knows the request.
    Told(Box<dyn EndBody>),
}

/// Says what an error is, if it is one that it knows.
pub type Classify = fn(&(dyn Error + 'static)) -> Option<Kind>;

/// Ends a body that broke off without knowing more of the request.
pub type EndBy = fn(Broken, Classify) -> Result<Frame<Bytes>, BoxError>;

/// Ends a body that broke off.
pub trait EndBody: Send + Sync {
    /// Sees the data that goes to the client before.
    fn see(&mut self, data: &Bytes) {
        let _ = data;
    }

    /// The last frame, or the error that aborts the response.
    ///
    /// # Errors
    ///
    /// When the client can be told only by a response that breaks off.
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

/// Why an inner body broke off.
#[derive(Debug)]
#[non_exhaustive]
pub enum Broken {
    /// It said so.
    Error(BoxError),
    /// It panicked while it was polled.
    Panic(Box<dyn Any + Send>),
}

impl Broken {
    /// The error; that of a panic is [`BodyFailure::Panicked`], without its text.
    #[must_use]
    pub fn into_error(self) -> BoxError {
        match self {
            Self::Error(error) => error,
            Self::Panic(payload) => {
                // What was thrown may itself panic when it is dropped.
                contain_panic(|| drop(payload));
                BodyFailure::Panicked.into()
            }
        }
    }
}

/// An error of any type, as tower's own layers widen theirs.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why a body of ours ended before its end.
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

/// Runs what logs, counts, calls a hook or drops a value of somebody else in a `Drop` of ours; if it panics,
/// the panic ends here.
///
/// A panic that leaves a `Drop` takes a connection down with all that is on it, and one that leaves it while
/// another unwinds aborts the process.
pub fn contain_panic(run: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(run)) {
        // What was thrown may itself panic when it is dropped.
        std::mem::forget(payload);
    }
}
