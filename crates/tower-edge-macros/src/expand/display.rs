use std::fmt::Write;

use quote::ToTokens;

use super::pattern::{path, pattern};
use crate::attributes::{Input, Variant};

/// The code that thiserror would write: `Display`, `Error`, and `From` for the fields that have it.
pub(super) fn write(input: &Input, code: &mut String) {
    let name = &input.name;
    // Writing to a `String` does not fail.
    let _ = write!(
        code,
        "#[automatically_derived] impl ::core::fmt::Display for {name} {{
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {{
                __edge::display(__ROWS, self, f)
            }}
        }}
        #[automatically_derived] impl ::core::error::Error for {name} {{"
    );
    source(input, code);
    code.push('}');
    for variant in &input.variants {
        from(input, variant, code);
    }
}

fn source(input: &Input, code: &mut String) {
    let mut arms = String::new();
    let mut rest = "";
    for variant in &input.variants {
        let Some(field) = variant.sources().next() else {
            rest = "_ => ::core::option::Option::None,";
            continue;
        };
        let pattern = pattern(input, variant, std::iter::once(field));
        let binding = field.binding_text();
        let _ = if variant.is_forwarded() {
            write!(
                arms,
                "{pattern} => ::core::error::Error::source({binding}.as_dyn_error()),"
            )
        } else if field.is_optional() {
            write!(
                arms,
                "{pattern} => {binding}.as_ref().map(|source| source.as_dyn_error()),"
            )
        } else {
            write!(
                arms,
                "{pattern} => ::core::option::Option::Some({binding}.as_dyn_error()),"
            )
        };
    }
    if !arms.is_empty() {
        let _ = write!(
            code,
            "fn source(&self) -> ::core::option::Option<&(dyn ::core::error::Error + 'static)> {{
                use __edge::AsDynError as _;
                match self {{ {arms} {rest} }}
            }}"
        );
    }
}

fn from(input: &Input, variant: &Variant, code: &mut String) {
    let Some(field) = variant.fields.iter().find(|field| field.is_from) else {
        return;
    };
    let (name, ty) = (&input.name, field.ty.to_token_stream());
    let (path, member) = (path(input, variant), &field.member_text);
    let _ = write!(
        code,
        "#[automatically_derived] impl ::core::convert::From<{ty}> for {name} {{
            fn from(source: {ty}) -> Self {{ {path} {{ {member}: source }} }}
        }}"
    );
}
