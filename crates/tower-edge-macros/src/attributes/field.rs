use proc_macro2::Span;
use quote::format_ident;
use syn::spanned::Spanned;
use syn::{Ident, Member, Type};

use super::word::{Text, Value, Word, docs};
use super::{container, row};
use crate::detail_type::DetailType;
use crate::errors::{Errors, unknown};
use crate::kinds::KINDS;

/// A field of a variant, and its use.
pub(crate) struct Field {
    /// The name or index of the field.
    pub(crate) member: Member,
    pub(crate) member_text: String,
    index: usize,
    pub(crate) ty: Type,
    pub(crate) detail: Option<Detail>,
    pub(crate) is_redacted: bool,
    pub(crate) is_source: bool,
    pub(crate) is_from: bool,
    /// The field has field errors.
    pub(crate) fields: Option<Span>,
    pub(crate) retry_after: Option<Span>,
    pub(crate) span: Span,
}

pub(crate) struct Detail {
    /// The description, from the field's doc comment.
    pub(crate) description: Option<String>,
    pub(crate) detail_type: DetailType,
    pub(crate) is_optional: bool,
    pub(crate) name: Text,
    /// The variant of `Visibility`.
    pub(crate) visibility: &'static str,
}

impl Field {
    pub(super) fn new(at: usize, field: &syn::Field, errors: &mut Errors) -> Self {
        let words = Word::all(&field.attrs, errors);
        let has = |name: &str| {
            field
                .attrs
                .iter()
                .any(|attribute| attribute.path().is_ident(name))
        };
        let name = field.ident.as_ref();
        let span = name.map_or_else(|| field.ty.span(), Ident::span);
        // The compiler's messages point at the field, and names resolve as in this derive.
        let span = span.resolved_at(Span::call_site());
        let member = match &field.ident {
            Some(name) => Member::Named(name.clone()),
            None => Member::Unnamed(at.into()),
        };
        // As in thiserror, a field of this name is the source.
        let is_named_source =
            words.is_empty() && field.ident.as_ref().is_some_and(|name| name == "source");
        let is_from = has("from");
        let mut parsed = Self {
            member_text: match &member {
                Member::Named(name) => name.to_string(),
                Member::Unnamed(_) => at.to_string(),
            },
            member,
            index: at,
            ty: field.ty.clone(),
            detail: None,
            is_redacted: words.iter().any(|word| word.is("redacted")),
            is_source: is_from || is_named_source || has("source"),
            is_from,
            fields: None,
            retry_after: None,
            span,
        };
        for (at, word) in words.iter().enumerate() {
            let name = word.text.as_str();
            if words[..at].iter().any(|earlier| earlier.is(name)) {
                errors.push(word.span(), format_args!("`{name}` stands here twice"));
                continue;
            }
            match name {
                "detail" => parsed.set_detail("Public", word, field, errors),
                "development" => parsed.set_detail("Development", word, field, errors),
                "internal" => parsed.set_detail("Internal", word, field, errors),
                "fields" => parsed.fields = word.flag(errors),
                "redacted" => drop(word.flag(errors)),
                "retry_after" => parsed.retry_after = word.flag(errors),
                name if row::WORDS.contains(&name) || KINDS.contains(&name) => {
                    errors.push(word.span(), format_args!("`{name}` stands on a variant"));
                }
                name if container::WORDS.contains(&name) => {
                    errors.push(word.span(), format_args!("`{name}` stands on the enum"));
                }
                name => errors.push(word.span(), unknown("", name, &WORDS)),
            }
        }
        parsed.check(errors);
        parsed
    }

    fn set_detail(
        &mut self,
        visibility: &'static str,
        word: &Word,
        field: &syn::Field,
        errors: &mut Errors,
    ) {
        if self.detail.is_some() {
            let message =
                "a field is a detail for all, for `development` or `internal`: one of them";
            return errors.push(word.span(), message);
        }
        let (mut name, mut named_type) = (None, None);
        match &word.value {
            Value::Flag => {}
            Value::List(words) => {
                for word in words {
                    match word.text.as_str() {
                        "name" => name = word.text(errors),
                        "type" => match DetailType::named(word, errors) {
                            Some(named) => named_type = Some(named),
                            None => return,
                        },
                        other => errors.push(word.span(), unknown("", other, &["name", "type"])),
                    }
                }
            }
            Value::Quoted => word.quoted(errors),
            Value::Literal(_) | Value::Word(_) => name = word.text(errors),
        }
        let of_field = |name: &Ident| Text {
            value: name.to_string().trim_start_matches("r#").to_owned(),
            span: name.span(),
        };
        let Some(name) = name.or_else(|| field.ident.as_ref().map(of_field)) else {
            let word = &word.name;
            let message = format!(
                "a field without a name needs one for its detail: `#[api({word} = \"…\")]`"
            );
            return errors.push(word.span(), message);
        };
        let written = name.value.as_str();
        if visibility != "Internal" && MEMBERS.contains(&written) {
            let (word, span) = (&word.name, name.span);
            let message = format!(
                "each problem of RFC 9457 has its own `{written}`: choose another name by `#[api({word} = \"…\")]`"
            );
            errors.push(span, message);
        }
        let (inner, is_optional) = DetailType::without_option(&field.ty);
        let detail_type = match named_type {
            Some(named) => named,
            None if self.is_redacted => DetailType::STRING,
            None if visibility == "Internal" => DetailType::ANY,
            None => match DetailType::of(inner) {
                Ok(found) => found,
                Err(error) => return errors.add(error),
            },
        };
        self.detail = Some(Detail {
            description: docs(&field.attrs),
            detail_type,
            is_optional: is_optional && !self.is_redacted,
            name,
            visibility,
        });
    }

    /// The name that patterns bind the field to. No constant of the user has this name.
    pub(crate) fn binding(&self) -> Ident {
        format_ident!("__{}", self.index, span = self.span)
    }

    /// The same as text.
    pub(crate) fn binding_text(&self) -> String {
        format!("__{}", self.index)
    }

    /// Whether its type is an `Option`.
    pub(crate) fn is_optional(&self) -> bool {
        DetailType::without_option(&self.ty).1
    }

    fn check(&self, errors: &mut Errors) {
        let (source, _) = DetailType::without_option(&self.ty);
        if self.is_source && DetailType::is_box_of_one_thread(source) {
            errors.push(
                self.ty.span(),
                "a source may be logged by another thread: `Box<dyn Error + Send + Sync>`",
            );
        }
        if self.is_source && (self.fields.is_some() || self.retry_after.is_some()) {
            errors.push(
                self.span,
                "the source is logged, and no other part of the problem",
            );
        }
        if self.is_source
            && self
                .detail
                .as_ref()
                .is_some_and(|detail| detail.visibility != "Internal")
        {
            errors.push(
                self.span,
                "the source is logged and never sent, so it is no detail",
            );
        }
    }
}

/// The [members](https://www.rfc-editor.org/rfc/rfc9457#section-3.1) that each problem has. `instance` is not among
/// them: a problem has it only as a detail.
const MEMBERS: [&str; 4] = ["detail", "status", "title", "type"];

pub(super) const WORDS: [&str; 6] = [
    "detail",
    "development",
    "fields",
    "internal",
    "redacted",
    "retry_after",
];
