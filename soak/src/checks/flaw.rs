use crate::message::Response;

/// What is wrong with a response.
#[derive(Debug)]
pub(crate) struct Flaw {
    /// The same for all that have it.
    pub(crate) kind: &'static str,
    /// What was seen in this one.
    pub(crate) detail: String,
}

impl Flaw {
    pub(super) fn new(kind: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }

    /// One that shows in the response itself.
    pub(super) fn of(kind: &'static str, response: &Response) -> Self {
        Self::new(kind, response.to_string())
    }
}
