//! Checks by [garde](https://docs.rs/garde): [`Valid`] extracts a body whose fields are all valid.

use axum::extract::{FromRequest, Request};
use garde::{Report, Validate};
use serde::de::DeserializeOwned;
use tower_edge_core::Problem;

use super::Json;
use super::valid::{Invalid, read_valid};

/// A [`Json`] that has passed the checks that garde derives.
///
/// ```
/// use axum::{Router, body::Body, routing::post};
/// use garde::Validate;
/// use http::Request;
/// use http_body_util::BodyExt;
/// use serde::Deserialize;
/// use tower::ServiceExt;
/// use tower_edge::axum::{Json, garde::Valid};
///
/// #[derive(Deserialize, Validate)]
/// #[serde(rename_all = "camelCase")]
/// struct Medium {
///     #[garde(length(min = 1))]
///     title: String,
///     #[garde(range(min = 1))]
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
/// assert!(body.contains(r##""pointer":"#/title""##), "{body}");
/// assert!(body.contains(r##""pointer":"#/tmdbId""##), "{body}");
/// # Ok(())
/// # }
/// ```
///
/// The problem has every field that is not valid, up to 100, with garde's message. A pointer has the name that the
/// client sent, if serde's `rename_all` made it. Otherwise, and in a body over 64 KiB, it has the field's name in Rust.
/// The problem does not repeat the value, unless a message of your own has it. If a member is missing or has the wrong
/// type, [`Json`] rejects the body, and garde checks nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Valid<T>(pub T);

impl<T, S> FromRequest<S> for Valid<Json<T>>
where
    T: DeserializeOwned + Validate<Context: Default>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let check = |value: &T| value.validate().map_err(|report| errors(&report));
        read_valid(request, state, check).await.map(Self)
    }
}

/// The first errors. A path is a list of pairs: what a segment is, and its text.
fn errors(report: &Report) -> Vec<Invalid> {
    let errors = report.iter().take(Problem::MAX_ITEMS);
    let errors = errors.map(|(path, error)| {
        let segments = serde_json::to_value(path).and_then(serde_json::from_value);
        let segments: Vec<(String, String)> = segments.unwrap_or_default();
        let named = segments.into_iter().filter(|(kind, _)| kind != "none");
        (named.map(|(_, text)| text).collect(), error.to_string())
    });
    errors.collect()
}

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
    #[garde(custom(in_order))]
    struct Order {
        #[garde(length(min = 1))]
        order_name: String,
        #[garde(dive)]
        order_lines: Vec<Line>,
        #[garde(skip)]
        #[serde(default)]
        from: u8,
        #[garde(skip)]
        #[serde(default)]
        to: u8,
    }

    #[derive(Debug, Deserialize, Validate)]
    struct Line {
        #[garde(range(min = 1))]
        sku: u64,
    }

    fn in_order(order: &Order, (): &()) -> garde::Result {
        match order.from > order.to {
            true => Err(garde::Error::new("ends before it begins")),
            false => Ok(()),
        }
    }

    /// The pointer, the name and the message of each error.
    fn errors_of<T>(body: impl Into<Body>) -> Vec<(String, String, String)>
    where
        T: DeserializeOwned + Validate<Context: Default>,
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
                error("/orderName", "orderName", "length is lower than 1"),
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
    fn fields_of_a_large_body_are_named_as_in_rust() {
        let junk = "x".repeat(64 * 1024);
        let body =
            format!(r#"{{"orderName": "a", "orderLines": [{{"sku": 0}}], "junk": "{junk}"}}"#);

        assert_eq!(
            errors_of::<Order>(body),
            [error("/order_lines/0/sku", "order_lines[0].sku", SKU)]
        );
    }

    #[test]
    fn a_member_is_found_in_each_style_of_serde() {
        macro_rules! name_in {
            ($style:literal) => {{
                #[derive(Debug, Deserialize, Validate)]
                #[serde(rename_all = $style)]
                struct Renamed {
                    #[garde(range(min = 1))]
                    unit_price: u64,
                }

                let body = |name: &str| format!(r#"{{"{name}": 0}}"#);
                let missing = Json::<Renamed>::from_bytes(b"{}").err().unwrap();
                let name = missing.field_errors()[0].field().to_owned();
                assert_eq!(
                    errors_of::<Renamed>(body(&name)),
                    [error(&format!("/{name}"), &name, SKU)]
                );
                name
            }};
        }

        let names = [
            name_in!("snake_case"),
            name_in!("camelCase"),
            name_in!("PascalCase"),
            name_in!("kebab-case"),
            name_in!("SCREAMING_SNAKE_CASE"),
            name_in!("SCREAMING-KEBAB-CASE"),
        ];

        assert_eq!(
            names,
            [
                "unit_price",
                "unitPrice",
                "UnitPrice",
                "unit-price",
                "UNIT_PRICE",
                "UNIT-PRICE"
            ]
        );
    }

    const SKU: &str = "lower than 1";
}
