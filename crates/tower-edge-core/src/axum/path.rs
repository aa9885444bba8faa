use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;

use super::serde_message::expected;
use crate::problem::FieldError;
use crate::{Kind, Problem};

/// A parameter that is not valid. What only a mistake in the service can cause is an internal error.
impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        let error = match &rejection {
            PathRejection::FailedToDeserializePathParams(failed) => field_error(failed.kind()),
            _ => None,
        };
        let problem = match error {
            Some(error) => Self::new(Kind::Validation).with_field_error(error),
            None => {
                Self::from_status(rejection.status()).unwrap_or_else(|| Self::new(Kind::Internal))
            }
        };
        problem.with_source(rejection)
    }
}

fn field_error(kind: &ErrorKind) -> Option<FieldError> {
    let error = match kind {
        ErrorKind::ParseErrorAtKey {
            key,
            value,
            expected_type,
        } => FieldError::from_parameter(key.clone(), expected(expected_type)).with_value(value),
        ErrorKind::ParseErrorAtIndex {
            index,
            value,
            expected_type,
        } => {
            FieldError::from_parameter(index.to_string(), expected(expected_type)).with_value(value)
        }
        ErrorKind::ParseError {
            value,
            expected_type,
        } => FieldError::from_parameter("path", expected(expected_type)).with_value(value),
        ErrorKind::InvalidUtf8InPathParam { key } => {
            FieldError::from_parameter(key.clone(), "must be UTF-8")
        }
        ErrorKind::DeserializeError { key, value, .. } => {
            FieldError::from_parameter(key.clone(), "is not valid").with_value(value)
        }
        ErrorKind::Message(_) => FieldError::from_parameter("path", "is not valid"),
        _ => return None,
    };
    Some(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_named_and_its_value_repeated() {
        let error = field_error(&ErrorKind::ParseErrorAtKey {
            key: "id".into(),
            value: "x".into(),
            expected_type: "u64",
        })
        .unwrap();

        assert_eq!(
            (error.field(), error.message(), error.value()),
            (
                "id",
                "must be a whole number that is not negative",
                Some("x")
            )
        );
        assert_eq!(error.pointer(), None);
    }

    #[test]
    fn the_text_of_a_foreign_error_is_not_repeated() {
        let error = field_error(&ErrorKind::DeserializeError {
            key: "id".into(),
            value: "x".into(),
            message: "my_crate::Secret".into(),
        });

        assert_eq!(error.unwrap().message(), "is not valid");
    }

    #[test]
    fn a_mistake_of_the_service_is_no_fields_fault() {
        assert!(field_error(&ErrorKind::UnsupportedType { name: "Secret" }).is_none());
    }
}
