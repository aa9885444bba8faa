use std::num::NonZeroU32;

use serde::Deserialize;

use super::super::Json;
use super::*;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is read, and that is all")]
struct Order {
    name: String,
    count: NonZeroU32,
    lines: Vec<Line>,
    #[serde(default)]
    address: Option<Address>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "it is read, and that is all")]
struct Line {
    sku: u64,
    gift: bool,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "it is read, and that is all")]
struct Address {
    street: String,
    country: Country,
}

/// A range whose ends are in order.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Range")]
struct Checked;

#[derive(Debug, Deserialize)]
struct Range {
    from: u64,
    to: u64,
}

impl TryFrom<Range> for Checked {
    type Error = &'static str;

    fn try_from(range: Range) -> Result<Self, &'static str> {
        if range.from > range.to {
            return Err("Range is the wrong way round");
        }
        Ok(Self)
    }
}

#[derive(Debug, Deserialize)]
enum Country {
    Andorra,
}

fn errors<T: DeserializeOwned>(body: &str) -> Vec<(String, &'static str, Option<String>)> {
    let problem = Json::<T>::from_bytes(body.as_bytes()).err().unwrap();
    let errors = problem.field_errors().iter().map(|error| {
        let message = MESSAGES.iter().find(|message| **message == error.message());
        let message = message.unwrap_or_else(|| panic!("{}", error.message()));
        let pointer = error.pointer().unwrap().into_owned();
        (pointer, *message, error.value().map(str::to_owned))
    });
    errors.collect()
}

const MESSAGES: [&str; 8] = [
    "is required",
    "is not valid",
    "is not known",
    "is none of the values that are known",
    "must be a string",
    "must be a whole number other than 0",
    "must be a whole number that is not negative",
    "must be an object",
];

fn error(
    pointer: &str,
    message: &'static str,
    value: Option<&str>,
) -> (String, &'static str, Option<String>) {
    (pointer.to_owned(), message, value.map(str::to_owned))
}

#[test]
fn every_member_that_is_not_valid_is_told_in_one_answer() {
    let body =
        r#"{"name": 1, "count": 0, "lines": [{"sku": -1, "gift": true}, {"sku": 2}], "more/": 1}"#;

    assert_eq!(
        errors::<Order>(body),
        [
            error("/name", "must be a string", Some("1")),
            error("/count", "must be a whole number other than 0", Some("0")),
            error(
                "/lines/0/sku",
                "must be a whole number that is not negative",
                Some("-1")
            ),
            error("/lines/1/gift", "is required", None),
            error("/more~1", "is not known", Some("1")),
        ]
    );
}

#[test]
fn a_member_that_is_missing_is_told_once() {
    assert_eq!(
        errors::<Order>("{}"),
        [
            error("/name", "is required", None),
            error("/count", "is required", None),
            error("/lines", "is required", None),
        ]
    );
}

#[test]
fn members_of_a_value_that_nobody_sent_are_not_missed() {
    let body = r#"[1, {"sku": 1}]"#;

    assert_eq!(
        errors::<Vec<Line>>(body),
        [
            error("/0", "must be an object", Some("1")),
            error("/1/gift", "is required", None),
        ]
    );
}

#[test]
fn what_cannot_be_guessed_is_the_last_to_be_told() {
    let body =
        r#"{"name": 1, "count": 1, "lines": [], "address": {"street": "", "country": "Atlantis"}}"#;

    assert_eq!(
        errors::<Order>(body),
        [
            error("/name", "must be a string", Some("1")),
            error(
                "/address/country",
                "is none of the values that are known",
                Some("Atlantis")
            ),
        ]
    );
    assert!(matches!(
        serde_json::from_str(r#""Andorra""#),
        Ok(Country::Andorra)
    ));
}

#[test]
fn a_check_of_the_whole_is_not_made_of_values_that_nobody_sent() {
    assert_eq!(
        errors::<Checked>(r#"{"from": 3, "to": "x"}"#),
        [error(
            "/to",
            "must be a whole number that is not negative",
            Some("x")
        )]
    );
    assert_eq!(
        errors::<Checked>(r#"{"from": 3, "to": 2}"#),
        [error("", "is not valid", None)]
    );
}

#[test]
fn what_is_flattened_is_not_blamed_on_its_parent() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "it is read, and that is all")]
    struct Outer {
        #[serde(flatten)]
        line: Line,
    }

    assert_eq!(
        errors::<Outer>(r#"{"sku": "x", "gift": true}"#),
        [error("", "is not valid", None)]
    );
}

#[test]
fn the_errors_of_one_answer_are_bounded() {
    let body = format!("[{}]", vec!["1"; 1000].join(","));

    assert_eq!(errors::<Vec<String>>(&body).len(), MAX_ERRORS);
}

#[test]
fn a_large_body_is_not_read_again() {
    let body = format!("[1, 2, \"{}\"]", "x".repeat(MAX_DOCUMENT));

    assert_eq!(errors::<Vec<String>>(&body).len(), 1);
}
