use std::borrow::Cow;

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
    /// The most bytes of a value that are kept, and so are echoed to the client.
    pub const MAX_VALUE: usize = 100;

    /// An error in the field of this name.
    #[must_use]
    pub fn new(field: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
            value: None,
        }
    }

    /// Keeps what the client sent, cut to [`MAX_VALUE`](Self::MAX_VALUE) bytes at a character.
    #[must_use]
    pub fn with_value(mut self, value: &str) -> Self {
        self.value = Some(value[..value.floor_char_boundary_at(Self::MAX_VALUE)].to_owned());
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

/// `str::floor_char_boundary` of Rust 1.91, under a name that does not collide with it.
trait FloorCharBoundary {
    fn floor_char_boundary_at(&self, limit: usize) -> usize;
}

impl FloorCharBoundary for str {
    fn floor_char_boundary_at(&self, limit: usize) -> usize {
        if limit >= self.len() {
            return self.len();
        }
        (0..=limit)
            .rev()
            .find(|at| self.is_char_boundary(*at))
            .unwrap_or(0)
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
}
