use proc_macro2::TokenStream;
use quote::quote;

use super::{catalog, display, problem};
use crate::attributes::Input;

/// All that the derive adds. It names tower-edge once, and nothing of it can meet a name of the user's.
pub(crate) fn implementation(input: &Input) -> TokenStream {
    let krate = &input.container.krate;
    let catalog = catalog::catalog(input);
    let errors = (!input.container.has_thiserror).then(|| display::error(input));
    let problem = problem::problem(input);
    quote! {
        #[allow(deprecated)]
        const _: () = {
            use #krate::__private as __edge;
            #catalog
            #errors
            #problem
        };
    }
}
