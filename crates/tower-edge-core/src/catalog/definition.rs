use std::fmt;

use http::StatusCode;

use super::DetailDefinition;
use crate::{Kind, Level, Visibility};

/// One row of an API's error reference.
///
/// ```
/// use tower_edge_core::{Code, Definition, Kind, Problem, catalog};
///
/// catalog! {
///     static ERRORS;
///     /// The key passed its expiration date.
///     #[api(Unauthenticated, message = "API key has expired", fix = "Create a new API key")]
///     const EXPIRED_KEY;
/// }
///
/// assert_eq!(EXPIRED_KEY.code(), Code::Text("expired_key"));
/// assert_eq!(Problem::from(&EXPIRED_KEY).status(), 401);
/// // The same row without the macro:
/// let same = Definition::new("expired_key", Kind::Unauthenticated)
///     .with_message("API key has expired")
///     .with_cause("The key passed its expiration date.")
///     .with_resolution("Create a new API key");
/// assert_eq!(EXPIRED_KEY, same);
/// ```
///
/// The service, its documents and its tests read the same rows. A row's [key](Self::key) is unique, while two errors of
/// one API may share a [code](Self::code).
// A literal costs the compiler a third of what a call does, so `#[derive(ApiError)]` writes these.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Definition {
    #[doc(hidden)]
    pub key: &'static str,
    #[doc(hidden)]
    pub kind: Kind,
    /// The title, the message, its template, the cause and the resolution. An empty text is not set.
    #[doc(hidden)]
    pub texts: [&'static str; 5],
    #[doc(hidden)]
    pub details: &'static [DetailDefinition],
    #[doc(hidden)]
    pub options: DefinitionOptions,
}

/// Settings that most rows leave at their defaults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DefinitionOptions {
    aliases: &'static [&'static str],
    code: Option<Code>,
    deprecation: Option<&'static str>,
    level: Option<Level>,
    retry: Option<Retry>,
    scope: Scope,
    status: Option<StatusCode>,
}

impl DefinitionOptions {
    /// The defaults, for a row that describes only the problems made from it.
    pub const OWN: Self = Self {
        aliases: &[],
        code: None,
        deprecation: None,
        level: None,
        retry: None,
        scope: Scope::Own,
        status: None,
    };
}

/// Which problems a row describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The problems made from the row.
    Own,
    /// Also problems of its kind that have no definition.
    Kind,
    /// The same, unless another row of the catalogue has [that scope](Self::Kind) for the kind.
    Fallback,
}

impl Definition {
    /// A row whose code is its key and whose status and message are those of the kind.
    #[must_use]
    pub const fn new(key: &'static str, kind: Kind) -> Self {
        let row = Self {
            key,
            kind,
            texts: [""; 5],
            details: &[],
            options: DefinitionOptions::OWN,
        };
        row.with_default(true)
    }

