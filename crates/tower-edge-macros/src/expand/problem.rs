use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::implementation::tokens;
use super::pattern::pattern;
use crate::attributes::{Field, Input, Message, Template, Variant};

/// `From` for `Problem`.
///
/// First the row, the message and the details, while the error is whole. Then what the problem takes from it.
pub(super) fn problem(input: &Input) -> syn::Result<TokenStream> {
    let name = &input.name;
    let arms = input
        .variants
        .iter()
        .map(|variant| described(input, variant));
    let arms = arms.collect::<syn::Result<TokenStream>>()?;
    let moved: Vec<_> = input
        .variants
        .iter()
        .filter(|variant| variant.fields.iter().any(|field| is_moved(field, variant)))
        .collect();
    let others = (moved.len() < input.variants.len()).then(|| quote!(_ => problem,));
    let moves = moved.iter().map(|variant| moves(input, variant));
    let moves = moves.collect::<syn::Result<TokenStream>>()?;
    let taken = match moved.is_empty() {
        true => quote!(problem),
        false => quote!(match error { #moves #others }),
    };
    Ok(quote! {
        #[automatically_derived]
        impl ::core::convert::From<#name> for __edge::Problem {
            fn from(error: #name) -> Self {
                use __edge::ProblemExt as _;
                let problem = match &error { #arms };
                #taken
            }
        }
    })
}

/// The problem with the texts and the details of the error.
fn described(input: &Input, variant: &Variant) -> syn::Result<TokenStream> {
    if variant.row.transparent.is_some() {
        let pattern = pattern(input, variant, std::iter::empty());
        return tokens(&format!(
            "{pattern} => __edge::Problem::new(__edge::Kind::Internal),"
        ));
    }
    let template = match &variant.message {
        Message::Template(template) => Some(template),
        _ => None,
    };
    // What thiserror displays has what is redacted here.
    let written =
        template.filter(|template| template.has_redacted && input.container.has_thiserror);
    // A field that is redacted is bound too, so that the compiler does not call it unused.
    let is_bound = |at: usize, field: &Field| {
        field.detail.is_some()
            || field.is_redacted
            || written.is_some_and(|template| template.fields.contains(&at))
    };
    let bound = variant.fields.iter().enumerate();
    let bound = bound
        .filter(|(at, field)| is_bound(*at, field))
        .map(|(_, field)| field);
    let pattern = tokens(&pattern(input, variant, bound))?;
    let at = input.row_index(variant);
    let values = variant.details().map(|(field, _)| {
        let (binding, span) = (field.binding(), field.span);
        if field.is_redacted {
            quote!(&"[redacted]",)
        } else {
            quote_spanned!(span=> #binding,)
        }
    });
    let message = match (written, template) {
        (Some(template), _) => Some(arguments(template)?),
        (None, Some(_)) => Some(quote!(&error)),
        (None, None) => None,
    };
    let message = match message {
        Some(message) => quote!(::core::option::Option::Some(#message)),
        None => quote!(::core::option::Option::None),
    };
    Ok(quote!(#pattern => __edge::problem(__ROWS, #at, #message, &[#(#values)*]),))
}

/// The message anew, without what is redacted.
fn arguments(template: &Template) -> syn::Result<TokenStream> {
    let mut code = format!("&::core::format_args!({:?}", template.format);
    for argument in &template.arguments {
        code.push_str(", ");
        code.push_str(argument);
    }
    code.push(')');
    tokens(&code)
}

/// The problem with what it takes from the error.
fn moves(input: &Input, variant: &Variant) -> syn::Result<TokenStream> {
    let fields = || {
        variant
            .fields
            .iter()
            .filter(|field| is_moved(field, variant))
    };
    let mut arm = tokens(&pattern(input, variant, fields()))?;
    if variant.row.transparent.is_some() {
        arm.extend(fields().map(|field| {
            let binding = field.binding();
            quote_spanned!(field.span=> => __edge::transparent(#binding),)
        }));
        return Ok(arm);
    }
    arm.extend(quote!(=> problem));
    for field in fields() {
        let (binding, span) = (field.binding(), field.span);
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
    arm.extend(quote!(,));
    Ok(arm)
}

fn is_moved(field: &Field, variant: &Variant) -> bool {
    variant.is_source(field) || field.fields.is_some() || field.retry_after.is_some()
}
