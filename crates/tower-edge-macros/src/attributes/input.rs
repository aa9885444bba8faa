use syn::{Data, DeriveInput, Ident, Visibility};

use super::word::Word;
use super::{Container, Row, Variant};
use crate::errors::Errors;

/// The type that derives `ApiError`.
pub(crate) struct Input {
    pub(crate) name: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) container: Container,
    /// The variants. A struct has one.
    pub(crate) variants: Vec<Variant>,
    pub(crate) is_struct: bool,
}

impl Input {
    /// Reads the type.
    ///
    /// # Errors
    ///
    /// If there are mistakes. The error has all of them.
    pub(crate) fn new(input: &DeriveInput) -> syn::Result<Self> {
        let mut errors = Errors::default();
        if let Some(parameter) = input.generics.params.first() {
            let span = syn::spanned::Spanned::span(parameter);
            errors.push(
                span,
                "an `ApiError` has no parameters, since its catalogue is one for all",
            );
        }
        let mistakes = errors.len();
        let words = Word::all(&input.attrs, &mut errors);
        let is_read = errors.len() == mistakes;
        let is_struct = matches!(input.data, Data::Struct(_));
        let container = Container::new(&words, is_struct, &mut errors);
        let variants = match &input.data {
            Data::Enum(data) => {
                let variants = data.variants.iter();
                variants
                    .map(|variant| Variant::of_enum(variant, &container, &mut errors))
                    .collect()
            }
            Data::Struct(data) => {
                let mut row = Row::new(&words, true, &mut errors);
                if !is_read {
                    row.assume_kind(&input.ident);
                }
                vec![Variant::new(
                    &input.ident,
                    &input.attrs,
                    &data.fields,
                    row,
                    &container,
                    &mut errors,
                )]
            }
            Data::Union(_) => Vec::new(),
        };
        if variants.is_empty() {
            errors.push(
                input.ident.span(),
                "an `ApiError` is an enum with variants, or a struct",
            );
        }
        check_unique(&variants, &mut errors);
        errors.finish()?;
        Ok(Self {
            name: input.ident.clone(),
            visibility: input.vis.clone(),
            container,
            variants,
            is_struct,
        })
    }
}

impl Input {
    /// The variants that are rows. A transparent variant is none.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Variant> {
        let variants = self.variants.iter();
        variants.filter(|variant| variant.row.transparent.is_none())
    }

    /// The index of the variant's row.
    pub(crate) fn row_index(&self, variant: &Variant) -> usize {
        let earlier = self
            .rows()
            .take_while(|other| !std::ptr::eq(*other, variant));
        earlier.count()
    }
}

/// A key, present or earlier, belongs to one error, and one error stands for a kind.
fn check_unique(variants: &[Variant], errors: &mut Errors) {
    let mut keys: Vec<(&str, &Ident)> = Vec::new();
    let mut defaults: Vec<(&Ident, &Ident)> = Vec::new();
    for variant in variants
        .iter()
        .filter(|variant| variant.row.transparent.is_none())
    {
        for key in std::iter::once(&variant.key).chain(&variant.row.aliases) {
            let value = key.value.as_str();
            match keys.iter().find(|(earlier, _)| *earlier == value) {
                Some((_, owner)) => errors.push(
                    key.span,
                    format_args!("`{owner}` has the key `{value}` already: choose another by `#[api(key = \"…\")]`"),
                ),
                None => keys.push((value, &variant.name)),
            }
        }
        let (Some(span), Some(kind)) = (variant.row.default, &variant.row.kind) else {
            continue;
        };
        match defaults.iter().find(|(earlier, _)| *earlier == kind) {
            Some((_, owner)) => {
                errors.push(
                    span,
                    format_args!("`{owner}` is the default of `{kind}` already"),
                );
            }
            None => defaults.push((kind, &variant.name)),
        }
    }
}
