use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Token};

use super::Field;
use super::word::Text;
use crate::errors::{Errors, unknown};

/// The text of `#[error(…)]`, or `message` of a server error.
pub(crate) enum Message {
    /// `#[error(transparent)]`: the message of the error inside.
    Forwarded(Span),
    /// No message: the one of the row counts.
    OfRow,
    /// A text without fields.
    Static(Text),
    Template(Template),
}

/// A text with fields in it.
pub(crate) struct Template {
    /// The format for `write!`, with each argument by its position.
    pub(crate) format: String,
    pub(crate) arguments: Vec<String>,
    /// The text for the reference, with names in braces.
    pub(crate) text: String,
    pub(crate) has_redacted: bool,
    /// The indices of the fields in the message.
    pub(crate) fields: BTreeSet<usize>,
}

impl Message {
    /// The text of `#[error(…)]`, which is sent to clients or only logged.
    pub(super) fn new(
        attributes: &[Attribute],
        fields: &[Field],
        is_sent: bool,
        errors: &mut Errors,
    ) -> Self {
        let mut of_error = attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("error"));
        let Some(attribute) = of_error.next() else {
            return Self::OfRow;
        };
        if let Some(second) = of_error.next() {
            errors.push(span_of(second), "`error` stands here twice");
        }
        let parsed = attribute.parse_args_with(|input: ParseStream<'_>| {
            // Checking for a literal costs as much as reading one.
            if input.peek(Ident::peek_any) {
                let word: Ident = input.parse()?;
                return Ok((Err(word), input.parse()?));
            }
            let text = Text::new(&input.parse()?);
            input.parse::<Option<Token![,]>>()?;
            Ok((Ok(text), input.parse::<TokenStream>()?))
        });
        match errors.take(parsed) {
            Some((Ok(text), arguments)) => {
                Writer::new(text, fields, is_sent, errors).message(arguments)
            }
            Some((Err(word), _)) if word == "transparent" => Self::Forwarded(word.span()),
            Some((Err(word), _)) => {
                let message = "a message is a text: for another `Display`, use thiserror's derive beside this one, and \
                               `#[api(thiserror)]`";
                errors.push(word.span(), message);
                Self::OfRow
            }
            None => Self::OfRow,
        }
    }

    /// The text of `message`, which is sent.
    pub(super) fn sent(text: Text, fields: &[Field], errors: &mut Errors) -> Self {
        Writer::new(text, fields, true, errors).message(TokenStream::new())
    }

    pub(crate) fn template(&self) -> Option<&Template> {
        match self {
            Self::Template(template) => Some(template),
            _ => None,
        }
    }
}

/// Rewrites the format, with the arguments by position.
struct Writer<'a> {
    source: Text,
    fields: &'a [Field],
    /// Whether clients receive it.
    is_sent: bool,
    errors: &'a mut Errors,
    format: String,
    text: String,
    arguments: Vec<String>,
    has_redacted: bool,
    used: BTreeSet<usize>,
}

/// An argument after the text: `.left`, or `limit = .left + 1`.
struct Argument {
    name: Option<String>,
    /// The index of the field, if the argument is nothing but a field.
    field: Option<usize>,
    tokens: TokenStream,
    is_used: bool,
}

impl<'a> Writer<'a> {
    fn new(source: Text, fields: &'a [Field], is_sent: bool, errors: &'a mut Errors) -> Self {
        Self {
            source,
            fields,
            is_sent,
            errors,
            format: String::new(),
            text: String::new(),
            arguments: Vec::new(),
            has_redacted: false,
            used: BTreeSet::new(),
        }
    }