    /// Sets earlier keys of the error. Readers also find its entry in the reference by these.
    #[must_use]
    pub const fn with_aliases(mut self, keys: &'static [&'static str]) -> Self {
        self.options.aliases = keys;
        self
    }

    /// Sets what causes the error.
    #[must_use]
    pub const fn with_cause(mut self, cause: &'static str) -> Self {
        self.texts[CAUSE] = cause;
        self
    }

    /// Sets the code on the wire.
    #[must_use]
    pub const fn with_code(mut self, code: Code) -> Self {
        self.options.code = Some(code);
        self
    }

    /// Sets whether the row also describes problems of its kind that have no definition, such as those of layers. By
    /// default, the catalogue's first row for a kind does.
    #[must_use]
    pub const fn with_default(mut self, is_default: bool) -> Self {
        self.options.scope = if is_default { Scope::Kind } else { Scope::Own };
        self
    }

    /// Makes this row stand for its kind if no other row of the catalogue does.
    pub(crate) const fn as_fallback(mut self) -> Self {
        self.options.scope = Scope::Fallback;
        self
    }

    /// Marks the error as deprecated, for the reference: the service will not send it any more. The note names its
    /// replacement.
    #[must_use]
    pub const fn with_deprecation(mut self, note: &'static str) -> Self {
        self.options.deprecation = Some(note);
        self
    }

    /// Sets the details that the error may have. The reference lists them. A format sends each of them only to clients
    /// that may see it.
    #[must_use]
    pub const fn with_details(mut self, details: &'static [DetailDefinition]) -> Self {
        self.details = details;
        self
    }

    /// Sets the log level. The default is that of [the status](Level::from_status).
    #[must_use]
    pub const fn with_level(mut self, level: Level) -> Self {
        self.options.level = Some(level);
        self
    }

    /// Sets the message of a problem that has none of its own.
    #[must_use]
    pub const fn with_message(mut self, message: &'static str) -> Self {
        self.texts[MESSAGE] = message;
        self
    }

    /// Sets the message as a template with the names of details in braces, such as `{sku} is out of stock`. The
    /// reference shows it.
    #[must_use]
    pub const fn with_message_template(mut self, template: &'static str) -> Self {
        self.texts[TEMPLATE] = template;
        self
    }

    /// Sets what a caller can do about the error.
    #[must_use]
    pub const fn with_resolution(mut self, resolution: &'static str) -> Self {
        self.texts[RESOLUTION] = resolution;
        self
    }

    /// Sets whether a client may try again.
    #[must_use]
    pub const fn with_retry(mut self, retry: Retry) -> Self {
        self.options.retry = Some(retry);
        self
    }

    /// Sets the status. The default is that of the kind.
    #[must_use]
    pub const fn with_status(mut self, status: StatusCode) -> Self {
        self.options.status = Some(status);
        self
    }

    /// Sets a short summary for people, the same for each problem of the row. The default is the message.
    #[must_use]
    pub const fn with_title(mut self, title: &'static str) -> Self {
        self.texts[TITLE] = title;
        self
    }

    /// The earlier keys of the error.
    #[must_use]
    pub const fn aliases(&self) -> &'static [&'static str] {
        self.options.aliases
    }

    /// What causes the error.
    #[must_use]
    pub const fn cause(&self) -> &'static str {
        self.texts[CAUSE]
    }

    /// The code on the wire.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self.options.code {
            Some(code) => code,
            None => Code::Text(self.key),
        }
    }

    /// What replaces the error, if it is deprecated.
    #[must_use]
    pub const fn deprecation(&self) -> Option<&'static str> {
        self.options.deprecation
    }

    /// The details that the error may have.
    #[must_use]
    pub const fn details(&self) -> &'static [DetailDefinition] {
        self.details
    }

    /// The name of the row, unique within its catalogue.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        self.key
    }

    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The log level of the error.
    #[must_use]
    pub const fn level(&self) -> Level {
        match self.options.level {
            Some(level) => level,
            None => Level::from_status(self.status()),
        }
    }

    /// The message of a problem that has none of its own.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        or(self.texts[MESSAGE], self.kind.title())
    }

    /// The message template, else the [message](Self::message).
    #[must_use]
    pub const fn message_template(&self) -> &'static str {
        or(self.texts[TEMPLATE], self.message())
    }

    /// What a caller can do about the error.
    #[must_use]
    pub const fn resolution(&self) -> &'static str {
        self.texts[RESOLUTION]
    }

    /// Whether a client may try again.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self.options.retry {
            Some(retry) => retry,
            None => Retry::from_kind(self.kind),
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self.options.status {
            Some(status) => status,
            None => self.kind.status(),
        }
    }

    /// A short summary for people: the title that is set, else the message.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        or(self.texts[TITLE], self.message())
    }

    /// Who may see the detail of this name. If the row does not list the detail, it is public.
    #[must_use]
    pub fn visibility(&self, detail: &str) -> Visibility {
        let named = self.details.iter().find(|named| named.name() == detail);
        named.map(DetailDefinition::visibility).unwrap_or_default()
    }

    pub(super) const fn scope(&self) -> Scope {
        self.options.scope
    }
}

const fn or(text: &'static str, default: &'static str) -> &'static str {
    if text.is_empty() { default } else { text }
}

const TITLE: usize = 0;
const MESSAGE: usize = 1;
const TEMPLATE: usize = 2;
const CAUSE: usize = 3;
const RESOLUTION: usize = 4;

/// Whether a client may try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Retry {
    /// The same request will fail again.
    Never,
    /// The client may try again after the time in `Retry-After`. Without the field, it uses exponential backoff.
    Later,
}

impl Retry {
    const fn from_kind(kind: Kind) -> Self {
        match kind.status().as_u16() {
            408 | 429 | 500 | 502..=504 => Self::Later,
            _ => Self::Never,
        }
    }
}

/// A machine-readable error code: text, or a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// A number, such as an HTTP status or a JSON-RPC error code.
    Integer(i64),
    /// A word, such as `NOT_FOUND`.
    Text(&'static str),
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}
