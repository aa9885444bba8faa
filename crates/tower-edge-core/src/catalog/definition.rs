use std::fmt;

use http::StatusCode;

use crate::{Kind, Level, Visibility};

/// One row of an API's error reference.
///
/// Code, documents and tests read the same rows. A row's [key](Self::key) is unique, while two errors of one API may
/// share a [code](Self::code).
///
/// ```
/// use http::StatusCode;
/// use tower_edge_core::{Code, Definition, Kind};
///
/// const EXPIRED: Definition = Definition::new("expired_key", Kind::Unauthenticated)
///     .with_message("API key has expired")
///     .with_cause("Key passed its expiration date")
///     .with_resolution("Create a new API key");
///
/// assert_eq!(EXPIRED.code(), Code::Text("expired_key"));
/// assert_eq!(EXPIRED.status(), StatusCode::UNAUTHORIZED);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Definition {
    cause: &'static str,
    code: Code,
    details: &'static [&'static str],
    development_details: &'static [&'static str],
    key: &'static str,
    kind: Kind,
    level: Option<Level>,
    message: &'static str,
    resolution: &'static str,
    retry: Retry,
    status: StatusCode,
}

impl Definition {
    /// A row whose code is its key and whose status and message are those of the kind.
    #[must_use]
    pub const fn new(key: &'static str, kind: Kind) -> Self {
        Self {
            cause: "",
            code: Code::Text(key),
            details: &[],
            development_details: &[],
            key,
            kind,
            level: None,
            message: kind.title(),
            resolution: "",
            retry: Retry::from_kind(kind),
            status: kind.status(),
        }
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

    /// Names the details that the error may carry, for its page in the reference.
    #[must_use]
    pub const fn with_details(mut self, names: &'static [&'static str]) -> Self {
        self.details = names;
        self
    }

    /// Names the details that are sent in [development](Visibility::Development) only.
    #[must_use]
    pub const fn with_development_details(mut self, names: &'static [&'static str]) -> Self {
        self.development_details = names;
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

    /// The names of the details that every client may see.
    #[must_use]
    pub const fn details(&self) -> &'static [&'static str] {
        self.details
    }

    /// The names of the details that are sent in [development](Visibility::Development) only.
    #[must_use]
    pub const fn development_details(&self) -> &'static [&'static str] {
        self.development_details
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

    /// Who may see the detail of this name. A detail that the row does not name is public.
    #[must_use]
    pub fn visibility(&self, detail: &str) -> Visibility {
        if self.development_details.contains(&detail) {
            Visibility::Development
        } else {
            Visibility::Public
        }
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