    fn message(mut self, arguments: TokenStream) -> Message {
        let mut arguments = self.parse_arguments(arguments);
        let source = std::mem::take(&mut self.source.value);
        let mut rest = source.as_str();
        let (mut next, mut has_fields) = (0, false);
        while let Some(at) = rest.find(['{', '}']) {
            self.push(&rest[..at]);
            let (brace, after) = rest[at..].split_at(1);
            if let Some(after) = after.strip_prefix(brace) {
                self.format.push_str(&brace.repeat(2));
                self.text.push_str(brace);
                rest = after;
                continue;
            }
            let Some((placeholder, after)) = after.split_once('}').filter(|_| brace == "{") else {
                self.fail("a brace that is no field is written twice: `{{` or `}}`".to_owned());
                break;
            };
            has_fields = true;
            rest = after;
            let (name, spec) = placeholder.split_once(':').unwrap_or((placeholder, ""));
            self.placeholder(name.trim(), spec, &mut arguments, &mut next);
        }
        self.push(if has_fields || rest.find(['{', '}']).is_none() {
            rest
        } else {
            ""
        });
        if arguments.iter().any(|argument| !argument.is_used) {
            self.fail("an argument does not stand in the message".to_owned());
        }
        if has_fields {
            Message::Template(Template {
                format: self.format,
                arguments: self.arguments,
                text: self.text,
                has_redacted: self.has_redacted,
                fields: self.used,
            })
        } else {
            Message::Static(Text {
                value: self.text,
                span: self.source.span,
            })
        }
    }

    fn push(&mut self, text: &str) {
        self.format.push_str(text);
        self.text.push_str(text);
    }

    fn fail(&mut self, message: String) {
        self.errors.push(self.source.span, message);
    }

    fn placeholder(
        &mut self,
        name: &str,
        spec: &str,
        arguments: &mut [Argument],
        next: &mut usize,
    ) {
        if spec.contains('$') {
            return self.fail(format!(
                "`{{:{spec}}}` takes its width or precision from an argument: use thiserror's derive for that, beside \
                 this one, and `#[api(thiserror)]`"
            ));
        }
        let is_tuple = self
            .fields
            .iter()
            .all(|field| matches!(field.member, syn::Member::Unnamed(_)));
        let index = name.parse::<usize>().ok();
        let argument = match index {
            _ if name.is_empty() => {
                *next += 1;
                arguments.get_mut(*next - 1)
            }
            Some(index) if !is_tuple => arguments.get_mut(index),
            Some(_) => None,
            None => arguments
                .iter_mut()
                .find(|argument| argument.name.as_deref() == Some(name)),
        };
        let field = match &argument {
            Some(argument) => argument.field,
            None => self.field_named(name),
        };
        if let Some(field) = field {
            if let Some(argument) = argument {
                argument.is_used = true;
            }
            return self.push_field(field, spec);
        }
        let Some(argument) = argument else {
            let known: Vec<_> = self.fields.iter().map(field_name).collect();
            let known: Vec<_> = known.iter().map(String::as_str).collect();
            return self.fail(match name {
                "" => "`{}` has no argument: name a field, as in `{left}`".to_owned(),
                _ if known.is_empty() => format!("there is no field `{name}`"),
                _ => unknown("field ", name, &known),
            });
        };
        argument.is_used = true;
        self.arguments.push(argument.tokens.to_string());
        self.text.push_str(&match &argument.name {
            Some(name) => format!("{{{name}}}"),
            None => "{…}".to_owned(),
        });
        self.push_spec(spec);
    }

    fn push_field(&mut self, at: usize, spec: &str) {
        let Some(field) = self.fields.get(at) else {
            return;
        };
        if field.is_redacted {
            self.has_redacted = true;
            return self.push("[redacted]");
        }
        self.used.insert(at);
        self.check_sent(at);
        let detail = field.detail.as_ref();
        let name = detail.map_or_else(|| field_name(field), |detail| detail.name.value.clone());
        self.text.push_str(&format!("{{{name}}}"));
        self.arguments.push(field.binding_text());
        self.push_spec(spec);
    }

    fn push_spec(&mut self, spec: &str) {
        let placeholder = if spec.is_empty() {
            "{}".to_owned()
        } else {
            format!("{{:{spec}}}")
        };
        self.format.push_str(&placeholder);
    }

