use std::error::Error;
use std::str;

use axum::extract::rejection::{
    BytesRejection, ExtensionRejection, FailedToBufferBody, FormRejection, JsonRejection,
    MatchedPathRejection, QueryRejection, RawFormRejection, RawPathParamsRejection,
    StringRejection,
};
use http::StatusCode;
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::serde_message::{member_error, member_error_in, parameter_error};
use crate::http_ext::error_chain;
use crate::{Kind, Problem};

/// Each rejection has a status and a source, but axum has no trait for them.
macro_rules! conversions {
    ($($(#[$doc:meta])* $rejection:ident,)*) => {
        $(
            $(#[$doc])*
            impl From<$rejection> for Problem {
                fn from(rejection: $rejection) -> Self {
                    from_rejection(rejection.status(), rejection)
                }
            }
        )*
    };
}

conversions! {
    /// A body that could not be read: too large, or broken off.
    BytesRejection,
    /// A mistake in the service, which no client sees.
    ExtensionRejection,
    /// A body that could not be read: too large, or broken off.
    FailedToBufferBody,
    /// The content type is not that of a form, the body could not be read, or a field is not valid.
    FormRejection,
    /// The content type is not JSON, the body could not be read, the JSON is malformed, or a member is not valid. The
    /// problem then has the pointer of the member.
    ///
    /// ```
    /// use axum::Json;
    /// use tower_edge_core::{Kind, Problem};
    ///
    /// let rejection = Json::<Vec<u8>>::from_bytes(b"[1, -1]").unwrap_err();
    /// let problem = Problem::from(rejection);
    ///
    /// assert_eq!(problem.kind(), Kind::Validation);
    /// assert_eq!(problem.field_errors()[0].pointer().as_deref(), Some("/1"));
    /// assert_eq!(problem.field_errors()[0].message(), "must be a whole number from 0 to 255");
    /// ```
    JsonRejection,
    /// A mistake in the service, which no client sees.
    MatchedPathRejection,
    /// An invalid parameter.
    QueryRejection,
    /// The content type is not that of a form, or the body could not be read.
    RawFormRejection,
    /// A parameter that is not UTF-8, or a mistake in the service.
    RawPathParamsRejection,
    /// A body that could not be read, or is not UTF-8.
    StringRejection,
}

/// The same, with the body that was read. The body corrects serde in two ways.
///
/// First, a document that is not JSON is always a [`Kind::BadRequest`], and a JSON document with an invalid value a
/// [`Kind::Validation`], whichever mistake serde met first.
///
/// Second, no valid member is blamed. In a flattened or tagged type, serde knows only the enclosing object, so the
/// error says that this object is not valid. If a member is missing in an object within a tagged type, the error names
/// that member in the tagged object, unless the tagged object has a member of that name.
///
/// The field error repeats the value that was sent, except for arrays, objects and bodies over 64 KiB.
///
/// ```
/// use std::collections::HashMap;
///
/// use axum::Json;
/// use tower_edge_core::{Kind, Problem};
///
/// let body = br#"{"year": "1979", "title": }"#;
/// let rejection = Json::<HashMap<String, u16>>::from_bytes(body).unwrap_err();
/// let problem = Problem::from((rejection, &body[..]));
///
/// assert_eq!(problem.kind(), Kind::BadRequest);
/// ```
impl From<(JsonRejection, &[u8])> for Problem {
    fn from((rejection, body): (JsonRejection, &[u8])) -> Self {
        use JsonRejection::{JsonDataError, JsonSyntaxError};
        if !matches!(rejection, JsonDataError(_) | JsonSyntaxError(_)) {
            return rejection.into();
        }
        // This reads all of the document, and has no bound on numbers and nesting.
        if let Err(error) = serde_json::from_slice::<&RawValue>(body) {
            return malformed(&error).with_source(rejection);
        }
        let error = error_chain(&rejection).find_map(|error| error.downcast_ref());
        match error.map(|error| in_body(error, body)) {
            Some(problem) => problem.with_source(rejection),
            None => rejection.into(),
        }
    }
}

/// The problem of a rejection with this status. It keeps the rejection as its source.
pub(crate) fn from_rejection(
    status: StatusCode,
    rejection: impl Error + Send + Sync + 'static,
) -> Problem {
    let typed = error_chain(&rejection).find_map(|error| {
        if let Some(error) = error.downcast_ref() {
            Some(from_json(error))
        } else if let Some(error) = error.downcast_ref() {
            Some(malformed(error))
        } else {
            error.downcast_ref().map(|error| from_form(status, error))
        }
    });
    typed
        .unwrap_or_else(|| status.into())
        .with_source(rejection)
}

fn from_json(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    match error.inner().classify() {
        Category::Data => {
            let text = error.inner().to_string();
            Problem::new(Kind::Validation).with_field_error(member_error(error.path(), &text))
        }
        _ => malformed(error.inner()),
    }
}

/// The problem of a member of this JSON document.
fn in_body(error: &serde_path_to_error::Error<serde_json::Error>, body: &[u8]) -> Problem {
    let error = match error.inner().classify() {
        Category::Data => {
            let document = (body.len() <= MAX_DOCUMENT).then_some(body);
            member_error_in(document.and_then(|body| str::from_utf8(body).ok()), error)
        }
        // serde_json itself cannot read some JSON, such as a number that no `f64` holds.
        _ => member_error(error.path(), &error.inner().to_string()),
    };
    Problem::new(Kind::Validation).with_field_error(error)
}

/// JSON that breaks off, or goes on after its end.
fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(Kind::BadRequest)
        .with_detail("issue", "malformed_json")
        .with_detail("line", error.line())
        .with_detail("column", error.column())
}

/// A field of a query is a parameter. A field of a form that was sent is a member of the body.
fn from_form(
    status: StatusCode,
    error: &serde_path_to_error::Error<serde::de::value::Error>,
) -> Problem {
    let text = error.inner().to_string();
    let error = if status == StatusCode::UNPROCESSABLE_ENTITY {
        member_error(error.path(), &text)
    } else {
        parameter_error(error.path(), &text)
    };
    Problem::new(Kind::Validation).with_field_error(error)
}

/// A larger body is not parsed a second time, so that invalid bodies cost the service little.
const MAX_DOCUMENT: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use axum::Json;
    use axum::extract::Query;
    use serde::de::DeserializeOwned;

    use super::*;

    fn from_body<T: DeserializeOwned>(body: &str) -> Problem {
        match Json::<T>::from_bytes(body.as_bytes()) {
            Ok(_) => panic!("{body} is valid"),
            Err(rejection) => rejection.into(),
        }
    }

    fn first(problem: &Problem) -> (&str, String, &str) {
        let error = &problem.field_errors()[0];
        let pointer = error.pointer().map(String::from);
        (error.field(), pointer.unwrap_or_default(), error.message())
    }

    #[test]
    fn a_nested_member_is_pointed_at() {
        let problem = from_body::<BTreeMap<String, Vec<bool>>>(r#"{"a/b": [true, 1]}"#);

        assert_eq!(problem.kind(), Kind::Validation);
        assert_eq!(
            first(&problem),
            ("a/b[1]", "/a~1b/1".into(), "must be true or false")
        );
    }

    #[test]
    fn the_whole_body_may_be_what_is_wrong() {
        let problem = from_body::<Vec<bool>>("1");

        assert_eq!(first(&problem), ("body", String::new(), "must be an array"));
    }

    #[test]
    fn broken_json_has_its_place_and_no_field() {
        for body in ["[true,", "[true] x", "nonsense"] {
            let problem = from_body::<Vec<bool>>(body);

            assert_eq!(problem.kind(), Kind::BadRequest, "{body}");
            assert!(problem.field_errors().is_empty());
            assert_eq!(problem.details()[0].name(), "issue");
        }
    }

    #[test]
    fn a_parameter_of_a_query_is_named() {
        let uri = "/?page=x".parse().unwrap();
        let rejection = Query::<BTreeMap<String, u8>>::try_from_uri(&uri).unwrap_err();

        let problem = Problem::from(rejection);

        assert_eq!(
            first(&problem),
            ("page", String::new(), "must be a whole number")
        );
        assert_eq!(problem.field_errors()[0].pointer(), None);
    }

    #[test]
    fn the_rejection_is_kept_for_logs() {
        let problem = from_body::<bool>("1");

        assert!(problem.source().unwrap().is::<JsonRejection>());
    }
}
