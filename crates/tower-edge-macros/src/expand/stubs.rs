use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields};

use crate::attributes::{Container, Word};
use crate::errors::Errors;

/// The mistakes, and the items that the derive would add, without bodies, so that code which uses the type has no
/// further errors.
pub(crate) fn stubs(input: &DeriveInput, error: syn::Error) -> TokenStream {
    let errors = error.into_compile_error();
    let mut known = Errors::default();
    let words = Word::all(&input.attrs, &mut known);
    let container = Container::new(&words, false, &mut known);
    let variants: Vec<_> = match &input.data {
        Data::Enum(data) => data
            .variants
            .iter()
            .map(|variant| &variant.fields)
            .collect(),
        Data::Struct(data) => vec![&data.fields],
        // Its `Debug` fails too.
        Data::Union(_) => return errors,
    };
    let (name, visibility, krate) = (&input.ident, &input.vis, &container.krate);
    let (generics, arguments, wheres) = input.generics.split_for_impl();
    let mut code = quote! {
        impl #generics #name #arguments #wheres {
            #[allow(dead_code)]
            #visibility const CATALOG: __edge::Catalog = __edge::Catalog::of_unique(&[]);
        }
        impl #generics ::core::convert::From<#name #arguments> for __edge::Problem #wheres {
            fn from(_: #name #arguments) -> Self { ::core::unreachable!() }
        }
    };
    if cfg!(feature = "axum") {
        code.extend(quote! {
            impl #generics __edge::IntoResponse for #name #arguments #wheres {
                fn into_response(self) -> __edge::Response { ::core::unreachable!() }
            }
        });
    }
    if cfg!(feature = "tonic") {
        code.extend(quote! {
            impl #generics ::core::convert::From<#name #arguments> for __edge::Status #wheres {
                fn from(_: #name #arguments) -> Self { ::core::unreachable!() }
            }
        });
    }
    // The `Debug` of a type with parameters may need further bounds.
    if !container.has_thiserror && input.generics.params.is_empty() {
        code.extend(quote! {
            impl ::core::fmt::Display for #name {
                fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    ::core::unreachable!()
                }
            }
            impl ::core::error::Error for #name {}
        });
        let from = variants.into_iter().filter_map(from);
        code.extend(from.map(|ty| {
            quote! {
                impl ::core::convert::From<#ty> for #name {
                    fn from(_: #ty) -> Self { ::core::unreachable!() }
                }
            }
        }));
    }
    quote! {
        #errors
        const _: () = {
            use #krate::__private as __edge;
            #code
        };
    }
}

/// The type of the field from which `?` makes the error.
fn from(fields: &Fields) -> Option<&syn::Type> {
    let mut marked = fields.iter().filter(|field| {
        let mut attributes = field.attrs.iter();
        attributes.any(|attribute| attribute.path().is_ident("from"))
    });
    marked.next().map(|field| &field.ty)
}
