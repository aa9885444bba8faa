use std::fmt::Write;

use quote::ToTokens;

use crate::attributes::{Detail, Input, Message, Text, Variant};

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
    let (key, kind) = (&variant.key.value, row.kind.iter());
    // Writing to a `String` does not fail.
    let _ = write!(
        code,
        "__edge::Definition {{ key: {key:?}, kind: __edge::Kind::"
    );
    kind.for_each(|kind| code.push_str(&kind.to_string()));
    let message = row.message.as_ref().or(match &variant.message {
        Message::Static(text) => Some(text),
        _ => row.title.as_ref(),
    });
    let template = match &variant.message {
        Message::Template(template) => template.text.as_str(),
        _ => "",
    };
    let (title, message, fix) = (
        text(row.title.as_ref()),
        text(message),
        text(row.fix.as_ref()),
    );
    let cause = row.cause.as_deref().unwrap_or_default();
    let _ = write!(
        code,
        ", texts: [{title:?}, {message:?}, {template:?}, {cause:?}, {fix:?}], details: &["
    );
    let details = variant.details();
    details.for_each(|(_, named)| detail(named, code));
    code.push_str("], options: __edge::OWN }");
    code.push_str(&row.calls);
    if row.default.is_some() {
        code.push_str(".with_default(true)");
    }
    if !row.aliases.is_empty() {
        let aliases: Vec<_> = row.aliases.iter().map(|alias| &alias.value).collect();
        let _ = write!(code, ".with_aliases(&{aliases:?})");
    }
}

fn detail(detail: &Detail, code: &mut String) {
    let (name, detail_type) = (&detail.name.value, detail.detail_type);
    let _ = write!(
        code,
        "__edge::DetailDefinition {{ name: {name:?}, detail_type: {detail_type}, options: __edge::PUBLIC }}"
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

fn text(text: Option<&Text>) -> &str {
    text.map_or("", |text| &text.value)
}
