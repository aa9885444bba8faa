use std::fmt::Write;

use quote::ToTokens;
use syn::LitStr;

use crate::attributes::{Detail, Input, Message, Variant};

/// The rows, and the constant that holds them.
pub(super) fn write(input: &Input, code: &mut String) {
    code.push_str("const __ROWS: &[__edge::Definition] = &[");
    for variant in input.rows() {
        row(variant, code);
        code.push(',');
    }
    // Writing to a `String` does not fail.
    let _ = write!(
        code,
        "]; #[automatically_derived] impl {} {{
            /// The error reference: a row for each error.
            #[allow(dead_code)]
            {} const CATALOG: __edge::Catalog = __edge::Catalog::of_unique(__ROWS);
        }}",
        input.name,
        input.visibility.to_token_stream(),
    );
}

fn row(variant: &Variant, code: &mut String) {
    let row = &variant.row;
    let (key, kind) = (variant.key.value(), row.kind.iter());
    let _ = write!(code, "__edge::row({key:?}, __edge::Kind::");
    kind.for_each(|kind| code.push_str(&kind.to_string()));
    code.push(')');
    let mut call = |method: &str, text: Option<String>| {
        if let Some(text) = text {
            let _ = write!(code, ".{method}({text:?})");
        }
    };
    let message = row.message.as_ref().or(match &variant.message {
        Message::Static(text) => Some(text),
        _ => row.title.as_ref(),
    });
    let template = match &variant.message {
        Message::Template(template) => Some(template.text.clone()),
        _ => None,
    };
    call("with_title", row.title.as_ref().map(LitStr::value));
    call("with_message", message.map(LitStr::value));
    call("with_message_template", template);
    call("with_cause", row.cause.clone());
    code.push_str(&row.calls);
    if row.default.is_some() {
        code.push_str(".with_default(true)");
    }
    if !row.aliases.is_empty() {
        let aliases: Vec<_> = row.aliases.iter().map(LitStr::value).collect();
        let _ = write!(code, ".with_aliases(&{aliases:?})");
    }
    let details = variant.fields.iter();
    let mut details = details.filter_map(|field| field.detail.as_ref()).peekable();
    if details.peek().is_some() {
        code.push_str(".with_details(&[");
        details.for_each(|named| detail(named, code));
        code.push_str("])");
    }
}

fn detail(detail: &Detail, code: &mut String) {
    let (name, detail_type) = (detail.name.value(), detail.detail_type);
    let _ = write!(
        code,
        "__edge::DetailDefinition::new({name:?}, {detail_type})"
    );
    if detail.is_optional {
        code.push_str(".optional()");
    }
    if detail.visibility != "Public" {
        let _ = write!(
            code,
            ".with_visibility(__edge::Visibility::{})",
            detail.visibility
        );
    }
    if let Some(description) = &detail.description {
        let _ = write!(code, ".with_description({description:?})");
    }
    code.push(',');
}
