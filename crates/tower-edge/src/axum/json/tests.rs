use std::collections::HashMap;
use std::num::NonZeroU32;

use serde::Deserialize;
use serde_json::Value;
use tower_edge_core::problem::Detail;

use super::*;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is read, and that is all")]
struct Order {
    name: String,
    count: NonZeroU32,
    lines: Vec<Line>,
    #[serde(default)]
    country: Option<Country>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "it is read, and that is all")]
struct Line {
    sku: u64,
    gift: bool,
}

#[derive(Debug, Deserialize)]
enum Country {
    Andorra,
}

fn rejection<T: DeserializeOwned>(body: &[u8]) -> Problem {
    Json::<T>::from_bytes(body).err().unwrap()
}

/// The one error: its pointer, its message and the value.
fn error<T: DeserializeOwned>(body: &str) -> (String, String, Option<String>) {
    let problem = rejection::<T>(body.as_bytes());
    assert_eq!(problem.kind(), Kind::Validation, "{body}");
    let [error] = problem.field_errors() else {
        panic!("{problem:?}")
    };
    let pointer = error.pointer().unwrap().into_owned();
    let value = error.value().map(str::to_owned);
    (pointer, error.message().to_owned(), value)
}

fn expected(pointer: &str, message: &str, value: Option<&str>) -> (String, String, Option<String>) {
    let value = value.map(str::to_owned);
    (pointer.to_owned(), message.to_owned(), value)
}

#[test]
fn the_first_invalid_member_has_its_pointer_and_its_value() {
    let whole = "must be a whole number that is not negative";
    for (body, error_of_it) in [
        (
            r#"{"name": 1, "count": 0}"#,
            expected("/name", "must be a string", Some("1")),
        ),
        (
            r#"{"count": 0}"#,
            expected("/count", "must be a whole number other than 0", Some("0")),
        ),
        (
            r#"{"lines": [{"sku": -1}]}"#,
            expected("/lines/0/sku", whole, Some("-1")),
        ),
        (
            r#"{"lines": [{"sku": 1}]}"#,
            expected("/lines/0/gift", "is required", None),
        ),
        (
            r#"{"more/": "x"}"#,
            expected("/more~1", "is not known", Some("x")),
        ),
        (
            r#"{"name": []}"#,
            expected("/name", "must be a string", None),
        ),
        (
            r#"{"name": {}}"#,
            expected("/name", "must be a string", None),
        ),
        (
            "{\n\"name\":\n {}}",
            expected("/name", "must be a string", None),
        ),
        (
            r#"{"name": "x", "name": "y"}"#,
            expected("/name", "may be there only once", Some("y")),
        ),
        (
            r#"{"country": "Atlantis"}"#,
            expected(
                "/country",
                "is none of the values that are known",
                Some("Atlantis"),
            ),
        ),
        ("{}", expected("/name", "is required", None)),
    ] {
        assert_eq!(error::<Order>(body), error_of_it, "{body}");
    }
    assert_eq!(
        error::<u8>(r#""x""#),
        expected("", "must be a whole number from 0 to 255", Some("x"))
    );
}

// Of these types serde knows only the object around the member.
#[test]
fn members_that_were_sent_well_are_not_blamed() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "it is read, and that is all")]
    struct Flattened {
        #[serde(flatten)]
        line: Line,
    }

    #[derive(Debug, Deserialize)]
    #[serde(tag = "type")]
    #[expect(dead_code, reason = "it is read, and that is all")]
    enum Tagged {
        Line { line: Line, tags: Vec<String> },
    }

    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "it is read, and that is all")]
    enum Untagged {
        Line(Line),
        Tags(Vec<String>),
    }

    let object = expected("", "is not valid", None);
    assert_eq!(error::<Flattened>(r#"{"sku": "x", "gift": true}"#), object);
    for members in [
        r#""line": 1, "tags": []"#,
        r#""line": {"sku": "x", "gift": true}, "tags": []"#,
        r#""line": {"sku": 1, "gift": true}, "tags": [1]"#,
        r#""line": {"sku": 1, "gift": true}, "tags": "x""#,
    ] {
        let body = format!(r#"{{"type": "Line", {members}}}"#);
        assert_eq!(error::<Tagged>(&body), object, "{body}");
    }
    #[derive(Debug, Deserialize)]
    #[serde(tag = "type")]
    #[expect(dead_code, reason = "it is read, and that is all")]
    enum Shape {
        Circle { r: u8, inner: Strict },
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "it is read, and that is all")]
    struct Strict {
        r: u8,
    }

    // Each has an `r` that was sent well, beside one that serde's message is about.
    for inner in ["{}", r#"{"r": 1, "r": 2}"#] {
        let body = format!(r#"{{"type": "Circle", "r": 1, "inner": {inner}}}"#);
        assert_eq!(error::<Shape>(&body), object, "{body}");
    }
    let unknown = r#"{"type": "Circle", "r": 1, "x": 1, "inner": {"r": 1, "x": 1}}"#;
    assert_eq!(error::<Shape>(unknown), object);
    assert_eq!(error::<Flattened>(r#"{"sku": {}, "gift": true}"#), object);
    assert_eq!(
        error::<Vec<Flattened>>(r#"[{"sku": {}, "gift": true}, {}]"#),
        expected("/0", "is not valid", None)
    );
    assert_eq!(
        error::<Vec<Untagged>>(r#"[[], ["x", 1]]"#),
        expected("/1", "is not valid", None)
    );
}

#[test]
fn what_is_json_is_a_422_whatever_serde_json_calls_it() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for (body, message) in [
        (r#"{"a": 1e999}"#, "is out of range"),
        (&*format!(r#"{{"a": {deep}}}"#), "is nested too deeply"),
        (r#"{"a": "\ud800"}"#, "is not valid"),
    ] {
        let problem = rejection::<HashMap<String, Value>>(body.as_bytes());

        assert_eq!(problem.kind(), Kind::Validation, "{body}");
        assert_eq!(problem.field_errors()[0].message(), message, "{body}");
    }
}

#[test]
fn what_is_not_json_is_a_400_whichever_mistake_comes_first() {
    for body in [
        &b"{\"a\": 1, \"b\": }"[..],
        b"{\"a\": 1",
        b"{\"a\": 1} x",
        b"[1 2]",
        b"{\"a\": 1, \"b\": \"\xff\"}",
        b"",
    ] {
        let problem = rejection::<HashMap<String, bool>>(body);

        assert_eq!(problem.kind(), Kind::BadRequest, "{}", body.escape_ascii());
        let names: Vec<_> = problem.details().iter().map(Detail::name).collect();
        assert_eq!(names, ["issue", "line", "column"]);
    }
}

#[test]
fn a_large_body_is_not_read_again() {
    let body = format!("[1, \"{}\"]", "x".repeat(64 * 1024));

    assert_eq!(
        error::<Vec<String>>(&body),
        expected("/0", "is not valid", None)
    );
}

#[test]
fn a_value_that_does_not_serialize_is_an_internal_error() {
    let map = HashMap::from([((), 1)]);

    let response = Json(map).into_response();

    assert_eq!(response.status(), 500);
    let problem = response.extensions().get::<Problem>().unwrap();
    assert_eq!(problem.kind(), Kind::Internal);
}
