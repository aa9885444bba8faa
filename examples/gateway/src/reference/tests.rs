use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::slice;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use tower_edge::envelope::{Context, Format};
use tower_edge::problem::{LAYERS, catalog};
use tower_edge::reference::Reference;
use tower_edge::{Kind, Problem};
use tower_edge_formats::{mcp, routermcp};
use tower_edge_tests::assert_is_current;

use super::reference;
use crate::formats::{MCP, by_prefixes, problem_details};

#[test]
fn the_files_say_what_the_errors_and_the_formats_are() {
    let reference = reference();

    for (file, text) in [
        ("errors.d.ts", reference.to_typescript()),
        ("errors.html", reference.to_html()),
        ("errors.schema.json", pretty(&reference.to_json_schema())),
        ("openapi.json", pretty(&document(&reference))),
    ] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("reference");
        assert_is_current(&folder.join(file), &text, "gateway --bin gateway reference");
    }
}

#[test]
fn an_error_has_the_limit_fields_of_its_prefix() {
    let document = document(&reference());
    let fields = |name: &str| -> Vec<String> {
        let headers = document["components"]["responses"][name]["headers"].as_object();
        let names = headers.map(|headers| headers.keys().cloned().collect());
        names.unwrap_or_default()
    };

    let [id, wait] = ["X-Correlation-ID", "Retry-After"];
    let ietf = ["RateLimit", "RateLimit-Policy"];
    let [limit, left, reset] = [
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
    ];
    assert_eq!(fields("Problem404"), [ietf[0], ietf[1], id]);
    assert_eq!(fields("Problem429"), [ietf[0], ietf[1], wait, id]);
    assert_eq!(fields("Problem426"), ["Upgrade", id]);
    assert_eq!(fields("Plexmcp404"), [id, limit, left, reset]);
    assert_eq!(fields("Plexmcp429"), [wait, id, limit, left, reset]);
}

fn pretty(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value);
    text.unwrap_or_default() + "\n"
}

/// The document in `openapi.json`, with the paths of each prefix, and with the errors of each operation in its format.
///
/// There, `x-paths` are the paths under a prefix, `x-problems` the kinds that an operation fails with, and `x-gates` those
/// that the layers of each prefix reject with.
fn document(reference: &Reference) -> Value {
    let document = serde_json::from_str(include_str!("openapi.json"));
    let mut document: Map<String, Value> = document.expect("an object");
    for reference in [reference].into_iter().chain(&of_mcp()) {
        reference.add_to_openapi(&mut document);
    }
    let [items, gates] = ["x-paths", "x-gates"].map(|name| document.remove(name));
    let mut document = Value::Object(document);
    set_limit_fields(&mut document["components"]["responses"]);
    let components = document["components"]["responses"].clone();
    let mut paths = document["paths"].take();
    let details = ("Problem", Arc::new(problem_details()) as Arc<dyn Format>);
    for item in members(&mut paths) {
        add_errors(item, None, slice::from_ref(&details), &components);
    }
    for (prefix, format) in by_prefixes() {
        let name = prefix[1..2].to_uppercase() + &prefix[2..];
        let own = (&*name, format);
        for (path, item) in items.iter().filter_map(Value::as_object).flatten() {
            let mcp = |own| [own, ("Mcp", Arc::new(MCP) as Arc<dyn Format>)];
            let formats = match (prefix, &**path) {
                ("/ads", "/mcp") => &mcp(own.clone())[..],
                ("/routermcp", "/mcp") => &mcp(("RoutermcpRpc", Arc::new(routermcp::RPC))),
                (_, "/mcp") => continue,
                _ => slice::from_ref(&own),
            };
            let mut item = item.clone();
            complete(&mut item, prefix);
            add_errors(&mut item, gates.as_ref(), formats, &components);
            if path == "/mcp" {
                paths[format!("{prefix}/mcp/")] = item.clone();
            }
            paths[format!("{prefix}{path}")] = item;
        }
    }
    document["paths"] = paths;
    document.sort_all_objects();
    document
}

