//! The derive macro of [tower-edge](https://docs.rs/tower-edge).
mod attributes;
mod case;
mod detail_type;
mod errors;
mod expand;
mod kinds;

use proc_macro::TokenStream;

use self::attributes::Input;

/// x
#[proc_macro_derive(ApiError, attributes(api, error, from, source))]
pub fn derive_api_error(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    let expanded = Input::new(&input).and_then(|input| expand::implementation(&input));
    expanded
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
