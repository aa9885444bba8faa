use std::borrow::Cow;

use super::text;

/// What is wrong with one field of a request.
///
/// ```
/// use tower_edge_core::problem::FieldError;
///
/// let error = FieldError::new("email", "Invalid email format").with_value("not-an-email");
///
/// assert_eq!(error.value(), Some("not-an-email"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    field: Cow<'static, str>,
    message: Cow<'static, str>,
    value: Option<String>,
}

impl FieldError {
    /// The most bytes of the field's name, and of what is wrong with it, that are kept.
    pub const MAX_TEXT: usize = 1024;
    /// The most bytes of a value that are kept, and so are echoed to the client.
    pub const MAX_VALUE: usize = 100;

    /// An error in the field of this name, each text cut to [`MAX_TEXT`](Self::MAX_TEXT) bytes.
    #[must_use]
    pub fn new(field: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: text::cut(field.into(), Self::MAX_TEXT),
            message: text::cut(message.into(), Self::MAX_TEXT),
            value: None,
        }
    }

    /// Keeps what the client sent, cut to [`MAX_VALUE`](Self::MAX_VALUE) bytes at a character.
    #[must_use]
    pub fn with_value(mut self, value: &str) -> Self {
        self.value = Some(text::head(value, Self::MAX_VALUE).to_owned());
        self
    }

    /// The name of the field.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What is wrong with it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What the client sent.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_cut_at_a_character() {
        let long = "ü".repeat(80);

        let error = FieldError::new("name", "too long").with_value(&format!("a{long}"));

        assert_eq!(error.value().map(str::len), Some(99));
    }

    #[test]
    fn a_short_value_is_kept_whole() {
        let error = FieldError::new("name", "taken").with_value("ü");

        assert_eq!(error.value(), Some("ü"));
    }

    #[test]
    fn a_field_that_the_client_has_named_is_cut() {
        let error = FieldError::new("f".repeat(9999), "m".repeat(9999));

        assert_eq!(error.field().len(), FieldError::MAX_TEXT);
        assert_eq!(error.message().len(), FieldError::MAX_TEXT);
    }
}
