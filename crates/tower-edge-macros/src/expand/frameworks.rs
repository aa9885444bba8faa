//! Conversions into the error types of frameworks, by the features of tower-edge.

use std::fmt::Write;

use crate::attributes::Input;

pub(super) fn write(input: &Input, code: &mut String) {
    let name = &input.name;
    // Writing to a `String` does not fail.
    if cfg!(feature = "axum") {
        let _ = write!(
            code,
            "#[automatically_derived] impl __edge::IntoResponse for {name} {{
                fn into_response(self) -> __edge::Response {{
                    __edge::IntoResponse::into_response(<__edge::Problem as ::core::convert::From<Self>>::from(self))
                }}
            }}"
        );
    }
    if cfg!(feature = "tonic") {
        let _ = write!(
            code,
            "#[automatically_derived] impl ::core::convert::From<{name}> for __edge::Status {{
                fn from(error: {name}) -> Self {{
                    <Self as ::core::convert::From<__edge::Problem>>::from(::core::convert::From::from(error))
                }}
            }}"
        );
    }
}
