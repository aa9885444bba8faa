use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::LitInt;

use super::frameworks;
use super::pattern::{pattern, pattern_of};
use crate::attributes::{Field, Input, Message, Variant};

/// `From` for `Problem`, and for what the frameworks respond with.
pub(super) fn problem(input: &Input) -> TokenStream {
    let name = &input.name;
    let arms = input.variants.iter().map(|variant| arm(input, variant));
    let message = message(input);
    let result = match message {
        Some(_) => quote!(__edge::with_message(problem, message)),
        None => quote!(problem),
    };
    let responses = frameworks::responses(name);
    quote! {
        #[automatically_derived]
        impl ::core::convert::From<#name> for __edge::Problem {
            fn from(error: #name) -> Self {
                #message
                let problem = match error { #(#arms)* };
                #result
            }
        }
        #responses
    }
}

/// The message of an error with fields in it, which the problem takes over. All else has that of its row.
fn message(input: &Input) -> Option<TokenStream> {
    let mut displayed = Vec::new();
    let mut formatted = Vec::new();
    for variant in &input.variants {
        let Message::Template(template) = &variant.message else {
            continue;
        };
        // What thiserror displays has what is redacted here.
        if template.has_redacted && input.container.has_thiserror {
            let (format, arguments) = (&template.format, &template.arguments);
            let pattern = pattern_of(input, variant, template);
            formatted.push(quote! {
                #pattern => ::core::option::Option::Some(::std::format!(#format #(, #arguments)*)),
            });
        } else {
            displayed.push(pattern(input, variant, std::iter::empty()));
        }
    }
    let count = displayed.len() + formatted.len();
    if count == 0 {
        return None;
    }
    let displayed = (!displayed.is_empty()).then(|| {
        quote!(#(#displayed)|* => ::core::option::Option::Some(::std::string::ToString::to_string(&error)),)
    });
    let rest = (count < input.variants.len()).then(|| quote!(_ => ::core::option::Option::None,));
    Some(quote!(let message = match &error { #displayed #(#formatted)* #rest };))
}

fn arm(input: &Input, variant: &Variant) -> TokenStream {
    if variant.row.transparent.is_some() {
        let pattern = pattern(input, variant, variant.inner().into_iter());
        let inner = variant.inner().map(|field| {
            let binding = &field.binding;
            quote_spanned!(field.span=> __edge::transparent(#binding))
        });
        return quote!(#pattern => return #inner,);
    }
    let at = row_index(input, variant);
    let is_told = |field: &&Field| {
        let of_source = variant.sources().any(|source| std::ptr::eq(source, *field));
        let is_sent = field.detail.is_some() && !field.is_redacted;
        of_source || is_sent || field.fields.is_some() || field.retry_after.is_some()
    };
    let pattern = pattern(input, variant, variant.fields.iter().filter(is_told));
    let mut problem = quote!(__edge::problem(&__ROWS[#at]));
    for field in &variant.fields {
        problem = with_field(problem, field, variant);
    }
    quote!(#pattern => #problem,)
}

/// The problem with what the field tells of it.
fn with_field(mut problem: TokenStream, field: &Field, variant: &Variant) -> TokenStream {
    let (binding, span) = (&field.binding, field.span);
    if let Some(detail) = &field.detail {
        let name = &detail.name;
        let value = if field.is_redacted {
            quote!("[redacted]")
        } else {
            quote!(#binding)
        };
        problem = match detail.visibility {
            "Development" => quote_spanned!(span=> #problem.with_development_detail(#name, #value)),
            "Internal" => quote_spanned!(span=> #problem.with_internal_detail(#name, #value)),
            _ => quote_spanned!(span=> #problem.with_detail(#name, #value)),
        };
    }
    if variant.sources().any(|source| std::ptr::eq(source, field)) {
        problem = match field.optional() {
            Some(_) => quote_spanned!(span=> __edge::with_optional_source(#problem, #binding)),
            None => quote_spanned!(span=> #problem.with_source(#binding)),
        };
    }
    if field.fields.is_some() {
        problem = quote_spanned!(span=> __edge::with_field_errors(#problem, #binding));
    }
    if field.retry_after.is_some() {
        problem = quote_spanned!(span=> __edge::with_retry_after(#problem, #binding));
    }
    problem
}

/// The index of the variant's row. A transparent one has none.
pub(super) fn row_index(input: &Input, variant: &Variant) -> LitInt {
    let rows = input
        .variants
        .iter()
        .filter(|other| other.row.transparent.is_none());
    let at = rows
        .take_while(|other| !std::ptr::eq(*other, variant))
        .count();
    LitInt::new(&at.to_string(), variant.name.span())
}
