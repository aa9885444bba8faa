//! Checks by [validator](https://docs.rs/validator): [`Valid`] extracts a body whose fields are all valid.

use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;
use tower_edge_core::Problem;
use validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};

use super::Json;
use super::valid::{Invalid, read_valid};

/// A [`Json`] that has passed the checks that validator derives.
///
/// ```
/// use axum::{Router, body::Body, routing::post};
/// use http::Request;
/// use http_body_util::BodyExt;
/// use serde::Deserialize;
/// use tower::ServiceExt;
/// use tower_edge::axum::{Json, validator::Valid};
/// use validator::Validate;
///
/// #[derive(Deserialize, Validate)]
/// #[serde(rename_all = "camelCase")]
/// struct Medium {
///     #[validate(length(min = 1, message = "must not be empty"))]
///     title: String,
///     #[validate(range(min = 1))]
///     tmdb_id: u64,
/// }
///
/// async fn create(Valid(Json(medium)): Valid<Json<Medium>>) -> String {
///     format!("{} {}", medium.title, medium.tmdb_id)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let app = Router::new().route("/media", post(create));
/// let request = Request::post("/media").header("content-type", "application/json");
///
/// let response = app.oneshot(request.body(Body::from(r#"{"title": "", "tmdbId": 0}"#))?).await?;
///
/// assert_eq!(response.status(), 422);
/// let body = String::from_utf8(response.into_body().collect().await?.to_bytes().to_vec())?;
/// assert!(body.contains(r##""detail":"must not be empty","pointer":"#/title""##), "{body}");
/// assert!(body.contains(r##""detail":"is not valid: range (min 1)","pointer":"#/tmdbId""##), "{body}");
/// # Ok(())
/// # }
/// ```
///
/// The problem has every field that is not valid, up to 100. Its message is that of the rule, or else the rule's name
/// and its bounds, such as `min` and `max`. Other parameters of a rule may be values that the client sent, such as the
/// other field of `must_match`: they are neither sent nor logged.
///
/// A pointer has the name that the client sent, if serde's `rename_all` made it. Otherwise, and in a body over 64 KiB,
/// it has the field's name in Rust. If a member is missing or has the wrong type, [`Json`] rejects the body, and
/// validator checks nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Valid<T>(pub T);

impl<T, S> FromRequest<S> for Valid<Json<T>>
where
    T: DeserializeOwned + Validate,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let check = |value: &T| {
            value.validate().map_err(|errors| {
                let mut found = Vec::new();
                collect(&errors, &[], &mut found);
                found
            })
        };
        read_valid(request, state, check).await.map(Self)
    }
}

/// The first errors, sorted by the names of the fields, since validator keeps them in a `HashMap`.
fn collect(errors: &ValidationErrors, path: &[String], found: &mut Vec<Invalid>) {
    let mut fields: Vec<_> = errors.errors().iter().collect();
    fields.sort_unstable_by_key(|(name, _)| *name);
    for (name, kind) in fields {
        let mut path = path.to_vec();
        // validator's names for the whole value, and for a list outside of any field.
        if !matches!(&**name, "__all__" | "_tmp_validator") {
            path.push(name.to_string());
        }
        match kind {
            ValidationErrorsKind::Field(errors) => {
                let errors = errors.iter().take(Problem::MAX_ITEMS - found.len());
                found.extend(errors.map(|error| (path.clone(), message(error))));
            }
            ValidationErrorsKind::List(elements) => {
                for (index, errors) in elements {
                    if found.len() == Problem::MAX_ITEMS {
                        return;
                    }
                    path.push(index.to_string());
                    collect(errors, &path, found);
                    path.pop();
                }
            }
            ValidationErrorsKind::Struct(errors) => collect(errors, &path, found),
        }
    }
}

fn message(error: &ValidationError) -> String {
    if let Some(message) = &error.message {
        return message.to_string();
    }
    let bound = |name| Some(format!("{name} {}", error.params.get(name)?));
    let params: Vec<_> = BOUNDS.into_iter().filter_map(bound).collect();
    match params.is_empty() {
        true => format!("is not valid: {}", error.code),
        false => format!("is not valid: {} ({})", error.code, params.join(", ")),
    }
}

