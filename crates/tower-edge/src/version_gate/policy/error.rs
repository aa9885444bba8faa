use std::error::Error;
use std::fmt;

/// A policy does not fit together; names the field, its value, and what would be valid.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicyError {
    pub(super) expected: String,
    pub(super) field: &'static str,
    pub(super) platform: Option<Box<str>>,
    pub(super) value: String,
}

impl PolicyError {
    pub(super) fn new(
        field: &'static str,
        value: &(impl ToString + ?Sized),
        expected: String,
    ) -> Self {
        Self {
            expected,
            field,
            platform: None,
            value: value.to_string(),
        }
    }

    /// The same, in the rule of this platform.
    pub(super) fn of_platform(self, platform: &str) -> Self {
        Self {
            platform: Some(platform.into()),
            ..self
        }
    }

    /// The field, such as `recommended`.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// The platform whose rule it is in; `None` for the rule for everybody.
    #[must_use]
    pub fn platform(&self) -> Option<&str> {
        self.platform.as_deref()
    }

    /// What the field is.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.value)?;
        if let Some(platform) = &self.platform {
            write!(f, " of platform {platform}")?;
        }
        write!(f, " is not valid: expected {}", self.expected)
    }
}

impl Error for PolicyError {}
