//! Conversions into what a framework responds with, by the features of tower-edge.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

pub(super) fn responses(name: &Ident) -> TokenStream {
    let axum = cfg!(feature = "axum").then(|| {
        quote! {
            #[automatically_derived]
            impl __edge::IntoResponse for #name {
                fn into_response(self) -> __edge::Response {
                    __edge::IntoResponse::into_response(__edge::transparent(self))
                }
            }
        }
    });
    let tonic = cfg!(feature = "tonic").then(|| {
        quote! {
            #[automatically_derived]
            impl ::core::convert::From<#name> for __edge::Status {
                fn from(error: #name) -> Self {
                    ::core::convert::From::from(__edge::transparent(error))
                }
            }
        }
    });
    quote!(#axum #tonic)
}