/// What differs between the prefixes: the versions of clients, the fields of limits, and data in an object.
fn complete(item: &mut Value, prefix: &str) {
    if prefix == "/plexichat" {
        item["parameters"][0]["$ref"] = "#/components/parameters/StagedClientVersion".into();
    }
    let fields = fields(prefix);
    for operation in members(item).filter(|operation| operation.is_object()) {
        for response in members(&mut operation["responses"]) {
            response["headers"] = fields.clone().into();
            let data = response.pointer_mut("/content/application~1json/schema");
            if let Some(data) = data.filter(|_| prefix == "/medianest") {
                *data = json!({
                    "type": "object",
                    "required": ["success", "data"],
                    "properties": {"success": {"const": true}, "data": data.take()},
                });
            }
        }
    }
}

/// A prefix has the fields of one style, on errors of handlers too. A client that is too old never reaches the limit.
fn set_limit_fields(responses: &mut Value) {
    for (name, response) in responses.as_object_mut().into_iter().flatten() {
        let prefix = name.starts_with("Problem").then_some("/problem");
        let Some(headers) = response["headers"].as_object_mut() else {
            continue;
        };
        headers.retain(|name, _| !name.contains("RateLimit"));
        if !name.ends_with("426") {
            headers.extend(fields(prefix.unwrap_or_default()));
        }
    }
}

/// The fields that the layers write on each response under the prefix.
fn fields(prefix: &str) -> Map<String, Value> {
    let fields = match prefix {
        "/problem" => &["X-Correlation-ID", "RateLimit", "RateLimit-Policy"][..],
        _ => &X_RATE_LIMIT,
    };
    let fields = fields.iter().map(|name| {
        let reference = format!("#/components/headers/{}", name.replace('-', ""));
        ((*name).to_owned(), json!({"$ref": reference}))
    });
    fields.collect()
}

/// Adds the responses to what the operations fail with, which the formats may write under different statuses.
fn add_errors(
    item: &mut Value,
    gates: Option<&Value>,
    formats: &[(&str, Arc<dyn Format>)],
    components: &Value,
) {
    for operation in members(item).filter(|operation| operation.is_object()) {
        let own = operation
            .as_object_mut()
            .and_then(|own| own.remove("x-problems"));
        let kinds = own
            .iter()
            .chain(gates)
            .filter_map(Value::as_array)
            .flatten();
        let kinds = kinds.filter_map(|name| Kind::ALL.iter().find(|kind| *name == kind.name()));
        let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (kind, (name, format)) in
            kinds.flat_map(|kind| formats.iter().map(move |of| (kind, of)))
        {
            let status = format.status(&Problem::new(*kind), &Context::default());
            let names = names.entry(status.as_str().to_owned()).or_default();
            names.insert(format!("{name}{}", status.as_str()));
        }
        for (status, names) in names {
            // JSON-RPC has errors under 200 too.
            if operation["responses"].get(&status).is_none() {
                let names: Vec<_> = names.iter().map(|name| &**name).collect();
                operation["responses"][status] = response(&names, components);
            }
        }
    }
}

/// The component, or what two of them have together.
fn response(names: &[&str], components: &Value) -> Value {
    let [one, other] = names else {
        return json!({"$ref": format!("#/components/responses/{}", names.concat())});
    };
    let (mut both, other) = (components[one].clone(), &components[other]);
    let content = |response: &Value| response["content"]["application/json"]["schema"].clone();
    let schemas = [content(&both), content(other)];
    both["content"] = json!({"application/json": {"schema": {"anyOf": schemas}}});
    for (name, field) in other["headers"].as_object().into_iter().flatten() {
        both["headers"][name] = field.clone();
    }
    both
}

fn members(object: &mut Value) -> impl Iterator<Item = &mut Value> {
    object.as_object_mut().into_iter().flat_map(Map::values_mut)
}

const X_RATE_LIMIT: [&str; 4] = [
    "X-Correlation-ID",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
];

/// The errors of MCP have catalogues of their own, with several codes for one kind.
fn of_mcp() -> [Reference; 2] {
    [
        Reference::new("", &MCP_ERRORS).with_named_format("mcp", MCP),
        Reference::new("", &RPC_ERRORS).with_named_format("routermcp_rpc", routermcp::RPC),
    ]
}

catalog! {
    static MCP_ERRORS = [mcp::CATALOG, LAYERS];
}
catalog! {
    static RPC_ERRORS = [routermcp::CATALOG, LAYERS];
}
