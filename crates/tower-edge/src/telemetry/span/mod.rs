//! A span for each request, in which everything is logged that happens on its behalf.

#[cfg(not(feature = "tracing"))]
mod disabled;
#[cfg(feature = "tracing")]
mod enabled;

#[cfg(not(feature = "tracing"))]
pub(crate) use self::disabled::Span;
#[cfg(feature = "tracing")]
pub(crate) use self::enabled::Span;
