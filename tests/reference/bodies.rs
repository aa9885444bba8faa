//! What formats write has the schema of the reference, and nothing else has.

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use serde_json::{Value, json};
use tower_edge::problem::{LAYERS, Visibility};

use crate::references::{self, Written};

#[test]
fn every_body_of_the_documents_has_its_schema() {
    let mut bodies = 0;
    for written in references::all() {
        let validator = validator(written);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/fixtures");
        for file in fs::read_dir(folder.join(written.name))
            .into_iter()
            .flatten()
        {
            let path = file.unwrap().path();
            // The result of a tool is a success of the protocol.
            if path.extension().is_some_and(|end| end == "json")
                && !path.ends_with("tool_error.json")
            {
                let body = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
                assert_valid(&validator, &body, &path.display().to_string());
                bodies += 1;
            }
        }
    }
    assert!(bodies > 40, "{bodies}");
}

#[test]
fn the_body_of_every_row_has_its_schema() {
    for written in references::all() {
        let validator = validator(written);
        let examples = examples(written);

        for row in written.catalog.definitions() {
            assert!(
                examples.iter().any(|(key, _)| key == row.key()),
                "{} {}",
                written.name,
                row.key()
            );
        }
        for (key, body) in examples {
            assert_valid(&validator, &body, &format!("{} {key}", written.name));
        }
    }
}

#[test]
fn a_body_with_another_code_has_no_schema() {
    for written in references::all() {
        let validator = validator(written);

        for (key, body) in examples(written) {
            for other in [json!("no such code"), json!(999), Value::Null, json!({})] {
                let mut body = body.clone();
                *code_of(&mut body, written.code) = other;
                assert!(!validator.is_valid(&body), "{} {key}: {body}", written.name);
            }
        }
    }
}

#[test]
fn a_detail_of_another_type_has_no_schema() {
    let written = references::named("problem_details");
    let validator = validator(written);
    let examples = examples(written);
    let (_, body) = examples
        .iter()
        .find(|(key, _)| key == "out_of_stock")
        .unwrap();

    for (name, other) in [
        ("sku", json!(7)),
        ("left", json!("3")),
        ("left", json!(1.5)),
        ("restocked_at", json!(true)),
        ("alternatives", json!([7])),
        ("is_reserved", json!("yes")),
        ("weight", json!("1.5")),
        ("labels", json!([])),
        ("status", json!(404)),
        ("title", json!("Another")),
    ] {
        let mut body = body.clone();
        body[name] = other;
        assert!(!validator.is_valid(&body), "{body}");
    }
    for (name, may_be_missing) in [
        ("sku", false),
        ("left", false),
        ("note", true),
        ("restocked_at", true),
    ] {
        let mut body = body.clone();
        body.as_object_mut().unwrap().remove(name);
        assert_eq!(validator.is_valid(&body), may_be_missing, "{body}");
    }
    for name in ["note", "restocked_at", "another"] {
        let mut body = body.clone();
        body[name] = Value::Null;
        assert!(validator.is_valid(&body), "{body}");
    }
}

#[test]
fn what_clients_may_not_see_is_in_no_output() {
    for written in references::all() {
        let outputs = [
            written.schema.to_string(),
            written.openapi.to_string(),
            written.types.clone(),
        ];

        let rows = written.catalog.definitions();
        for row in rows.chain(LAYERS.definitions()) {
            let public = |name| {
                row.details()
                    .iter()
                    .any(|it| it.name() == name && it.visibility() == Visibility::Public)
            };
            for detail in row.details().iter().filter(|detail| !public(detail.name())) {
                for output in &outputs {
                    let name = format!("{:?}", detail.name());
                    let is_member = ["code", "error", "detail"].contains(&detail.name());
                    assert!(
                        is_member || !output.contains(&name),
                        "{} {name}",
                        written.name
                    );
                    assert!(!output.contains("secret"), "{}", written.name);
                }
            }
        }
    }
}

fn validator(written: &Written) -> Validator {
    let schema = &written.schema;
    jsonschema::draft202012::meta::validate(schema).unwrap();
    jsonschema::validator_for(schema).unwrap()
}

fn assert_valid(validator: &Validator, body: &Value, name: &str) {
    let errors: Vec<_> = validator
        .iter_errors(body)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{name}: {body}: {errors:?}");
}

/// The examples of all responses, by the keys of their rows.
fn examples(written: &Written) -> Vec<(String, Value)> {
    let responses = written.openapi["responses"].as_object().unwrap().values();
    let media = responses.flat_map(|response| response["content"].as_object().unwrap().values());
    let examples = media.flat_map(|media| media["examples"].as_object().unwrap());
    examples
        .map(|(key, example)| (key.clone(), example["value"].clone()))
        .collect()
}

/// An empty name stands for the first item of an array.
fn code_of<'a>(body: &'a mut Value, path: &[&str]) -> &'a mut Value {
    path.iter().fold(body, |value, name| match *name {
        "" => &mut value[0],
        name => &mut value[name],
    })
}
