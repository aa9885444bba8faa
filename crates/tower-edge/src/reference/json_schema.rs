use std::iter;

use serde_json::{Map, Value, json};
use tower_edge_core::{Definition, DetailDefinition, Visibility};

use super::reference::Reference;
use super::shape::{Shape, Type};
use super::variants::{Variant, Variants};

impl Reference {
    /// The bodies of all errors as a [JSON Schema](https://json-schema.org/draft/2020-12): `$defs` has a schema for each
    /// code in each format, and one for all errors of a format, such as `PlexmcpError`. Rows that share a code share a
    /// schema.
    ///
    /// ```
    /// use tower_edge::problem::{Definition, DetailDefinition, DetailType, catalog};
    /// use tower_edge::reference::Reference;
    /// use tower_edge_formats::PlexMcp;
    ///
    /// catalog! {
    ///     static ERRORS;
    ///     #[api(Conflict)]
    ///     const ALREADY_EXISTS;
    /// }
    ///
    /// let schema = Reference::new("Shop API", &ERRORS).with_format(PlexMcp).to_json_schema();
    ///
    /// let error = &schema["$defs"]["PlexmcpAlreadyExists"]["properties"]["error"];
    /// assert_eq!(error["properties"]["code"]["const"], "already_exists");
    /// assert_eq!(error["properties"]["message"]["type"], "string");
    /// ```
    ///
    /// A member that the format always writes is required. A member that never varies is a constant. Further members
    /// are allowed. The schema leaves out everything that is sent in development only.
    #[must_use]
    pub fn to_json_schema(&self) -> Value {
        let formats = self.variants();
        let reference = |name: &str| json!({"$ref": format!("#/$defs/{name}")});
        let mut definitions = Map::new();
        for format in &formats {
            let union = one_of(format, format.variants.iter(), reference);
            definitions.extend(schemas(format, union));
        }
        let unions = formats.iter().map(|format| reference(&format.union));
        let mut schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": self.title,
            "anyOf": unions.collect::<Vec<_>>(),
            "$defs": definitions,
        });
        // A feature of serde_json decides whether members are sorted, and any crate can turn it on.
        schema.sort_all_objects();
        schema
    }
}

/// The schema of each code, and that of all.
pub(super) fn schemas(
    format: &Variants,
    mut union: Value,
) -> impl Iterator<Item = (String, Value)> {
    let of_codes = format
        .variants
        .iter()
        .map(|variant| (variant.name.clone(), schema(variant)));
    union["description"] = format!("An error in the format `{}`.", format.format.name).into();
    of_codes.chain(iter::once((format.union.clone(), union)))
}

/// One of these, distinguished by the code.
pub(super) fn one_of<'a>(
    format: &Variants,
    variants: impl Iterator<Item = &'a Variant>,
    reference: impl Fn(&str) -> Value,
) -> Value {
    let of_codes: Vec<_> = variants.map(|variant| reference(&variant.name)).collect();
    // Without a code, a body may be that of several rows.
    let word = if format.code_path.is_some() {
        "oneOf"
    } else {
        "anyOf"
    };
    json!({word: of_codes})
}

fn schema(variant: &Variant) -> Value {
    let mut schema = of_shape(&variant.shape, &variant.rows);
    if let Some(members) = schema.as_object_mut() {
        let mut text = description(&variant.rows);
        if let Some(note) = variant.deprecation() {
            text = format!("{text}\nDeprecated: {note}");
            members.insert("deprecated".to_owned(), true.into());
        }
        members.insert("description".to_owned(), text.into());
        if let [row] = &*variant.rows {
            members.insert("title".to_owned(), row.title().into());
        }
    }
    schema
}

fn of_shape(shape: &Shape, rows: &[&Definition]) -> Value {
    let mut schema = Map::new();
    let mut set = |word: &str, value: Value| schema.insert(word.to_owned(), value);
    let mut constants = shape.constants.clone();
    if shape.is_any() {
        return Value::Object(schema);
    }
    let types: Vec<_> = shape.types().map(Type::name).collect();
    match &*types {
        [] => return Value::Object(schema),
        [only] => set("type", (*only).into()),
        several => set("type", several.into()),
    };
    if let Some(constant) = shape.constant() {
        set("const", constant.clone());
    } else if !constants.is_empty() && shape.items.is_none() && shape.members.is_empty() {
        constants.extend(shape.types.contains(&Type::Null).then_some(Value::Null));
        set("enum", constants.into());
    } else if let Some(format) = shape.text_format {
        set("format", format.name().into());
    }
    if let Some(items) = shape.items.as_deref() {
        set("items", of_shape(items, rows));
    }
    if !shape.members.is_empty() {
        let required = shape
            .members
            .iter()
            .filter(|(_, member)| member.is_required);
        let required: Vec<_> = required.map(|(name, _)| &**name).collect();
        if !required.is_empty() {
            set("required", required.into());
        }
        let members = shape.members.iter().map(|(name, member)| {
            let mut schema = of_shape(&member.shape, rows);
            if let (Some(text), Some(members)) =
                (detail_description(name, rows), schema.as_object_mut())
            {
                members.insert("description".to_owned(), text.into());
            }
            (name.clone(), schema)
        });
        set("properties", Value::Object(members.collect()));
    }
    Value::Object(schema)
}

/// The description of the detail with the name of a member.
pub(super) fn detail_description(name: &str, rows: &[&Definition]) -> Option<&'static str> {
    let details = rows.iter().flat_map(|row| row.details());
    let details = details.filter(|detail| detail.visibility() == Visibility::Public);
    let mut texts = details
        .filter(|detail| detail.name() == name)
        .map(DetailDefinition::description);
    texts.find(|text| !text.is_empty())
}

/// The message of each row, its cause, and what to do about it, each in a line.
pub(super) fn description(rows: &[&Definition]) -> String {
    let mut texts: Vec<String> = Vec::new();
    for row in rows {
        let lines = [
            ("", row.message_template()),
            ("Cause: ", row.cause()),
            ("Fix: ", row.resolution()),
        ];
        let lines = lines.iter().filter(|(_, text)| !text.is_empty());
        let lines: Vec<_> = lines
            .map(|(label, text)| format!("{label}{}", sentence(text)))
            .collect();
        let text = lines.join("\n");
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts.join("\n\n")
}

fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}
