//! A document with the components of every format.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use std::{env, fs};

use serde_json::{Map, Value, json};
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::reference::Reference;
use tower_edge_formats::JsonApi;

use crate::references::{self, SHOP};

#[test]
fn a_validator_of_openapi_accepts_the_components() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reference-openapi.json");
    let document = &DOCUMENT;
    fs::write(&file, document.to_string()).unwrap();

    let (accepted, printed) = validate(&file);
    assert!(accepted, "{printed}; {INSTALL}");

    // It looks at what it accepts.
    let broken = document
        .to_string()
        .replace("\"description\":\"Not Found", "\"described\":\"Not Found");
    fs::write(&file, broken).unwrap();
    let (accepted, printed) = validate(&file);
    assert!(
        !accepted && printed.contains("description"),
        "{printed}; {INSTALL}"
    );
}

#[test]
fn a_response_has_the_fields_of_the_format_and_of_layers() {
    let document = &DOCUMENT;
    let fields = |name: &str| -> Vec<String> {
        let response = &document["components"]["responses"][name];
        response["headers"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    };

    assert_eq!(
        fields("Medianest401"),
        ["WWW-Authenticate", "X-Correlation-ID", "X-Error-Code"]
    );
    assert_eq!(
        fields("Plexmcp429"),
        [
            "RateLimit",
            "RateLimit-Policy",
            "Retry-After",
            "X-Correlation-ID",
            "X-RateLimit-Limit",
            "X-RateLimit-Remaining",
            "X-RateLimit-Reset",
        ]
    );
    assert_eq!(fields("Plexmcp405"), ["Allow", "X-Correlation-ID"]);
    assert_eq!(fields("Plexmcp426"), ["Upgrade", "X-Correlation-ID"]);
}

#[test]
fn a_code_at_the_top_level_is_a_discriminator() {
    let schemas = &DOCUMENT["components"]["schemas"];

    let of = |name: &str| schemas[name]["discriminator"]["propertyName"].clone();
    assert_eq!(of("ProblemDetailsError"), "type");
    assert_eq!(of("AdsMcpError"), "code");
    assert_eq!(of("PlexmcpError"), Value::Null);
    let mapping = &schemas["ProblemDetailsError"]["discriminator"]["mapping"];
    assert_eq!(
        mapping["https://shop.example/errors/closed"],
        "#/components/schemas/ProblemDetailsClosed"
    );
}

#[test]
fn formats_whose_names_are_one_type_have_responses_of_their_own() {
    let responses = |reference: Reference| {
        let components = reference.to_openapi();
        components["responses"].as_object().unwrap().len()
    };
    let shop = || Reference::new("Shop", &SHOP);
    let (one, other) = (JsonApi::new(), ProblemDetails::new());

    let both = shop()
        .with_named_format("shop_v1", one)
        .with_named_format("shop-v1", other.clone());

    let each = responses(shop().with_format(one)) + responses(shop().with_format(other));
    assert_eq!(responses(both), each);
}

#[test]
fn components_of_the_document_stay() {
    let document = &DOCUMENT;

    assert_eq!(document["components"]["schemas"]["Order"]["type"], "object");
}

/// Each response stands at an operation.
static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

fn document() -> Value {
    let mut document = Map::new();
    document.insert("openapi".to_owned(), json!("3.1.0"));
    document.insert("info".to_owned(), json!({"title": "All", "version": "1"}));
    document.insert(
        "components".to_owned(),
        json!({"schemas": {"Order": {"type": "object"}}}),
    );
    for written in references::all() {
        written.reference.add_to_openapi(&mut document);
    }
    let responses = document["components"]["responses"]
        .as_object()
        .unwrap()
        .keys();
    let paths = responses.map(|name| {
        let (_, status) = name.split_at(name.len() - 3);
        let response = json!({"$ref": format!("#/components/responses/{name}")});
        (
            format!("/{name}"),
            json!({"get": {"responses": {status: response}}}),
        )
    });
    let paths: Map<_, _> = paths.collect();
    document.insert("paths".to_owned(), paths.into());
    document.into()
}

/// Whether the validator accepts the file, and what it says.
pub(crate) fn validate(file: &Path) -> (bool, String) {
    let tools = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../target/tools/reference-tools/python"
    );
    let python = ["python3", "/usr/bin/python3"].into_iter().find(|python| {
        let mut probe = Command::new(python);
        probe
            .args(["-c", "import openapi_spec_validator"])
            .env("PYTHONPATH", tools);
        probe.output().is_ok_and(|probe| probe.status.success())
    });
    let python =
        python.unwrap_or_else(|| panic!("no Python with openapi-spec-validator; {INSTALL}"));
    let mut command = Command::new(python);
    command
        .args(["-m", "openapi_spec_validator"])
        .arg(file)
        .env("PYTHONPATH", tools);
    let output = command.output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&printed).into_owned(),
    )
}

pub(crate) const INSTALL: &str = "`cargo xtask test` installs openapi-spec-validator";