    /// Clients see a message that is sent, so it must not contain a field that they must not see.
    fn check_sent(&mut self, at: usize) {
        let Some(field) = self.fields.get(at).filter(|_| self.is_sent) else {
            return;
        };
        let name = field_name(field);
        let hidden = field
            .detail
            .as_ref()
            .map(|detail| detail.visibility)
            .filter(|who| *who != "Public");
        if field.is_source {
            self.fail(format!("clients receive the message, and never the source: leave `{{{name}}}` out; the log has it"));
        } else if let Some(who) = hidden {
            let word = who.to_lowercase();
            self.fail(format!("clients receive the message, and `{name}` is `{word}`: leave it out, or mark it `redacted`"));
        }
    }

    fn field_named(&self, name: &str) -> Option<usize> {
        let name = name.trim_start_matches("r#");
        self.fields
            .iter()
            .position(|field| field_name(field) == name)
    }

    fn parse_arguments(&mut self, tokens: TokenStream) -> Vec<Argument> {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let parts = tokens
            .split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ','));
        let parts = parts.filter(|part| !part.is_empty());
        parts.map(|part| self.argument(part)).collect()
    }

    fn argument(&mut self, tokens: &[TokenTree]) -> Argument {
        let (name, tokens) = match tokens {
            [TokenTree::Ident(name), TokenTree::Punct(equals), rest @ ..]
                if equals.as_char() == '=' && !starts_with(rest, '=') =>
            {
                (Some(name.to_string()), rest)
            }
            _ => (None, tokens),
        };
        let field = match tokens {
            [TokenTree::Punct(dot), member] if dot.as_char() == '.' => {
                self.field_named(&member.to_string())
            }
            _ => None,
        };
        let tokens = match field {
            Some(_) => TokenStream::new(),
            None => self.with_bindings(tokens.iter().cloned()),
        };
        Argument {
            name,
            field,
            tokens,
            is_used: false,
        }
    }

    /// The tokens with the binding of a field for each `.field` that begins an expression.
    fn with_bindings(&mut self, tokens: impl Iterator<Item = TokenTree>) -> TokenStream {
        let mut out = TokenStream::new();
        let mut begins = true;
        let mut tokens = tokens.peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(dot) if dot.as_char() == '.' && begins => {
                    let member = tokens.next();
                    let member_name = member.as_ref().map(ToString::to_string).unwrap_or_default();
                    match self.field_named(&member_name) {
                        Some(at) => {
                            self.check_expression(at);
                            out.extend(
                                self.fields
                                    .get(at)
                                    .map(|field| field.binding().to_token_stream()),
                            );
                        }
                        None => self.fail(format!("there is no field `{member_name}`")),
                    }
                    begins = false;
                }
                TokenTree::Punct(punct) => {
                    begins = !['.', '?'].contains(&punct.as_char());
                    out.extend(quote!(#punct));
                }
                TokenTree::Group(group) => {
                    let inner = self.with_bindings(group.stream().into_iter());
                    let mut replaced = Group::new(group.delimiter(), inner);
                    replaced.set_span(group.span());
                    begins = group.delimiter() == Delimiter::Brace;
                    out.extend(quote!(#replaced));
                }
                other => {
                    begins = false;
                    out.extend(quote!(#other));
                }
            }
        }
        out
    }

    fn check_expression(&mut self, at: usize) {
        self.used.insert(at);
        self.check_sent(at);
        if let Some(field) = self.fields.get(at).filter(|field| field.is_redacted) {
            let name = field_name(field);
            self.fail(format!(
                "`{name}` is redacted, so that it stands in the message by itself: `{{{name}}}`"
            ));
        }
    }
}

pub(super) fn field_name(field: &Field) -> String {
    match &field.member {
        syn::Member::Named(name) => name.to_string().trim_start_matches("r#").to_owned(),
        syn::Member::Unnamed(index) => index.index.to_string(),
    }
}

fn starts_with(tokens: &[TokenTree], with: char) -> bool {
    matches!(tokens.first(), Some(TokenTree::Punct(punct)) if punct.as_char() == with)
}

fn span_of(attribute: &Attribute) -> Span {
    attribute
        .path()
        .get_ident()
        .map_or_else(Span::call_site, Ident::span)
}
