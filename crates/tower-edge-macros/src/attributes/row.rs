use proc_macro2::Span;
use syn::{Ident, Lit};

use super::word::{Text, Value, Word};
use super::{container, field};
use crate::errors::{Errors, one_of, unknown};
use crate::kinds::{KINDS, is_server_error, meant, unknown_kind};

/// The attributes of a variant or a struct: those of a row, or `transparent`.
#[derive(Default)]
pub(crate) struct Row {
    pub(crate) kind: Option<Ident>,
    pub(crate) key: Option<Text>,
    pub(crate) aliases: Vec<Text>,
    pub(crate) cause: Option<String>,
    /// The message of a problem that has none of its own.
    pub(crate) message: Option<Text>,
    pub(crate) title: Option<Text>,
    pub(crate) fix: Option<Text>,
    status: Option<u16>,
    /// Whether the row also describes problems of layers, and where that is written.
    pub(crate) default: Option<Span>,
    pub(crate) transparent: Option<Span>,
    /// The other words, as calls of a `Definition`'s methods.
    pub(crate) calls: String,
}

impl Row {
    pub(super) fn new(words: &[Word], is_struct: bool, errors: &mut Errors) -> Self {
        let mut row = Self::default();
        for (at, word) in words.iter().enumerate() {
            let name = word.text.as_str();
            let mut earlier = words[..at].iter();
            if name != "alias" && earlier.any(|earlier| earlier.is(name)) {
                errors.push(word.span(), format_args!("`{name}` stands here twice"));
            } else if KINDS.contains(&name) {
                row.set_kind(word, errors);
            } else if !(is_struct && container::WORDS.contains(&name)) {
                row.set(name, word, errors);
            }
        }
        if let (Some(span), true) = (row.transparent, words.len() > 1 && !is_struct) {
            let message = "`transparent` stands alone: all else is that of the error inside";
            errors.push(span, message);
        }
        row
    }

    /// Treats the row as one with a kind, since not all of its words could be read.
    pub(super) fn assume_kind(&mut self, name: &Ident) {
        self.kind.get_or_insert_with(|| name.clone());
    }

    /// Whether it is the service's fault, so that its text is for the log.
    pub(super) fn is_server_error(&self) -> bool {
        match (self.status, &self.kind) {
            (Some(status), _) => status >= 500,
            (None, Some(kind)) => is_server_error(&kind.to_string()),
            (None, None) => false,
        }
    }

    fn set_kind(&mut self, word: &Word, errors: &mut Errors) {
        word.flag(errors);
        match &self.kind {
            Some(kind) => errors.push(
                word.span(),
                format_args!("an error has one kind, and this one is `{kind}` already"),
            ),
            None => self.kind = Some(word.name.clone()),
        }
    }

    fn set(&mut self, name: &str, word: &Word, errors: &mut Errors) {
        match name {
            "alias" => self.aliases.extend(word.text(errors)),
            "cause" => self.cause = word.text(errors).map(|text| text.value),
            "code" => self.calls.extend(code(word, errors)),
            "default" => self.default = word.flag(errors),
            "deprecated" => self
                .calls
                .extend(call("with_deprecation", word.text(errors))),
            "fix" => self.fix = word.text(errors),
            "key" => self.key = word.text(errors),
            "level" => self
                .calls
                .extend(choice("with_level", "Level", &LEVELS, word, errors)),
            "message" => self.message = word.text(errors),
            "retry" => self
                .calls
                .extend(choice("with_retry", "Retry", &RETRIES, word, errors)),
            "status" => {
                self.status = status(word, errors);
                let status = self.status.iter();
                self.calls
                    .extend(status.map(|number| format!(".with_status(__edge::status({number}))")));
            }
            "title" => self.title = word.text(errors),
            "transparent" => self.transparent = word.flag(errors),
            _ => {
                errors.push(word.span(), misplaced_or_unknown(name, word));
                if name == "kind" || name.starts_with(char::is_uppercase) || meant(name).is_some() {
                    self.kind = Some(word.name.clone());
                }
            }
        }
    }
}

fn misplaced_or_unknown(name: &str, word: &Word) -> String {
    if name == "kind" {
        let kind = match &word.value {
            Value::Literal(Lit::Str(text)) => meant(&text.value()),
            _ => word.word().and_then(|kind| meant(&kind.text)),
        };
        let kind = kind.unwrap_or("Conflict");
        format!("the kind stands alone: `#[api({kind})]`")
    } else if field::WORDS.contains(&name) {
        format!("`{name}` stands on a field")
    } else if container::WORDS.contains(&name) {
        format!("`{name}` stands on the enum")
    } else if name.starts_with(char::is_uppercase) {
        unknown_kind(name)
    } else if let Some(kind) = meant(name) {
        format!("unknown `{name}`; did you mean the kind `{kind}`?")
    } else {
        unknown("", name, &WORDS)
    }
}

fn call(method: &str, text: Option<Text>) -> Option<String> {
    let text = text?.value;
    Some(format!(".{method}({text:?})"))
}

fn code(word: &Word, errors: &mut Errors) -> Option<String> {
    match &word.value {
        Value::Literal(Lit::Str(text)) => {
            let text = text.value();
            Some(format!(".with_code(__edge::Code::Text({text:?}))"))
        }
        Value::Literal(Lit::Int(number)) if number.base10_parse::<i64>().is_ok() => {
            Some(format!(".with_code(__edge::Code::Integer({number}))"))
        }
        _ => {
            let message =
                "`code` takes a text or an integer: `code = \"OUT_OF_STOCK\"`, `code = -32004`";
            errors.push(word.span(), message);
            None
        }
    }
}

fn status(word: &Word, errors: &mut Errors) -> Option<u16> {
    let number = match &word.value {
        Value::Literal(Lit::Int(number)) => number.base10_parse::<u16>().ok(),
        _ => None,
    };
    let number = number.filter(|number| (400..=599).contains(number));
    if number.is_none() {
        let message = "`status` takes a number from 400 to 599: `status = 409`";
        errors.push(word.span(), message);
    }
    number
}

/// A choice among a few values, which is a variant of the same name.
fn choice(
    method: &str,
    of: &str,
    known: &[(&str, &str)],
    word: &Word,
    errors: &mut Errors,
) -> Option<String> {
    let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
    let Some(value) = word.word() else {
        let message = format!("`{}` takes {}", word.name, one_of(&names));
        errors.push(word.span(), message);
        return None;
    };
    let Some((_, variant)) = known.iter().find(|(name, _)| value.is(name)) else {
        errors.push(value.span(), unknown("", &value.text, &names));
        return None;
    };
    Some(format!(".{method}(__edge::{of}::{variant})"))
}

const LEVELS: [(&str, &str); 4] = [
    ("debug", "Debug"),
    ("info", "Info"),
    ("warn", "Warn"),
    ("error", "Error"),
];
const RETRIES: [(&str, &str); 2] = [("never", "Never"), ("later", "Later")];

pub(super) const WORDS: [&str; 13] = [
    "alias",
    "cause",
    "code",
    "default",
    "deprecated",
    "fix",
    "key",
    "level",
    "message",
    "retry",
    "status",
    "title",
    "transparent",
];
