use proc_macro2::{Span, TokenStream};
use quote::quote;

use super::{catalog, display, frameworks, problem};
use crate::attributes::Input;

/// All code that the derive adds. It names tower-edge once, and no name in it can collide with one of the user's.
///
/// Most of it is text that the compiler parses at once, since one token costs about as much as the whole text. Only
/// code that depends on the type of a user's field has tokens, with the span of the field.
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

/// The tokens of this text, parsed by the compiler. `proc_macro2` would also parse it itself, which costs more than all
/// else.
pub(super) fn tokens(code: &str) -> syn::Result<TokenStream> {
    let tokens = code.parse::<proc_macro::TokenStream>();
    let tokens = tokens.map(TokenStream::from);
    tokens.map_err(|error| syn::Error::new(Span::call_site(), format_args!("{error} in {code}")))
}
