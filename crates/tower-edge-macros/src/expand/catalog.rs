use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::attributes::{Detail, Input, Message, Variant};

/// The rows, and the constant that holds them.
pub(super) fn catalog(input: &Input) -> TokenStream {
    let (name, visibility) = (&input.name, &input.visibility);
    let rows = input
        .variants
        .iter()
        .filter(|variant| variant.row.transparent.is_none());
    let rows = rows.map(row);
    quote! {
        const __ROWS: &[__edge::Definition] = &[#(#rows,)*];
        #[automatically_derived]
        impl #name {
            /// The error reference: a row for each error.
            #[allow(dead_code)]
            #visibility const CATALOG: __edge::Catalog = __edge::Catalog::of_unique(__ROWS);
        }
    }
}

fn row(variant: &Variant) -> TokenStream {
    let (key, row) = (&variant.key, &variant.row);
    let (kind, calls) = (&row.kind, &row.calls);
    let message = row.message.as_ref().or(match &variant.message {
        Message::Static(text) => Some(text),
        _ => row.title.as_ref(),
    });
    let template = match &variant.message {
        Message::Template(template) => Some(&template.text),
        _ => None,
    };
    let title = row.title.iter();
    let cause = row.cause.iter();
    let message = message.into_iter();
    let template = template.into_iter();
    let default = row.default.map(|_| quote!(.with_default(true)));
    let aliases = &row.aliases;
    let aliases = (!aliases.is_empty()).then(|| quote!(.with_aliases(&[#(#aliases),*])));
    let details: Vec<_> = variant
        .fields
        .iter()
        .filter_map(|field| field.detail.as_ref())
        .map(detail)
        .collect();
    let details = (!details.is_empty()).then(|| quote!(.with_details(&[#(#details),*])));
    quote! {
        __edge::row(#key, __edge::Kind::#kind)
            #(.with_title(#title))*
            #(.with_message(#message))*
            #(.with_message_template(#template))*
            #(.with_cause(#cause))*
            #calls #default #aliases #details
    }
}

fn detail(detail: &Detail) -> TokenStream {
    let (name, detail_type) = (&detail.name, &detail.detail_type);
    let optional = detail.is_optional.then(|| quote!(.optional()));
    let description = detail.description.iter();
    let visibility = (detail.visibility != "Public").then(|| {
        let who = Ident::new(detail.visibility, Span::call_site());
        quote!(.with_visibility(__edge::Visibility::#who))
    });
    quote! {
        __edge::DetailDefinition::new(#name, #detail_type) #optional #visibility #(.with_description(#description))*
    }
}
