use std::fmt::Write;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::implementation::tokens;
use super::pattern::{pattern, pattern_of};
use crate::attributes::{Field, Input, Message, Variant};

/// `From` for `Problem`.
pub(super) fn problem(input: &Input) -> syn::Result<TokenStream> {
    let name = &input.name;
    let arms = input.variants.iter().map(|variant| arm(input, variant));
    let arms = arms.collect::<syn::Result<TokenStream>>()?;
    let message = tokens(&message(input))?;
    Ok(quote! {
        #[automatically_derived]
        impl ::core::convert::From<#name> for __edge::Problem {
            fn from(error: #name) -> Self {
                use __edge::ProblemExt as _;
                #message
                __edge::with_message(match error { #arms }, message)
            }
        }
    })
}

/// The message of an error with fields in it, which the problem takes over. All else has that of its row.
fn message(input: &Input) -> String {
    let mut displayed = Vec::new();
    let mut formatted = String::new();
    let mut rest = "";
    for variant in &input.variants {
        let Message::Template(template) = &variant.message else {
            rest = "_ => ::core::option::Option::None,";
            continue;
        };
        // What thiserror displays has what is redacted here.
        if template.has_redacted && input.container.has_thiserror {
            let pattern = pattern_of(input, variant, template);
            let format = &template.format;
            // Writing to a `String` does not fail.
            let _ = write!(
                formatted,
                "{pattern} => ::core::option::Option::Some(::std::format!({format:?}"
            );
            for argument in &template.arguments {
                let _ = write!(formatted, ", {argument}");
            }
            formatted.push_str(")),");
        } else {
            displayed.push(pattern(input, variant, std::iter::empty()));
        }
    }
    let mut arms = displayed.join("|");
    if !displayed.is_empty() {
        arms.push_str(" => __edge::text(&error),");
    }
    format!("let message = match &error {{ {arms} {formatted} {rest} }};")
}

fn arm(input: &Input, variant: &Variant) -> syn::Result<TokenStream> {
    if variant.row.transparent.is_some() {
        let mut arm = tokens(&format!("{} => ", pattern(input, variant, variant.inner())))?;
        arm.extend(variant.inner().map(|field| {
            let binding = field.binding();
            quote_spanned!(field.span=> __edge::transparent(#binding),)
        }));
        return Ok(arm);
    }
    let is_told = |field: &&Field| {
        let is_sent = field.detail.is_some() && !field.is_redacted;
        variant.is_source(field) || is_sent || field.fields.is_some() || field.retry_after.is_some()
    };
    let pattern = pattern(input, variant, variant.fields.iter().filter(is_told));
    let at = input.row_index(variant);
    let mut arm = tokens(&format!("{pattern} => __edge::problem(&__ROWS[{at}])"))?;
    for field in &variant.fields {
        tell(field, variant, &mut arm);
    }
    arm.extend(quote!(,));
    Ok(arm)
}

/// Adds what the field tells of the problem.
fn tell(field: &Field, variant: &Variant, arm: &mut TokenStream) {
    let (binding, span) = (field.binding(), field.span);
    if let Some(detail) = &field.detail {
        let name = &detail.name;
        let value = if field.is_redacted {
            quote!("[redacted]")
        } else {
            quote!(#binding)
        };
        arm.extend(match detail.visibility {
            "Development" => quote_spanned!(span=> .development(#name, #value)),
            "Internal" => quote_spanned!(span=> .internal(#name, #value)),
            _ => quote_spanned!(span=> .public(#name, #value)),
        });
    }
    if variant.is_source(field) {
        arm.extend(if field.is_optional() && !variant.is_forwarded() {
            quote_spanned!(span=> .with_optional_source(#binding))
        } else {
            quote_spanned!(span=> .with_source(#binding))
        });
    }
    if field.fields.is_some() {
        arm.extend(quote_spanned!(span=> .with_field_errors(#binding)));
    }
    if field.retry_after.is_some() {
        arm.extend(quote_spanned!(span=> .with_optional_retry_after(#binding)));
    }
}
