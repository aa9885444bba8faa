use std::collections::BTreeMap;

use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};
use tower_edge_core::Definition;

use super::code_path::Step;
use super::example::example;
use super::headers;
use super::json_schema::{one_of, schemas};
use super::reference::Reference;
use super::variants::{Variant, Variants};

impl Reference {
    /// The [`components`](https://spec.openapis.org/oas/v3.1.1.html#components-object) of an OpenAPI 3.1 document.
    ///
    /// - `schemas` has the schemas of [`to_json_schema`](Self::to_json_schema). A format with its code at the top level
    ///   of the body has a `discriminator`.
    /// - `responses` has a response for each status in each format, such as `Plexmcp409`, with the header fields that
    ///   the format and the layers write, and an example of each row.
    /// - `headers` has these fields.
    ///
    /// A 429 has the limit fields of every `HeaderStyle`, since a catalogue does not determine the style of the limits.
    /// The limits write these fields on other responses too.
    ///
    /// ```
    /// use tower_edge::problem::catalog;
    /// use tower_edge::reference::Reference;
    /// use tower_edge_formats::PlexMcp;
    ///
    /// catalog! {
    ///     static ERRORS;
    ///     #[api(NotFound)]
    ///     const NOT_FOUND;
    ///     #[api(RateLimited)]
    ///     const RATE_LIMITED;
    /// }
    ///
    /// let components = Reference::new("Shop API", &ERRORS).with_format(PlexMcp).to_openapi();
    ///
    /// let responses = &components["responses"];
    /// assert_eq!(responses["Plexmcp429"]["headers"]["Retry-After"]["$ref"], "#/components/headers/RetryAfter");
    /// let schema = &responses["Plexmcp404"]["content"]["application/json"]["schema"];
    /// assert_eq!(schema["$ref"], "#/components/schemas/PlexmcpNotFound");
    /// ```
    #[must_use]
    pub fn to_openapi(&self) -> Value {
        let (mut schemas, mut responses) = (Map::new(), Map::new());
        let mut fields = Vec::new();
        for format in &self.variants() {
            let union = discriminated(format, format.variants.iter());
            schemas.extend(self::schemas(format, union));
            for response in Response::of(format, |_| true) {
                fields.extend(headers::of(
                    response.status,
                    response.rows(),
                    &response.fields,
                ));
                let name = format!("{}{}", format.prefix, response.status.as_str());
                responses.insert(name, response.to_value(format));
            }
        }
        let fields = fields
            .iter()
            .map(|name| (headers::component(name), headers::header(name)));
        let mut components = json!({
            "headers": fields.collect::<Map<_, _>>(),
            "responses": responses,
            "schemas": schemas,
        });
        // As in the JSON Schema.
        components.sort_all_objects();
        components
    }

    /// Adds the [components](Self::to_openapi) to those of an OpenAPI document. They replace components with the same
    /// names.
    ///
    /// ```
    /// use serde_json::{Map, json};
    /// use tower_edge::problem::catalog;
    /// use tower_edge::reference::Reference;
    /// use tower_edge_formats::PlexMcp;
    ///
    /// catalog! {
    ///     static ERRORS;
    ///     #[api(NotFound)]
    ///     const NOT_FOUND;
    /// }
    ///
    /// let mut document = Map::from_iter([
    ///     ("openapi".to_owned(), json!("3.1.1")),
    ///     ("info".to_owned(), json!({"title": "Shop API", "version": "1"})),
    /// ]);
    /// Reference::new("Shop API", &ERRORS).with_format(PlexMcp).add_to_openapi(&mut document);
    ///
    /// assert!(document["components"]["responses"]["Plexmcp404"].is_object());
    /// ```
    pub fn add_to_openapi(&self, document: &mut Map<String, Value>) {
        let mut added = self.to_openapi();
        let Some(components) = object(document, "components") else {
            return;
        };
        for (kind, added) in added.as_object_mut().into_iter().flatten() {
            if let (Some(known), Some(added)) = (object(components, kind), added.as_object_mut()) {
                known.append(added);
            }
        }
    }
}

