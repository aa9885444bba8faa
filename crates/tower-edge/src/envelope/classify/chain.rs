use std::error::Error;
use std::io;
use std::iter;

/// An error and what it was caused by, outermost first.
pub(super) fn chain<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |error| cause(*error)).take(MAX_DEPTH)
}

/// The source of an `io::Error` is that of the error it wraps, which would be passed over.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

/// A chain may be a circle.
const MAX_DEPTH: usize = 32;
