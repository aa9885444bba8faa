//! Lets code that has no request ask for its id.

mod body;
mod future;
mod in_scope;
mod layer;
mod service;

pub use self::body::ScopedBody;
pub use self::future::ScopedFuture;
pub use self::in_scope::{InScope, in_current_scope};
pub use self::layer::ScopeLayer;
pub use self::service::EnterScope;
