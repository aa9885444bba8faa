use std::fmt::Write;

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};

use super::implementation::tokens;
use super::pattern::pattern;
use crate::attributes::{Field, Input, Message, Template, Variant};
use crate::detail_type::DetailType;

/// The description of the error, and `From` for `Problem`.
///
/// First it writes the row, the message and the details, while the error is whole. Then it moves values from the error
/// into the problem.
pub(super) fn write(input: &Input, code: &mut String) -> syn::Result<TokenStream> {
    let name = &input.name;
    let (mut text, mut arms) = (String::new(), TokenStream::new());
    for variant in &input.variants {
        described(input, variant, &mut text, &mut arms)?;
    }
    let mut spanned: TokenStream = input
        .variants
        .iter()
        .filter_map(|variant| constructed(input, variant))
        .collect();
    // Writing to a `String` does not fail.
    if arms.is_empty() {
        let _ = write!(
            code,
            "#[automatically_derived] impl __edge::Describe for {name} {{
                fn describe(&self, __to: &mut __edge::Description<'_, '_>) -> ::core::fmt::Result {{
                    match self {{ {text} }}
                }}
            }}"
        );
    } else {
        let text = tokens(&text)?;
        spanned.extend(quote! {
            #[automatically_derived]
            impl __edge::Describe for #name {
                fn describe(&self, __to: &mut __edge::Description<'_, '_>) -> ::core::fmt::Result {
                    match self { #text #arms }
                }
            }
        });
    }
    let variants = input.variants.iter();
    let moved =
        variants.filter(|variant| variant.fields.iter().any(|field| is_moved(field, variant)));
    let moves = moved.map(|variant| moves(input, variant));
    let moves = moves.collect::<syn::Result<Vec<_>>>()?;
    if moves.is_empty() {
        let _ = write!(
            code,
            "#[automatically_derived] impl ::core::convert::From<{name}> for __edge::Problem {{
                fn from(error: {name}) -> Self {{ __edge::problem(__ROWS, &error) }}
            }}"
        );
    } else {
        let others = (moves.len() < input.variants.len()).then(|| quote!(_ => problem,));
        spanned.extend(quote! {
            #[automatically_derived]
            impl ::core::convert::From<#name> for __edge::Problem {
                fn from(error: #name) -> Self {
                    use __edge::ProblemExt as _;
                    let problem = __edge::problem(__ROWS, &error);
                    match error { #(#moves)* #others }
                }
            }
        });
    }
    Ok(spanned)
}

