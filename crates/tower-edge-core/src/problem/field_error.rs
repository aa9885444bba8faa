use std::borrow::Cow;

use super::message::{truncate, truncated};
use crate::http_ext::percent_encode;

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
    location: Location,
    value: Option<String>,
}

/// Where the field is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Location {
    /// It is a member of the body's outermost object.
    Member,
    /// It is in the query or in the path.
    Parameter,
    /// It is in the body, under this pointer.
    Pointer(Cow<'static, str>),
}

impl FieldError {
    /// The maximum number of bytes of the field's name, and of the message.
    pub const MAX_TEXT: usize = 1024;
    /// The maximum number of bytes of a value, which is echoed to the client.
    pub const MAX_VALUE: usize = 100;

    /// An error in the field of this name, a member of the body's outermost object. Each text is truncated to
    /// [`MAX_TEXT`](Self::MAX_TEXT) bytes.
    #[must_use]
    pub fn new(field: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: truncated(field.into(), Self::MAX_TEXT),
            message: truncated(message.into(), Self::MAX_TEXT),
            location: Location::Member,
            value: None,
        }
    }

    /// An error in the parameter of this name, in the query or in the path.
    ///
    /// ```
    /// use tower_edge_core::problem::FieldError;
    ///
    /// assert_eq!(FieldError::from_parameter("page", "must be a number").pointer(), None);
    /// ```
    #[must_use]
    pub fn from_parameter(
        name: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            location: Location::Parameter,
            ..Self::new(name, message)
        }
    }

    /// Sets where in the body the field is, as a [JSON pointer](https://www.rfc-editor.org/rfc/rfc6901#section-3).
    ///
    /// ```
    /// use tower_edge_core::problem::FieldError;
    ///
    /// let error = FieldError::new("items[0].name", "is required").with_pointer("/items/0/name");
    ///
    /// assert_eq!(error.pointer().as_deref(), Some("/items/0/name"));
    /// assert_eq!(error.fragment().as_deref(), Some("#/items/0/name"));
    /// ```
    ///
    /// The pointer is truncated to [`MAX_TEXT`](Self::MAX_TEXT) bytes.
    #[must_use]
    pub fn with_pointer(mut self, pointer: impl Into<Cow<'static, str>>) -> Self {
        self.location = Location::Pointer(truncated(pointer.into(), Self::MAX_TEXT));
        self
    }

    /// Sets the value that the client sent, truncated to [`MAX_VALUE`](Self::MAX_VALUE) bytes at a character.
    #[must_use]
    pub fn with_value(mut self, value: &str) -> Self {
        self.value = Some(truncate(value, Self::MAX_VALUE).to_owned());
        self
    }

    /// The pointer as a [URI fragment](https://www.rfc-editor.org/rfc/rfc6901#section-6), such as
    /// `#/title`.
    #[must_use]
    pub fn fragment(&self) -> Option<String> {
        self.pointer().map(|pointer| fragment(&pointer))
    }

    /// The name of the field.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What is wrong with the field.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where in the body the field is. `None` for a parameter, which is not in the body.
    #[must_use]
    pub fn pointer(&self) -> Option<Cow<'_, str>> {
        match &self.location {
            Location::Member => Some(member_pointer(&self.field).into()),
            Location::Parameter => None,
            Location::Pointer(pointer) => Some((&**pointer).into()),
        }
    }

    /// The value that the client sent.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }
}

/// The [JSON pointer](https://www.rfc-editor.org/rfc/rfc6901#section-3) of a member of the document
/// itself.
fn member_pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A pointer as a [URI fragment](https://www.rfc-editor.org/rfc/rfc6901#section-6), with its `#`.
fn fragment(pointer: &str) -> String {
    let mut fragment = String::from("#");
    let is_kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(&byte);
    percent_encode(pointer, is_kept, &mut fragment);
    fragment
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
        let error =
            FieldError::new("f".repeat(9999), "m".repeat(9999)).with_pointer("/f".repeat(9999));

        assert_eq!(
            error.pointer().map(|pointer| pointer.len()),
            Some(FieldError::MAX_TEXT)
        );
        assert_eq!(error.field().len(), FieldError::MAX_TEXT);
        assert_eq!(error.message().len(), FieldError::MAX_TEXT);
    }

    // RFC 6901, section 3: `~` is written as `~0`, and `/` as `~1`.
    #[test]
    fn the_two_marks_of_a_pointer_are_escaped_in_a_name() {
        assert_eq!(member_pointer("a/b~1"), "/a~1b~01");
    }

    // RFC 6901, section 6: the examples.
    #[test]
    fn a_fragment_has_no_character_that_a_fragment_cannot_have() {
        for (pointer, expected) in [
            ("", "#"),
            ("/foo/0", "#/foo/0"),
            ("/a~1b", "#/a~1b"),
            ("/c%d", "#/c%25d"),
            ("/e^f", "#/e%5Ef"),
            ("/k\"l", "#/k%22l"),
            ("/ ", "#/%20"),
            ("/m~0n", "#/m~0n"),
        ] {
            assert_eq!(fragment(pointer), expected);
        }
    }
}