/// The parameters that are constants of the service.
const BOUNDS: [&str; 5] = ["min", "max", "exclusive_min", "exclusive_max", "equal"];

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::header::CONTENT_TYPE;
    use serde::Deserialize;
    use tokio_test::block_on;
    use tower_edge_core::Kind;

    use super::*;

    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(schema(function = in_order))]
    struct Order {
        #[validate(length(min = 1, message = "must not be empty"))]
        order_name: String,
        #[validate(nested)]
        order_lines: Vec<Line>,
        #[serde(default)]
        from: u8,
        #[serde(default)]
        to: u8,
    }

    #[derive(Debug, Deserialize, Validate)]
    struct Line {
        #[validate(range(min = 1))]
        sku: u64,
    }

    fn in_order(order: &Order) -> Result<(), ValidationError> {
        match order.from > order.to {
            true => Err(ValidationError::new("order").with_message("ends before it begins".into())),
            false => Ok(()),
        }
    }

    /// The pointer, the name and the message of each error.
    fn errors_of<T>(body: impl Into<Body>) -> Vec<(String, String, String)>
    where
        T: DeserializeOwned + Validate,
    {
        let request = Request::post("/").header(CONTENT_TYPE, "application/json");
        let request = request.body(body.into()).unwrap();
        let read = block_on(Valid::<Json<T>>::from_request(request, &()));
        let problem = read.err().unwrap();
        assert_eq!(problem.kind(), Kind::Validation);
        let errors = problem.field_errors().iter().map(|error| {
            let pointer = error.pointer().unwrap().into_owned();
            (
                pointer,
                error.field().to_owned(),
                error.message().to_owned(),
            )
        });
        errors.collect()
    }

    fn error(pointer: &str, name: &str, message: &str) -> (String, String, String) {
        (pointer.to_owned(), name.to_owned(), message.to_owned())
    }

    #[test]
    fn every_field_that_is_not_valid_is_pointed_at_by_the_name_that_was_sent() {
        let body =
            r#"{"orderName": "", "orderLines": [{"sku": 1}, {"sku": 0}], "from": 1, "to": 2}"#;

        assert_eq!(
            errors_of::<Order>(body),
            [
                error("/orderLines/1/sku", "orderLines[1].sku", SKU),
                error("/orderName", "orderName", "must not be empty"),
            ]
        );
    }

    #[test]
    fn a_check_of_the_whole_is_about_the_body() {
        let body = r#"{"orderName": "a", "orderLines": [], "from": 2, "to": 1}"#;

        assert_eq!(
            errors_of::<Order>(body),
            [error("", "body", "ends before it begins")]
        );
    }

    #[test]
    fn an_element_of_a_list_is_pointed_at() {
        let body = r#"[{"sku": 1}, {"sku": 0}]"#;

        assert_eq!(
            errors_of::<Vec<Line>>(body),
            [error("/1/sku", "[1].sku", SKU)]
        );
    }

    #[test]
    fn a_member_that_serde_rejects_is_not_checked() {
        let body = r#"{"orderName": "", "orderLines": 1}"#;

        assert_eq!(
            errors_of::<Order>(body),
            [error("/orderLines", "orderLines", "must be an array")]
        );
    }

    #[test]
    fn what_is_valid_is_extracted() {
        let request = Request::post("/").header(CONTENT_TYPE, "application/json");
        let request = request.body(r#"{"sku": 7}"#.into()).unwrap();

        let Valid(Json(line)) = block_on(Valid::<Json<Line>>::from_request(request, &())).unwrap();

        assert_eq!(line.sku, 7);
    }

    #[test]
    fn the_first_hundred_errors_are_kept() {
        let body = format!("[{}]", [r#"{"sku": 0}"#; 101].join(","));

        let errors = errors_of::<Vec<Line>>(body).into_iter();

        let pointers: Vec<_> = errors.map(|(pointer, ..)| pointer).collect();
        let first: Vec<_> = (0..Problem::MAX_ITEMS)
            .map(|index| format!("/{index}/sku"))
            .collect();
        assert_eq!(pointers, first);
    }

    #[test]
    fn no_value_of_a_field_is_in_a_message_or_for_the_log() {
        #[derive(Debug, Deserialize, Validate)]
        struct Account {
            #[validate(must_match(other = "repeat"), length(min = 9, max = 99))]
            password: String,
            repeat: String,
        }

        let request = Request::post("/").header(CONTENT_TYPE, "application/json");
        let body = r#"{"password": "hunter2", "repeat": "hunter3"}"#;
        let request = request.body(body.into()).unwrap();

        let read = block_on(Valid::<Json<Account>>::from_request(request, &()));

        let problem = read.err().unwrap();
        let mut messages: Vec<_> = problem
            .field_errors()
            .iter()
            .map(tower_edge_core::problem::FieldError::message)
            .collect();
        messages.sort_unstable();
        assert_eq!(
            messages,
            [
                "is not valid: length (min 9, max 99)",
                "is not valid: must_match"
            ]
        );
        assert!(!format!("{problem:?}").contains("hunter"), "{problem:?}");
    }

    const SKU: &str = "is not valid: range (min 1)";
}
