//! [W3C Trace Context](https://www.w3.org/TR/trace-context/): which trace a request belongs to.

mod context;
mod parent;
mod state;

pub use self::context::TraceContext;
pub use self::parent::TraceParent;
