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
/// Code, documents and tests read the same rows. A row's [key](Self::key) is unique, while two errors of one API may
/// share a [code](Self::code).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Definition {
    aliases: &'static [&'static str],
    cause: &'static str,
    code: Code,
    deprecation: Option<&'static str>,
    details: &'static [DetailDefinition],
    key: &'static str,
    kind: Kind,
    level: Option<Level>,
    message: &'static str,
    message_template: Option<&'static str>,
    resolution: &'static str,
    retry: Retry,
    scope: Scope,
    status: StatusCode,
    title: Option<&'static str>,
}

/// Which problems a row describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Those that are made from it.
    Own,
    /// Those of its kind that have no definition too.
    Kind,
    /// The same, unless another row of the catalogue has [that scope](Self::Kind) for the kind.
    Fallback,
}

impl Definition {
    /// A row whose code is its key and whose status and message are those of the kind.
    #[must_use]
    pub const fn new(key: &'static str, kind: Kind) -> Self {
        Self {
            aliases: &[],
            cause: "",
            code: Code::Text(key),
            deprecation: None,
            details: &[],
            key,
            kind,
            level: None,
            message: kind.title(),
            message_template: None,
            resolution: "",
            retry: Retry::from_kind(kind),
            scope: Scope::Kind,
            status: kind.status(),
            title: None,
        }
    }

    /// A row in one call, for `#[derive(ApiError)]`: a call costs the compiler more than an argument. It describes problems
    /// that are made from it, and has no empty text.
    #[doc(hidden)]
    #[must_use]
    pub const fn of_texts(
        key: &'static str,
        kind: Kind,
        [title, message, template, cause, resolution]: [&'static str; 5],
        details: &'static [DetailDefinition],
    ) -> Self {
        let mut row = Self::new(key, kind);
        row.scope = Scope::Own;
        row.cause = cause;
        row.resolution = resolution;
        row.details = details;
        if !title.is_empty() {
            row.title = Some(title);
        }
        if !message.is_empty() {
            row.message = message;
        }
        if !template.is_empty() {
            row.message_template = Some(template);
        }
        row
    }

    /// Sets the keys that the error had earlier. Its entry in the reference is found by them too.
    #[must_use]
    pub const fn with_aliases(mut self, keys: &'static [&'static str]) -> Self {
        self.aliases = keys;
        self
    }

    /// Sets what causes the error.
    #[must_use]
    pub const fn with_cause(mut self, cause: &'static str) -> Self {
        self.cause = cause;
        self
    }

    /// Sets the code on the wire.
    #[must_use]
    pub const fn with_code(mut self, code: Code) -> Self {
        self.code = code;
        self
    }

    /// Sets whether the row describes problems of its kind that have no definition, such as those that layers reject with.
    /// It does by default, if it is the catalogue's first row for the kind.
    #[must_use]
    pub const fn with_default(mut self, is_default: bool) -> Self {
        self.scope = if is_default { Scope::Kind } else { Scope::Own };
        self
    }

    /// Makes it the row for its kind in a catalogue without another.
    pub(crate) const fn as_fallback(mut self) -> Self {
        self.scope = Scope::Fallback;
        self
    }

    /// Marks the error as one that the service will not send any more, and says what takes its place. It is for the
    /// reference.
    #[must_use]
    pub const fn with_deprecation(mut self, note: &'static str) -> Self {
        self.deprecation = Some(note);
        self
    }

    /// Sets the details that the error may have, for the reference. A detail of one of these names is sent only to those
    /// who may see it.
    #[must_use]
    pub const fn with_details(mut self, details: &'static [DetailDefinition]) -> Self {
        self.details = details;
        self
    }

    /// Sets the log level, where it is not that of [the status](Level::from_status).
    #[must_use]
    pub const fn with_level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }

    /// Sets the message of a problem that has none of its own.
    #[must_use]
    pub const fn with_message(mut self, message: &'static str) -> Self {
        self.message = message;
        self
    }

    /// Sets the message with the names of details in braces, such as `{sku} is out of stock`. It is for the reference.
    #[must_use]
    pub const fn with_message_template(mut self, template: &'static str) -> Self {
        self.message_template = Some(template);
        self
    }

    /// Sets what to do about the error.
    #[must_use]
    pub const fn with_resolution(mut self, resolution: &'static str) -> Self {
        self.resolution = resolution;
        self
    }

    /// Sets whether a client may try again.
    #[must_use]
    pub const fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Sets the status where it is not the kind's.
    #[must_use]
    pub const fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Sets a short summary for people, the same for each problem of the row. The default is the message.
    #[must_use]
    pub const fn with_title(mut self, title: &'static str) -> Self {
        self.title = Some(title);
        self
    }

    /// The keys that the error had earlier.
    #[must_use]
    pub const fn aliases(&self) -> &'static [&'static str] {
        self.aliases
    }

    /// What causes the error.
    #[must_use]
    pub const fn cause(&self) -> &'static str {
        self.cause
    }

    /// The code on the wire.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// What takes the place of the error, if it is deprecated.
    #[must_use]
    pub const fn deprecation(&self) -> Option<&'static str> {
        self.deprecation
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
        match self.level {
            Some(level) => level,
            None => Level::from_status(self.status),
        }
    }

    /// The message of a problem that has none of its own.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        self.message
    }

    /// The message with the names of details in braces, else the [message](Self::message).
    #[must_use]
    pub const fn message_template(&self) -> &'static str {
        match self.message_template {
            Some(template) => template,
            None => self.message,
        }
    }

    /// What to do about the error.
    #[must_use]
    pub const fn resolution(&self) -> &'static str {
        self.resolution
    }

    /// Whether a client may try again.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        self.retry
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// A short summary for people: the title that is set, else the message.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        match self.title {
            Some(title) => title,
            None => self.message,
        }
    }

    /// Who may see the detail of this name. A detail that the row does not name is public.
    #[must_use]
    pub fn visibility(&self, detail: &str) -> Visibility {
        let named = self.details.iter().find(|named| named.name() == detail);
        named.map(DetailDefinition::visibility).unwrap_or_default()
    }

    pub(super) const fn scope(&self) -> Scope {
        self.scope
    }
}

/// Whether a client may try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Retry {
    /// The same request will fail again.
    Never,
    /// After the time in `Retry-After`, else with exponential backoff.
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

/// A machine-readable error code as an API writes it: text in most, a number in some.
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
