//! Every example response, as it is printed.

use std::collections::BTreeSet;

use serde_json::Value;
use tower_edge::problem::{Exposure, FieldError};
use tower_edge::{Kind, Problem};
use tower_edge_tests::TestResponse;

use crate::case::Case;
use crate::fixture::Example;
use crate::snapshot::{SNAPSHOTS, by_name};
use crate::{cases, fixture};

/// The fields that are there exactly where an example has them.
const WATCHED: [&str; 5] = [
    "retry-after",
    "x-error-code",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
];

#[tokio::test(start_paused = true)]
async fn every_example_gets_the_printed_response_in_development() {
    for example in fixture::examples() {
        let response = response_to(&example, Exposure::Development).await;

        assert_is(&example, &response, &example.body);
    }
}

#[tokio::test(start_paused = true)]
async fn every_example_gets_a_response_in_production_without_what_must_not_leave() {
    for example in fixture::examples() {
        let response = response_to(&example, Exposure::Production).await;

        let body = example.production.as_ref().unwrap_or(&example.body);
        assert_is(&example, &response, body);
    }
}

/// What names a machine, quotes another service or shows the inside of this one; `error` is what a
/// database returned, under the name that it has beside a stack.
#[test]
fn production_lacks_these_details_and_no_others() {
    let mut hidden = BTreeSet::new();
    for example in fixture::examples() {
        if let Some(production) = &example.production {
            let (all, public) = (details(&example.body), details(production));
            assert!(public.is_subset(&all), "{}", example.name);
            hidden.extend(all.difference(&public).cloned());
        }
    }

    let expected = [
        "connection_error",
        "db_error",
        "error",
        "plex_error",
        "query",
        "server_url",
        "service_error",
        "stack",
    ];
    assert_eq!(hidden, expected.map(String::from).into());
}

#[tokio::test]
async fn the_value_of_a_field_is_public_and_cut() {
    let long = "x".repeat(9999);
    let error = FieldError::new("email", "Invalid email format").with_value(&long);
    let case = Case::failed(
        "long",
        Problem::new(Kind::Validation).with_field_error(error),
    );

    let response = case
        .response(by_name("medianest").format, Exposure::Production)
        .await;

    let body: Value = serde_json::from_str(response.text()).unwrap();
    let value = &body["error"]["details"]["errors"][0]["value"];
    assert_eq!(value, &long[..FieldError::MAX_VALUE]);
}

#[test]
fn every_case_has_an_example_and_every_example_a_case() {
    let examples = fixture::examples();

    for snapshot in SNAPSHOTS {
        let of_format = examples
            .iter()
            .filter(|example| example.format == snapshot.name);
        let mut examples: Vec<_> = of_format.map(|example| &*example.name).collect();
        let cases = cases::of(snapshot.name);
        let mut cases: Vec<_> = cases.iter().map(|case| case.name).collect();
        examples.sort_unstable();
        cases.sort_unstable();
        assert_eq!(examples, cases, "{}", snapshot.name);
    }
    for example in examples {
        by_name(&example.format);
    }
}

async fn response_to(example: &Example, exposure: Exposure) -> TestResponse {
    let mut cases = cases::of(&example.format).into_iter();
    let case = cases.find(|case| case.name == example.name);
    let case = case.unwrap_or_else(|| panic!("no case for {example:?}"));
    case.response(by_name(&example.format).format, exposure)
        .await
}

fn assert_is(example: &Example, response: &TestResponse, body: &str) {
    let name = &example.name;
    assert_eq!(response.text(), body, "{name}");
    assert_eq!(response.status, example.status, "{name}");
    assert_eq!(
        response.get("content-type"),
        Some("application/json"),
        "{name}"
    );
    for (field, value) in &example.headers {
        assert_eq!(response.get(field), Some(&**value), "{name}: {field}");
    }
    for field in WATCHED {
        let expected = example.headers.get(field).map(|value| &**value);
        assert_eq!(response.get(field), expected, "{name}: {field}");
    }
}

fn details(body: &str) -> BTreeSet<String> {
    let body: Value = serde_json::from_str(body).unwrap();
    let details = body["error"]["details"].as_object().unwrap();
    details.keys().cloned().collect()
}
