use std::error::Error;

/// An error of any type, as tower's own layers widen theirs.
pub type BoxError = Box<dyn Error + Send + Sync>;
