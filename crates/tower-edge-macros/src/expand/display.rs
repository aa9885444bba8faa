use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::pattern::{path, pattern, pattern_of};
use super::problem::row_index;
use crate::attributes::{Input, Message, Variant};

/// What thiserror writes, where it does not: `Display`, `Error`, and `From` for the fields that have it.
pub(super) fn error(input: &Input) -> TokenStream {
    let name = &input.name;
    let texts = input.variants.iter().map(|variant| text(input, variant));
    let source = source(input);
    let from = input
        .variants
        .iter()
        .filter_map(|variant| from(input, variant));
    quote! {
        #[automatically_derived]
        impl ::core::fmt::Display for #name {
            fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                __f.write_str(match self { #(#texts)* })
            }
        }
        #[automatically_derived]
        impl ::core::error::Error for #name { #source }
        #(#from)*
    }
}

/// Writes the message, or is the text to write.
fn text(input: &Input, variant: &Variant) -> TokenStream {
    let unbound = || pattern(input, variant, std::iter::empty());
    match &variant.message {
        _ if variant.is_forwarded() => {
            let pattern = pattern(input, variant, variant.inner().into_iter());
            let inner = variant.inner().map(|field| &field.binding);
            quote!(#pattern => return ::core::fmt::Display::fmt(#inner, __f),)
        }
        Message::Template(template) => {
            let (format, arguments) = (&template.format, &template.arguments);
            let pattern = pattern_of(input, variant, template);
            quote!(#pattern => return ::core::write!(__f, #format #(, #arguments)*),)
        }
        Message::Static(text) => {
            let pattern = unbound();
            quote!(#pattern => #text,)
        }
        Message::Forwarded(_) | Message::OfRow => {
            let (pattern, at) = (unbound(), row_index(input, variant));
            quote!(#pattern => __ROWS[#at].message(),)
        }
    }
}

fn source(input: &Input) -> Option<TokenStream> {
    let arms: Vec<_> = input
        .variants
        .iter()
        .filter_map(|variant| source_of(input, variant))
        .collect();
    if arms.is_empty() {
        return None;
    }
    let rest =
        (arms.len() < input.variants.len()).then(|| quote!(_ => ::core::option::Option::None,));
    Some(quote! {
        fn source(&self) -> ::core::option::Option<&(dyn ::core::error::Error + 'static)> {
            use __edge::AsDynError as _;
            match self { #(#arms)* #rest }
        }
    })
}

fn source_of(input: &Input, variant: &Variant) -> Option<TokenStream> {
    let field = variant.sources().next()?;
    let pattern = pattern(input, variant, std::iter::once(field));
    let binding = &field.binding;
    let source = match field.optional() {
        _ if variant.is_forwarded() => {
            quote!(::core::error::Error::source(#binding.as_dyn_error()))
        }
        Some(_) => quote!(#binding.as_ref().map(|source| source.as_dyn_error())),
        None => quote_spanned!(field.span=> ::core::option::Option::Some(#binding.as_dyn_error())),
    };
    Some(quote!(#pattern => #source,))
}

fn from(input: &Input, variant: &Variant) -> Option<TokenStream> {
    let field = variant.fields.iter().find(|field| field.is_from)?;
    let (name, ty, member, path) = (&input.name, &field.ty, &field.member, path(input, variant));
    Some(quote! {
        #[automatically_derived]
        impl ::core::convert::From<#ty> for #name {
            fn from(source: #ty) -> Self {
                #path { #member: source }
            }
        }
    })
}
