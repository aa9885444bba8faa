use axum::extract::RawPathParams;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;

use super::serde_message::parameter_message;
use crate::problem::FieldError;
use crate::{Kind, Problem};

/// An invalid parameter is the client's mistake. An error that only a mistake in the service can cause is an internal
/// error.
///
/// axum names neither the parameters of a tuple nor a single parameter. The problem names them by their index, or
/// `path`.
impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        from_path(rejection, &[])
    }
}

/// The same, with the parameters named as in the route.
impl From<(PathRejection, &RawPathParams)> for Problem {
    fn from((rejection, params): (PathRejection, &RawPathParams)) -> Self {
        let params: Vec<_> = params.iter().collect();
        from_path(rejection, &params)
    }
}

fn from_path(rejection: PathRejection, params: &[(&str, &str)]) -> Problem {
    let error = match &rejection {
        PathRejection::FailedToDeserializePathParams(failed) => field_error(failed.kind(), params),
        _ => None,
    };
    let problem = match error {
        Some(error) => Problem::new(Kind::Validation).with_field_error(error),
        None => rejection.status().into(),
    };
    problem.with_source(rejection)
}

fn field_error(kind: &ErrorKind, params: &[(&str, &str)]) -> Option<FieldError> {
    let name_of = |value: Option<&str>| {
        let is_it = |(_, raw): &&(&str, &str)| params.len() == 1 || Some(*raw) == value;
        let param = params.iter().find(is_it);
        param.map_or("path", |(name, _)| name).to_owned()
    };
    let unparsed = |name: String, value: &str, expected: &str| {
        FieldError::from_parameter(name, parameter_message(expected, value)).with_value(value)
    };
    let error = match kind {
        ErrorKind::ParseErrorAtKey {
            key,
            value,
            expected_type,
        } => unparsed(key.clone(), value, expected_type),
        ErrorKind::ParseErrorAtIndex {
            index,
            value,
            expected_type,
        } => {
            let param = params.get(*index);
            let name = param.map_or_else(|| index.to_string(), |(name, _)| (*name).to_owned());
            unparsed(name, value, expected_type)
        }
        ErrorKind::ParseError {
            value,
            expected_type,
        } => unparsed(name_of(Some(value)), value, expected_type),
        ErrorKind::InvalidUtf8InPathParam { key } => {
            FieldError::from_parameter(key.clone(), "must be UTF-8")
        }
        ErrorKind::DeserializeError { key, value, .. } => {
            FieldError::from_parameter(key.clone(), "is not valid").with_value(value)
        }
        ErrorKind::Message(_) => FieldError::from_parameter(name_of(None), "is not valid"),
        _ => return None,
    };
    Some(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_named_and_its_value_repeated() {
        let error = field_error(
            &ErrorKind::ParseErrorAtKey {
                key: "id".into(),
                value: "x".into(),
                expected_type: "u64",
            },
            &[],
        )
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
        let error = field_error(
            &ErrorKind::DeserializeError {
                key: "id".into(),
                value: "x".into(),
                message: "my_crate::Secret".into(),
            },
            &[],
        );

        assert_eq!(error.unwrap().message(), "is not valid");
    }

    #[test]
    fn a_mistake_of_the_service_is_no_fields_fault() {
        assert!(field_error(&ErrorKind::UnsupportedType { name: "Secret" }, &[]).is_none());
    }
}
