//! A span for each request. Every log event of the request is in it.

#[cfg(not(feature = "tracing"))]
mod disabled;
#[cfg(feature = "tracing")]
mod enabled;
#[cfg(feature = "tracing")]
mod on_span;

#[cfg(not(feature = "tracing"))]
pub(crate) use self::disabled::{Span, SpanHook};
#[cfg(feature = "tracing")]
pub(crate) use self::enabled::{Span, SpanHook};
