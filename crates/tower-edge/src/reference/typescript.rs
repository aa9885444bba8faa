use std::fmt::Write;

use serde_json::Value;
use tower_edge_core::Definition;

use super::code_path::Step;
use super::json_schema::{description, detail_description};
use super::reference::Reference;
use super::shape::{Shape, Type};
use super::variants::{Variant, Variants};

impl Reference {
    /// The bodies of all errors as types of TypeScript: a union for each format, distinguished by the code.
    ///
    /// ```
    /// use tower_edge::problem::catalog;
    /// use tower_edge::reference::Reference;
    /// use tower_edge_formats::PlexMcp;
    ///
    /// catalog! {
    ///     static ERRORS;
    ///     #[api(Conflict)]
    ///     const ALREADY_EXISTS;
    ///     #[api(NotFound)]
    ///     const NOT_FOUND;
    /// }
    ///
    /// let types = Reference::new("Shop API", &ERRORS).with_format(PlexMcp).to_typescript();
    ///
    /// assert!(types.contains("export type PlexmcpCode = PlexmcpError[\"error\"][\"code\"];"));
    /// assert!(types.contains("code: \"already_exists\";"));
    /// ```
    ///
    /// In a client that switches over `body.error.code`, each branch has the members of that code. With `const rest:
    /// never = body.error` in the last branch, the client does not compile if a code is missing. At run time, have a
    /// default too: a service may send a code that is newer than the types, and a proxy may send any other body.
    #[must_use]
    pub fn to_typescript(&self) -> String {
        let mut out = String::from("// The errors of ");
        // These end a line (ECMA-262, section 12.3, https://tc39.es/ecma262/#sec-line-terminators).
        let ends_line = ['\n', '\r', '\u{2028}', '\u{2029}'];
        out.push_str(&self.title.replace(ends_line, " "));
        out.push_str(".\n// tower-edge has written this file, with `Reference::to_typescript`: do not edit it.\n");
        for format in &self.variants() {
            union(format, &mut out);
            for variant in &format.variants {
                member_of_union(variant, format, &mut out);
            }
        }
        out
    }
}

/// The type of a whole body, and that of the codes.
fn union(format: &Variants, out: &mut String) {
    let names: Vec<_> = format
        .variants
        .iter()
        .map(|variant| &*variant.name)
        .collect();
    let mut all = Shape::default();
    for (at, variant) in format.variants.iter().enumerate() {
        match at {
            0 => all = variant.shape.clone(),
            _ => all.merge(variant.shape.clone()),
        }
    }
    let Variants {
        union,
        format: named,
        ..
    } = format;
    comment(
        &format!("An error in the format `{}`.", named.name),
        None,
        "",
        out,
    );
    out.push_str("export type ");
    out.push_str(union);
    out.push_str(" = ");
    let names = names.join("\n    | ");
    let names = format!("\n    | {names}");
    write_type(&all, &[], Some((holder(format), &names)), "", out);
    out.push_str(";\n");
    if let Some(path) = &format.code_path {
        comment(&format!("A code of [`{union}`]."), None, "", out);
        // Writing to a `String` does not fail.
        let _ = write!(out, "export type {}Code = {union}", format.prefix);
        for step in path {
            let _ = match step {
                Step::Items => write!(out, "[number]"),
                Step::Member(name) => write!(out, "[{}]", Value::from(&**name)),
            };
        }
        out.push_str(";\n");
    }
}

/// The type of the object that has the code.
fn member_of_union(variant: &Variant, format: &Variants, out: &mut String) {
    let Some(shape) = variant.shape.at(holder(format)) else {
        return;
    };
    comment(&description(&variant.rows), variant.deprecation(), "", out);
    out.push_str("export type ");
    out.push_str(&variant.name);
    out.push_str(" = ");
    write_type(shape, &variant.rows, None, "", out);
    out.push_str(";\n");
}

