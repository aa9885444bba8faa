use std::fmt;

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
