use proc_macro2::{Span, TokenStream};
use quote::quote;

use super::{catalog, display, frameworks, problem};
use crate::attributes::Input;

/// All that the derive adds. It names tower-edge once, and nothing of it can meet a name of the user's.
///
/// Most of it is written as text, which the compiler reads at once: a token costs it about as much as such a text.
/// Only what a user's type may not fit stands at the field, as tokens.
pub(crate) fn implementation(input: &Input) -> syn::Result<TokenStream> {
    let mut code = String::new();
    catalog::write(input, &mut code);
    if !input.container.has_thiserror {
        display::write(input, &mut code);
    }
    frameworks::write(input, &mut code);
    let problem = problem::write(input, &mut code)?;
    let code = tokens(&code)?;
    let krate = &input.container.krate;
    Ok(quote! {
        #[allow(deprecated, unused_imports)]
        const _: () = {
            use #krate::__private as __edge;
            #code
            #problem
        };
    })
}

/// The tokens of this text, read by the compiler: `proc_macro2` would read it itself too, which costs more than all else.
pub(super) fn tokens(code: &str) -> syn::Result<TokenStream> {
    let tokens = code.parse::<proc_macro::TokenStream>();
    let tokens = tokens.map(TokenStream::from);
    tokens.map_err(|error| syn::Error::new(Span::call_site(), format_args!("{error} in {code}")))
}