/// The members of the object under this name. The object replaces any other value.
fn object<'a>(
    members: &'a mut Map<String, Value>,
    name: &str,
) -> Option<&'a mut Map<String, Value>> {
    let value = members.entry(name).or_insert(Value::Null);
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut()
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// One of these schemas, with the member that distinguishes them, if it is at the top level. A discriminator is text.
fn discriminated<'a>(
    format: &Variants,
    variants: impl Iterator<Item = &'a Variant> + Clone,
) -> Value {
    let mut schema = one_of(format, variants.clone(), reference);
    let mapping = variants.map(|variant| {
        let name = format!("#/components/schemas/{}", variant.name);
        Some((variant.code.as_ref()?.as_str()?.to_owned(), name.into()))
    });
    let mapping: Option<Map<_, Value>> = mapping.collect();
    if let (Some([Step::Member(name)]), Some(mapping)) = (format.code_path.as_deref(), mapping) {
        schema["discriminator"] = json!({"propertyName": name, "mapping": mapping});
    }
    schema
}

/// The responses with one status.
pub(super) struct Response<'a> {
    /// The fields of the format, and `Retry-After`.
    fields: HeaderMap,
    rows: Vec<&'static Definition>,
    pub(super) status: StatusCode,
    variants: Vec<&'a Variant>,
}

impl<'a> Response<'a> {
    /// The responses to these rows.
    pub(super) fn of(format: &'a Variants, is_row: impl Fn(&Definition) -> bool) -> Vec<Self> {
        let mut responses: BTreeMap<StatusCode, Self> = BTreeMap::new();
        for variant in &format.variants {
            let rows = variant.rows.iter().filter(|row| is_row(row));
            let rows: Vec<_> = rows.copied().collect();
            let statuses = variant.statuses.iter().filter(|_| !rows.is_empty());
            for (status, fields) in statuses {
                let response = responses.entry(*status).or_insert_with(|| Self {
                    fields: HeaderMap::new(),
                    rows: Vec::new(),
                    status: *status,
                    variants: Vec::new(),
                });
                response.fields.extend(fields.clone());
                response.rows.extend(&rows);
                response.variants.push(variant);
            }
        }
        responses.into_values().collect()
    }

    pub(super) fn to_value(&self, format: &Variants) -> Value {
        let fields = headers::of(self.status, self.rows(), &self.fields).into_iter();
        let fields = fields.map(|name| {
            let reference = format!("#/components/headers/{}", headers::component(&name));
            (headers::display(&name), json!({"$ref": reference}))
        });
        let content_type = format.content_type.to_str().unwrap_or_default();
        json!({
            "description": self.description(),
            "headers": fields.collect::<Map<_, _>>(),
            "content": {content_type: {"schema": self.schema(format), "examples": self.examples(format)}},
        })
    }

    fn rows(&self) -> impl Iterator<Item = &'static Definition> + Clone {
        self.rows.iter().copied()
    }

    fn description(&self) -> String {
        let codes: Vec<_> = self
            .variants
            .iter()
            .map(|variant| variant.label())
            .collect();
        let phrase = self.status.canonical_reason().unwrap_or("Error");
        format!("{phrase}: {}", codes.join(", "))
    }

    fn schema(&self, format: &Variants) -> Value {
        let one = match &*self.variants {
            [variant] => reference(&variant.name),
            several => discriminated(format, several.iter().copied()),
        };
        match format.has_batches {
            true => json!({"anyOf": [one, {"type": "array", "items": one}]}),
            false => one,
        }
    }

    fn examples(&self, format: &Variants) -> Map<String, Value> {
        let examples = self.rows().filter_map(|row| {
            let example = example(row, &*format.format.format);
            let body: Value = serde_json::from_str(&example.body).ok()?;
            let value = json!({"summary": row.title(), "value": body});
            (example.status == self.status).then(|| (row.key().to_owned(), value))
        });
        examples.collect()
    }
}
