//! Responds with an error where a body fails before it began.

mod body;
mod layer;

pub use self::body::FirstFrameBody;
pub(super) use self::layer::AlreadyReported;
pub use self::layer::{FirstFrameErrorFuture, FirstFrameErrorLayer, FirstFrameErrorService};
