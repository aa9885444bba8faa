use std::collections::HashSet;
use std::mem;

use proc_macro2::Span;
use syn::{Attribute, Fields, Ident};

use super::message::{Message, field_name};
use super::word::{Text, Word, docs};
use super::{Container, Detail, Field, Row};
use crate::errors::Errors;

/// A variant of the enum, or the struct.
pub(crate) struct Variant {
    pub(crate) name: Ident,
    /// The key, unique in the catalogue.
    pub(crate) key: Text,
    pub(crate) row: Row,
    /// What clients receive.
    pub(crate) message: Message,
    /// What the log has in its place: the text of a server error.
    pub(crate) logged: Option<Message>,
    pub(crate) fields: Vec<Field>,
}

impl Variant {
    pub(crate) fn of_enum(
        variant: &syn::Variant,
        container: &Container,
        errors: &mut Errors,
    ) -> Self {
        let mistakes = errors.len();
        let words = Word::all(&variant.attrs, errors);
        let is_read = errors.len() == mistakes;
        let mut row = Row::new(&words, false, errors);
        if !is_read {
            row.assume_kind(&variant.ident);
        }
        Self::new(
            &variant.ident,
            &variant.attrs,
            &variant.fields,
            row,
            container,
            errors,
        )
    }

    pub(crate) fn new(
        name: &Ident,
        attributes: &[Attribute],
        fields: &Fields,
        mut row: Row,
        container: &Container,
        errors: &mut Errors,
    ) -> Self {
        let fields = fields.iter().enumerate();
        let fields: Vec<_> = fields
            .map(|(at, field)| Field::new(at, field, errors))
            .collect();
        let of_name = || Text {
            value: container.case.key(&name.to_string()),
            span: name.span(),
        };
        row.cause = row.cause.take().or_else(|| docs(attributes));
        let is_logged = row.is_server_error();
        let mut message = Message::new(attributes, &fields, !is_logged, errors);
        let mut logged = None;
        if is_logged && !matches!(message, Message::Forwarded(_)) {
            let sent = row.message.take();
            let sent = sent.map_or(Message::OfRow, |text| Message::sent(text, &fields, errors));
            let text = mem::replace(&mut message, sent);
            logged = (!matches!(text, Message::OfRow)).then_some(text);
        }
        let variant = Self {
            name: name.clone(),
            key: row.key.take().unwrap_or_else(of_name),
            message,
            logged,
            row,
            fields,
        };
        variant.check(errors);
        variant
    }

    fn check(&self, errors: &mut Errors) {
        match self.row.transparent {
            Some(span) => self.check_transparent(span, errors),
            None if self.row.kind.is_none() => errors.push(
                self.name.span(),
                format_args!(
                    "`{}` has no kind: write one, as in `#[api(Conflict)]`",
                    self.name
                ),
            ),
            None => {}
        }
        if let Message::Forwarded(span) = self.message
            && self.fields.len() != 1
        {
            errors.push(span, "`transparent` takes one field, the error inside");
        }
        self.check_message(errors);
        self.check_fields(errors);
    }

    fn check_transparent(&self, span: Span, errors: &mut Errors) {
        if self.fields.len() != 1 {
            errors.push(
                span,
                "`transparent` takes one field, which becomes a `Problem`",
            );
        }
        if matches!(self.message, Message::Static(_) | Message::Template(_)) {
            errors.push(span, "a `transparent` error has the message of the error inside, so leave `#[error]` out");
        }
        let marked = self.fields.iter().find(|field| {
            field.detail.is_some()
                || field.fields.is_some()
                || field.retry_after.is_some()
                || field.is_redacted
        });
        if let Some(field) = marked {
            errors.push(
                field.span,
                "a `transparent` error has the details of the error inside, and no others",
            );
        }
    }

    fn check_message(&self, errors: &mut Errors) {
        let Some(text) = &self.row.message else {
            return;
        };
        if matches!(self.message, Message::Static(_)) {
            errors.push(text.span, "the message stands in `#[error(\"…\")]` already");
        }
        let written = &text.value;
        let fields = self
            .fields
            .iter()
            .map(|field| format!("{{{}", field_name(field)));
        for start in fields.filter(|start| written.contains(start)) {
            let message =
                format!("`message` has no fields: write `{start}}}` in `#[error(\"…\")]`");
            errors.push(text.span, message);
        }
    }

    fn check_fields(&self, errors: &mut Errors) {
        let fields = || self.fields.iter();
        let mut names = HashSet::new();
        for detail in fields().filter_map(|field| field.detail.as_ref()) {
            if !names.insert(&detail.name.value) {
                let message = format!(
                    "the detail `{}` stands in this variant twice",
                    detail.name.value
                );
                errors.push(detail.name.span, message);
            }
        }
        let second = |spans: Vec<Span>| spans.get(1).copied();
        if let Some(span) = second(fields().filter_map(|field| field.retry_after).collect()) {
            errors.push(span, "one field is `retry_after`, and another is already");
        }
        if let Some(span) = second(fields().filter_map(|field| field.fields).collect()) {
            errors.push(span, "one field is `fields`, and another is already");
        }
        if let Some(span) = second(
            fields()
                .filter(|field| field.is_source)
                .map(|field| field.span)
                .collect(),
        ) {
            errors.push(span, "one field is the source, and another is already");
        }
        if let Some(from) = fields().find(|field| field.is_from)
            && self.fields.len() > 1
        {
            errors.push(
                from.span,
                "`#[from]` takes a variant of one field, since `from` knows no other",
            );
        }
    }

    /// Whether the error inside provides `Display` and the source.
    pub(crate) fn is_forwarded(&self) -> bool {
        self.row.transparent.is_some() || matches!(self.message, Message::Forwarded(_))
    }

    /// The fields that are details, in the order of the row's details.
    pub(crate) fn details(&self) -> impl Iterator<Item = (&Field, &Detail)> {
        let fields = self.fields.iter();
        fields.filter_map(|field| Some((field, field.detail.as_ref()?)))
    }

    pub(crate) fn sources(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| self.is_source(field))
    }

    pub(crate) fn is_source(&self, field: &Field) -> bool {
        field.is_source || self.is_forwarded()
    }
}
