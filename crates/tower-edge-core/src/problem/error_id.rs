use std::fmt;
use std::time::SystemTime;

use crate::http_ext::hex;

/// The `error_id` of one server error. A client quotes it, and the log line has it.
///
/// The envelope makes it once, when it writes a 5xx, and keeps it in the [`Problem`](crate::Problem). A log layer
/// outside the envelope reads the same id. It is displayed as `err_` and 16 hexadecimal digits, or as its
/// [name](ErrorId::named).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorId {
    id: Id,
    time: SystemTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Id {
    Drawn(u64),
    Named {
        bytes: [u8; MAX_NAME],
        length: usize,
    },
}

impl ErrorId {
    /// The id of an error that is written at this time, from a random number.
    #[must_use]
    pub const fn new(id: u64, time: SystemTime) -> Self {
        Self {
            id: Id::Drawn(id),
            time,
        }
    }

    /// An id that another system has assigned, such as an error tracker. `None` unless the name is 1 to 40 visible
    /// ASCII characters.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use tower_edge_core::{ErrorId, Kind, Problem};
    ///
    /// let mut problem = Problem::new(Kind::Internal);
    /// if let Some(id) = ErrorId::named("err_abc123xyz", SystemTime::UNIX_EPOCH) {
    ///     problem.set_error_id(id);
    /// }
    ///
    /// assert_eq!(problem.error_id().map(|id| id.to_string()).as_deref(), Some("err_abc123xyz"));
    /// ```
    #[must_use]
    pub fn named(name: &str, time: SystemTime) -> Option<Self> {
        let visible = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
        let mut bytes = [0; MAX_NAME];
        let place = bytes.get_mut(..name.len()).filter(|_| visible)?;
        place.copy_from_slice(name.as_bytes());
        Some(Self {
            id: Id::Named {
                bytes,
                length: name.len(),
            },
            time,
        })
    }

    /// When the error was written.
    #[must_use]
    pub const fn time(&self) -> SystemTime {
        self.time
    }
}

impl fmt::Display for ErrorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.id {
            Id::Drawn(id) => {
                let mut text = *b"err_0123456789abcdef";
                let [_, _, _, _, digits @ ..] = &mut text;
                digits.copy_from_slice(&hex((*id).into())[16..]);
                write_ascii(&text, f)
            }
            Id::Named { bytes, length } => write_ascii(bytes.get(..*length).unwrap_or_default(), f),
        }
    }
}

fn write_ascii(text: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(str::from_utf8(text).unwrap_or_default())
}

/// Room for the 32 digits that error trackers use, and a prefix.
const MAX_NAME: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_it_is_or_not_at_all() {
        let named = |name: &str| ErrorId::named(name, SystemTime::UNIX_EPOCH);

        for good in ["a", &"x".repeat(40)] {
            assert_eq!(named(good).unwrap().to_string(), good);
        }
        for bad in ["", "a b", "a\n", "ü", &"x".repeat(41)] {
            assert_eq!(named(bad), None, "{bad:?}");
        }
    }
}
