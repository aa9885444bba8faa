use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, Lit, LitStr, Meta, Token, parenthesized, token};

use crate::errors::Errors;

/// One of the words in `#[api(…)]`.
pub(crate) struct Word {
    pub(crate) name: Ident,
    /// The name as text, since each comparison of an identifier makes one.
    pub(crate) text: String,
    pub(crate) value: Value,
}

pub(crate) enum Value {
    /// `default`
    Flag,
    /// `detail(name = "left")`
    List(Vec<Word>),
    /// `status = 409`
    Literal(Lit),
    /// `"Conflict"`, which is a mistake.
    Quoted,
    /// `retry = later`
    Word(Box<Word>),
}

/// A text and its place. It is read once, since each reading of a literal costs.
#[derive(Clone)]
pub(crate) struct Text {
    pub(crate) value: String,
    pub(crate) span: Span,
}

impl Text {
    pub(super) fn new(literal: &LitStr) -> Self {
        Self {
            value: literal.value(),
            span: literal.span(),
        }
    }
}

impl Word {
    /// The words of all attributes `#[api(…)]`. In each attribute, they end before the first token that is no word.
    pub(crate) fn all(attributes: &[Attribute], errors: &mut Errors) -> Vec<Self> {
        let of_api = attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("api"));
        let lists = of_api.filter_map(|attribute| {
            let words = attribute.parse_args_with(Punctuated::<Self, Token![,]>::parse_terminated);
            errors.take(words)
        });
        lists.flatten().collect()
    }

    pub(crate) fn span(&self) -> Span {
        self.name.span()
    }

    /// Whether the word has this name.
    pub(super) fn is(&self, text: &str) -> bool {
        self.text == text
    }

    /// The word without a value.
    pub(super) fn flag(&self, errors: &mut Errors) -> Option<Span> {
        match self.value {
            Value::Flag => {}
            Value::Quoted => self.quoted(errors),
            _ => errors.push(self.span(), format_args!("`{}` takes no value", self.name)),
        }
        Some(self.span())
    }

    pub(super) fn quoted(&self, errors: &mut Errors) {
        errors.push(
            self.span(),
            format_args!("write it without quotes: `{}`", self.name),
        );
    }

    pub(super) fn text(&self, errors: &mut Errors) -> Option<Text> {
        self.literal(errors).map(Text::new)
    }

    pub(super) fn literal(&self, errors: &mut Errors) -> Option<&LitStr> {
        if let Value::Literal(Lit::Str(text)) = &self.value {
            return Some(text);
        }
        let name = &self.name;
        errors.push(
            self.span(),
            format_args!("`{name}` takes a text: `{name} = \"…\"`"),
        );
        None
    }

    /// The value, if it is a word alone.
    pub(super) fn word(&self) -> Option<&Self> {
        match &self.value {
            Value::Word(word) if matches!(word.value, Value::Flag) => Some(word),
            _ => None,
        }
    }
}

impl Parse for Word {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(Ident::peek_any) && input.peek(LitStr) {
            let text: LitStr = input.parse()?;
            let name = text.parse_with(Ident::parse_any);
            return Ok(Self {
                name: name.map_err(|_| {
                    syn::Error::new(text.span(), "expected a word, as in `#[api(Conflict)]`")
                })?,
                text: text.value(),
                value: Value::Quoted,
            });
        }
        let name = input.call(Ident::parse_any)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            if input.peek(Ident::peek_any) && !input.peek(Lit) {
                Value::Word(Box::new(input.parse()?))
            } else {
                Value::Literal(input.parse()?)
            }
        } else if input.peek(token::Paren) {
            let list;
            parenthesized!(list in input);
            let words = Punctuated::<Self, Token![,]>::parse_terminated(&list)?;
            Value::List(words.into_iter().collect())
        } else {
            Value::Flag
        };
        let text = name.to_string();
        Ok(Self { name, text, value })
    }
}

/// The doc comment as one text, if there is one. Lines of a paragraph are joined, and paragraphs stay separate.
pub(super) fn docs(attributes: &[Attribute]) -> Option<String> {
    let mut text = String::new();
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
    {
        let Meta::NameValue(pair) = &attribute.meta else {
            continue;
        };
        let Expr::Lit(literal) = &pair.value else {
            continue;
        };
        let Lit::Str(line) = &literal.lit else {
            continue;
        };
        for line in line.value().split('\n').map(str::trim) {
            match line {
                "" if text.is_empty() || text.ends_with('\n') => {}
                "" => text.push_str("\n\n"),
                line if text.is_empty() || text.ends_with('\n') => text.push_str(line),
                line => text.extend([" ", line]),
            }
        }
    }
    let text = text.trim_end();
    (!text.is_empty()).then(|| text.to_owned())
}
