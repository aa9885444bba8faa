use proc_macro2::TokenStream;
use quote::quote;

use crate::attributes::{Field, Input, Template, Variant};

/// A pattern of the variant, which binds these of its fields. It is also the expression that makes one.
pub(super) fn pattern<'a>(
    input: &Input,
    variant: &Variant,
    bound: impl Iterator<Item = &'a Field>,
) -> TokenStream {
    let path = path(input, variant);
    let bound: Vec<_> = bound.collect();
    let rest = (bound.len() < variant.fields.len()).then(|| quote!(..));
    let bound = bound.iter().map(|field| {
        let (member, binding) = (&field.member, &field.binding);
        quote!(#member: #binding,)
    });
    quote!(#path { #(#bound)* #rest })
}

/// A pattern that binds the fields of the message.
pub(super) fn pattern_of(input: &Input, variant: &Variant, message: &Template) -> TokenStream {
    let bound = message
        .fields
        .iter()
        .filter_map(|at| variant.fields.get(*at));
    pattern(input, variant, bound)
}

pub(super) fn path(input: &Input, variant: &Variant) -> TokenStream {
    let (of, name) = (&input.name, &variant.name);
    if input.is_struct {
        quote!(#of)
    } else {
        quote!(#of::#name)
    }
}
