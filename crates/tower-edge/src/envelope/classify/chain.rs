use std::error::Error;
use std::sync::Arc;
use std::{io, iter};

/// An error and what it was caused by, outermost first.
pub(super) fn chain<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |error| cause(*error)).take(MAX_DEPTH)
}

/// The source of an `io::Error` is that of the error it wraps, which would be passed over.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        error.get_ref().map(|wrapped| wrapped as _)
    } else {
        unwrapped(error).or_else(|| error.source())
    }
}

/// The source of an `Arc` or a `Box` is that of the error inside, which would be passed over. Only with
/// the type of the error can be told what it is that is wrapped.
fn unwrapped<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    if let Some(error) = error.downcast_ref::<Arc<dyn Error + Send + Sync>>() {
        Some(&**error)
    } else if let Some(error) = error.downcast_ref::<Arc<dyn Error>>() {
        Some(&**error)
    } else if let Some(error) = error.downcast_ref::<Arc<io::Error>>() {
        Some(&**error)
    } else if let Some(error) = error.downcast_ref::<Box<io::Error>>() {
        Some(&**error)
    } else {
        None
    }
}

/// A chain may be a circle.
const MAX_DEPTH: usize = 32;