/// The path to the object that has the code: TypeScript distinguishes objects only by their own members.
fn holder(format: &Variants) -> &[Step] {
    let path = format.code_path.as_deref().unwrap_or_default();
    let is_member = |step: &Step| matches!(step, Step::Member(_));
    path.iter()
        .rposition(is_member)
        .and_then(|at| path.get(..at))
        .unwrap_or_default()
}

/// Another type at the end of a path.
type Inserted<'a> = Option<(&'a [Step], &'a str)>;

fn write_type(
    shape: &Shape,
    rows: &[&Definition],
    inserted: Inserted<'_>,
    indent: &str,
    out: &mut String,
) {
    if let Some(([], text)) = inserted {
        out.truncate(out.trim_end_matches(' ').len());
        out.push_str(text);
        return;
    }
    if shape.is_any() || shape.types.is_empty() {
        out.push_str("unknown");
        return;
    }
    for constant in &shape.constants {
        separate(out);
        out.push_str(&constant.to_string());
    }
    for of in shape.types() {
        let is_scalar = matches!(
            of,
            Type::Boolean | Type::Integer | Type::Number | Type::String
        );
        if is_scalar && !shape.constants.is_empty() {
            continue;
        }
        separate(out);
        match of {
            Type::Array => write_array(shape, rows, inserted, indent, out),
            Type::Integer | Type::Number => out.push_str("number"),
            Type::Object => write_object(shape, rows, inserted, indent, out),
            other => out.push_str(other.name()),
        }
    }
}

/// Separates two types of a union.
fn separate(out: &mut String) {
    if !out.ends_with([' ', '<']) {
        out.push_str(" | ");
    }
}

fn write_array(
    shape: &Shape,
    rows: &[&Definition],
    inserted: Inserted<'_>,
    indent: &str,
    out: &mut String,
) {
    let rest = inserted.and_then(|(path, text)| match path {
        [Step::Items, rest @ ..] => Some((rest, text)),
        _ => None,
    });
    out.push_str("Array<");
    match shape.items.as_deref() {
        Some(items) => write_type(items, rows, rest, indent, out),
        None => out.push_str("unknown"),
    }
    out.push('>');
}

fn write_object(
    shape: &Shape,
    rows: &[&Definition],
    inserted: Inserted<'_>,
    indent: &str,
    out: &mut String,
) {
    if shape.members.is_empty() {
        out.push_str("{ [name: string]: unknown }");
        return;
    }
    let inner = format!("{indent}  ");
    out.push_str("{\n");
    for (name, member) in &shape.members {
        let rest = inserted.and_then(|(path, text)| match path {
            [Step::Member(first), rest @ ..] if first == name => Some((rest, text)),
            _ => None,
        });
        if let Some(text) = detail_description(name, rows) {
            comment(text, None, &inner, out);
        }
        out.push_str(&inner);
        out.push_str(&member_name(name));
        out.push_str(if member.is_required { ": " } else { "?: " });
        write_type(&member.shape, rows, rest, &inner, out);
        out.push_str(";\n");
    }
    if shape.is_map {
        out.push_str(&inner);
        out.push_str("[name: string]: unknown;\n");
    }
    out.push_str(indent);
    out.push('}');
}

fn member_name(name: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.chars().all(is_word)
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
    {
        name.to_owned()
    } else {
        Value::from(name).to_string()
    }
}

fn comment(text: &str, deprecation: Option<&str>, indent: &str, out: &mut String) {
    if indent.is_empty() {
        out.push('\n');
    }
    let deprecation = deprecation.map(|note| format!("@deprecated {note}"));
    let lines: Vec<_> = text
        .lines()
        .chain(deprecation.iter().flat_map(|note| note.lines()))
        .map(|line| line.replace("*/", "*\\/"))
        .collect();
    let _ = match &*lines {
        [] => Ok(()),
        [line] => writeln!(out, "{indent}/** {line} */"),
        lines => {
            let lines = lines.join(&format!("\n{indent} * "));
            writeln!(out, "{indent}/**\n{indent} * {lines}\n{indent} */")
        }
    };
}