/// A constructor of a variant that describes the problems of layers. A service need not construct it, and the compiler
/// would report it as never constructed.
fn constructed(input: &Input, variant: &Variant) -> Option<TokenStream> {
    variant.row.default.filter(|_| !input.is_struct)?;
    let (name, variant_name) = (&input.name, &variant.name);
    let types = variant.fields.iter().map(|field| &field.ty);
    let members = variant.fields.iter().map(|field| &field.member);
    let values = (0..variant.fields.len()).map(|at| format_ident!("value_{at}"));
    let values: Vec<_> = values.collect();
    Some(quote! {
        const _: fn(#(#types),*) -> #name = |#(#values),*| #name::#variant_name { #(#members: #values),* };
    })
}

/// The row, the values of its details, and the message. It is text, unless it depends on the type of a value.
fn described(
    input: &Input,
    variant: &Variant,
    text: &mut String,
    arms: &mut TokenStream,
) -> syn::Result<()> {
    let has_display = !input.container.has_thiserror;
    let displayed = variant.logged.as_ref().unwrap_or(&variant.message);
    // `Display` of thiserror contains redacted values, so the message is written here without them.
    let is_written = |template: &&Template| has_display || template.has_redacted;
    let written = displayed.template().filter(is_written);
    let sent = match variant.logged {
        Some(_) => variant.message.template(),
        None => None,
    };
    let is_forwarded = has_display && variant.is_forwarded();
    // A redacted field is bound too, so that the compiler does not report it as unused.
    let is_bound = |at: usize, field: &Field| {
        field.detail.is_some()
            || field.is_redacted
            || is_forwarded
            || [written, sent]
                .iter()
                .flatten()
                .any(|template| template.fields.contains(&at))
    };
    let bound = variant.fields.iter().enumerate();
    let bound = bound
        .filter(|(at, field)| is_bound(*at, field))
        .map(|(_, field)| field);
    let pattern = pattern(input, variant, bound);
    let at = match variant.row.transparent {
        Some(_) => input.rows().count(),
        None => input.row_index(variant),
    };
    let display = || match (written, displayed) {
        (Some(template), _) => arguments(template),
        (None, Message::Static(text)) => {
            format!("::core::format_args!(\"{{}}\", {:?})", text.value)
        }
        (None, _) => "::core::format_args!(\"{}\", self)".to_owned(),
    };
    let (function, message) = match (&variant.logged, displayed) {
        _ if is_forwarded => ("inner_message", ", __0".to_owned()),
        (Some(_), _) => {
            let option = "::core::option::Option::";
            let sent = match sent {
                Some(template) => format!("{option}Some({})", arguments(template)),
                None => format!("{option}None"),
            };
            ("logged_message", format!(", {}, {sent}", display()))
        }
        (None, Message::Template(_)) => ("own_message", format!(", {}", display())),
        (None, _) => ("row_message", String::new()),
    };
    let is_checked = |field: &Field| field.is_redacted || DetailType::is_primitive(&field.ty);
    if variant.details().all(|(field, _)| is_checked(field)) {
        // Writing to a `String` does not fail.
        let _ = write!(text, "{pattern} => __edge::{function}(__to, {at}, &[");
        for (field, _) in variant.details() {
            let value = if field.is_redacted {
                "&\"[redacted]\""
            } else {
                &field.binding_text()
            };
            let _ = write!(text, "{value},");
        }
        let _ = write!(text, "]{message}),");
        return Ok(());
    }
    let values = variant.details().map(|(field, _)| {
        let (binding, span) = (field.binding(), field.span);
        if field.is_redacted {
            quote!(&"[redacted]",)
        } else {
            quote_spanned!(span=> #binding,)
        }
    });
    arms.extend(tokens(&format!("{pattern} => __edge::{function}"))?);
    let message = tokens(&message)?;
    arms.extend(quote!((__to, #at, &[#(#values)*] #message),));
    Ok(())
}

/// The message, without its redacted fields.
fn arguments(template: &Template) -> String {
    let mut code = format!("::core::format_args!({:?}", template.format);
    for argument in &template.arguments {
        code.push_str(", ");
        code.push_str(argument);
    }
    code.push(')');
    code
}

/// The problem, with the values that it takes from the error.
fn moves(input: &Input, variant: &Variant) -> syn::Result<TokenStream> {
    let fields = || {
        variant
            .fields
            .iter()
            .filter(|field| is_moved(field, variant))
    };
    let mut arm = tokens(&pattern(input, variant, fields()))?;
    if variant.row.transparent.is_some() {
        arm.extend(fields().map(|field| {
            let binding = field.binding();
            quote_spanned!(field.span=> => __edge::transparent(#binding),)
        }));
        return Ok(arm);
    }
    arm.extend(quote!(=> problem));
    for field in fields() {
        let (binding, span) = (field.binding(), field.span);
        if variant.is_source(field) {
            arm.extend(if field.is_optional() && !variant.is_forwarded() {
                quote_spanned!(span=> .with_optional_source(#binding))
            } else if variant.logged.is_some() {
                quote_spanned!(span=> .with_cause(#binding))
            } else {
                quote_spanned!(span=> .with_source(#binding))
            });
        }
        if field.fields.is_some() {
            arm.extend(quote_spanned!(span=> .with_field_errors(#binding)));
        }
        if field.retry_after.is_some() {
            arm.extend(quote_spanned!(span=> .with_optional_retry_after(#binding)));
        }
    }
    arm.extend(quote!(,));
    Ok(arm)
}

fn is_moved(field: &Field, variant: &Variant) -> bool {
    variant.is_source(field) || field.fields.is_some() || field.retry_after.is_some()
}
