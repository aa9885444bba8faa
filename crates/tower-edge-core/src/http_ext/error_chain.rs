use std::error::Error;
use std::fmt::Write;
use std::sync::Arc;
use std::{fmt, io, iter};

/// An error, the errors that it wraps, and their causes, outermost first.
///
/// ```
/// use std::error::Error;
/// use std::io;
///
/// use tower_edge_core::http_ext::error_chain;
/// use tower_edge_core::{Kind, Problem};
///
/// let error = io::Error::other(Problem::new(Kind::NotFound));
///
/// assert!(error_chain(&error).any(|error| error.is::<Problem>()));
/// assert!(error.source().is_none());
/// ```
///
/// An `io::Error`, an `Arc` or a `Box` returns the source of the error inside as its own. A walk by
/// [`source`](Error::source) alone therefore misses the error inside; here it is a level. There are at most 32
/// levels, since a chain may be a circle.
pub fn error_chain<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |error| {
        let error = *error;
        wrapped(error).or_else(|| error.source())
    })
    .take(MAX_DEPTH)
}

/// The error inside of one that only wraps it. Only the type of an error shows that it wraps another.
fn wrapped<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        error.get_ref().map(|wrapped| wrapped as _)
    } else if let Some(error) = error.downcast_ref::<Arc<dyn Error + Send + Sync>>() {
        Some(&**error)
    } else if let Some(error) = error.downcast_ref::<Arc<dyn Error>>() {
        Some(&**error)
    } else if let Some(error) = error.downcast_ref::<Arc<io::Error>>() {
        Some(&**error)
    } else if let Some(error) = error.downcast_ref::<Box<io::Error>>() {
        Some(&**error)
    } else {
        None
    }
}

/// An error and its sources on one line, for logs: at most 32 levels, and at most 4 KiB. A level that the text already
/// ends with is left out, since many errors quote their source.
///
/// ```
/// use tower_edge_core::http_ext::ErrorChain;
/// use tower_edge_core::{Kind, Problem};
///
/// let cause = std::io::Error::other("connection\nlost");
/// let problem = Problem::new(Kind::UpstreamError).with_source(cause);
///
/// assert_eq!(ErrorChain::new(Some(&problem)).to_string(), "Bad Gateway: connection\\nlost");
/// ```
///
/// Control characters are escaped, since a cause may quote what a client or an upstream has sent.
#[derive(Clone, Copy, Debug)]
pub struct ErrorChain<'a>(Option<&'a (dyn Error + 'static)>);

impl<'a> ErrorChain<'a> {
    /// The chain that begins with this error, such as the source of a [`Problem`](crate::Problem) that
    /// no envelope sees.
    #[must_use]
    pub const fn new(error: Option<&'a (dyn Error + 'static)>) -> Self {
        Self(error)
    }

    /// Whether there is no error.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl fmt::Display for ErrorChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_line(f, |line| {
            let mut text = Bounded(String::new());
            // By the sources alone: an error that only wraps another one is displayed as that one.
            let mut levels = iter::successors(self.0, |error| (*error).source()).take(MAX_DEPTH);
            let written = levels.try_for_each(|error| text.push(error));
            line.write_str(&text.0)?;
            written
        })
    }
}

/// The text of the levels so far. It takes a limited number of bytes.
struct Bounded(String);

impl Bounded {
    fn push(&mut self, error: &dyn Error) -> fmt::Result {
        let end = self.0.len();
        if end > 0 {
            self.0.push_str(": ");
        }
        let start = self.0.len();
        write!(self, "{error}")?;
        let (before, level) = (self.0.get(..end), self.0.get(start..));
        if let (Some(before), Some(level)) = (before, level)
            && let Some(quoting) = before.strip_suffix(level)
            && !quoting.ends_with(|c: char| c.is_alphanumeric() || c == '.')
        {
            self.0.truncate(end);
        }
        Ok(())
    }
}

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| self.write_char(c))
    }

    fn write_char(&mut self, c: char) -> fmt::Result {
        self.0.push(c);
        // What is written to the line is cut there.
        if self.0.len() > MAX_LENGTH {
            return Err(fmt::Error);
        }
        Ok(())
    }
}

/// Writes a value as a part of one log line: at most this many bytes, then `…`, with control characters escaped.
pub(crate) fn write_line(
    f: &mut fmt::Formatter<'_>,
    write: impl FnOnce(&mut dyn Write) -> fmt::Result,
) -> fmt::Result {
    let mut line = Line {
        f,
        left: MAX_LENGTH,
    };
    match write(&mut line) {
        Ok(()) => Ok(()),
        // The line is full, or something in it cannot be displayed.
        Err(_) => line.f.write_str("…"),
    }
}

/// Takes a limited number of bytes, and no line breaks.
struct Line<'a, 'b> {
    f: &'a mut fmt::Formatter<'b>,
    left: usize,
}

impl Write for Line<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| self.write_char(c))
    }

    fn write_char(&mut self, c: char) -> fmt::Result {
        self.left = self.left.checked_sub(c.len_utf8()).ok_or(fmt::Error)?;
        if c.is_control() {
            write!(self.f, "{}", c.escape_default())
        } else {
            self.f.write_char(c)
        }
    }
}

/// A chain may be a circle.
const MAX_DEPTH: usize = 32;
const MAX_LENGTH: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Level(u32, Option<Box<Self>>);

    impl fmt::Display for Level {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "level {}", self.0)
        }
    }

    impl Error for Level {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|level| level as _)
        }
    }

    fn deep(levels: u32) -> Level {
        (0..levels)
            .rev()
            .fold(None, |inner, level| Some(Box::new(Level(level, inner))))
            .map_or(Level(0, None), |level| *level)
    }

    #[test]
    fn what_an_error_only_wraps_is_a_level() {
        let leaf = || Level(7, None);
        let shared: Arc<dyn Error + Send + Sync> = Arc::new(leaf());
        for error in [
            &io::Error::other(leaf()) as &(dyn Error + 'static),
            &io::Error::other(Arc::clone(&shared)),
            &shared,
            &(Arc::new(leaf()) as Arc<dyn Error>),
            &Arc::new(io::Error::other(leaf())),
            &Box::new(io::Error::other(leaf())),
        ] {
            assert!(
                error_chain(error).any(<dyn Error>::is::<Level>),
                "{error:?}"
            );
        }
    }

    #[test]
    fn a_circle_has_an_end() {
        #[derive(Debug)]
        struct Circle;
        impl fmt::Display for Circle {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("o")
            }
        }
        impl Error for Circle {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(self)
            }
        }

        assert_eq!(error_chain(&Circle).count(), MAX_DEPTH);
        assert_eq!(ErrorChain::new(Some(&Circle)).to_string(), "o");
        assert_eq!(error_chain(&deep(3)).count(), 3);
    }

    #[test]
    fn each_level_is_written_once() {
        assert_eq!(
            ErrorChain::new(Some(&deep(3))).to_string(),
            "level 0: level 1: level 2"
        );
    }

    #[test]
    fn what_an_error_quotes_of_its_source_is_written_once() {
        #[derive(Debug)]
        struct Quote(&'static str, Option<Box<Self>>);
        impl fmt::Display for Quote {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0)
            }
        }
        impl Error for Quote {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                self.1.as_deref().map(|source| source as _)
            }
        }
        let line = |texts: &[&'static str]| {
            let levels = texts.iter().rev();
            let error = levels.fold(None, |source, text| Some(Box::new(Quote(text, source))));
            ErrorChain::new(error.as_deref().map(|error| error as _)).to_string()
        };

        assert_eq!(line(&["db: lost", "lost"]), "db: lost");
        assert_eq!(line(&["lost", "lost", "lost", "reset"]), "lost: reset");
        assert_eq!(
            line(&["db: tcp: lost", "tcp: lost", "lost"]),
            "db: tcp: lost"
        );
        assert_eq!(line(&["code 10", "0"]), "code 10: 0");
        assert_eq!(line(&["lost by db", "db lost"]), "lost by db: db lost");
    }

    #[test]
    fn a_chain_is_written_to_a_depth_of_32() {
        let line = ErrorChain::new(Some(&deep(99))).to_string();

        assert!(line.ends_with(": level 31"), "{line}");
    }

    #[test]
    fn a_long_cause_is_cut() {
        let long = io::Error::other("ü".repeat(9999));

        assert!(ErrorChain::new(Some(&long)).to_string().len() <= MAX_LENGTH + "…".len());
    }

    #[test]
    fn a_cause_cannot_begin_a_line_of_its_own() {
        let forged = io::Error::other("a\nERROR b\u{1b}[31m");

        assert_eq!(
            ErrorChain::new(Some(&forged)).to_string(),
            "a\\nERROR b\\u{1b}[31m"
        );
    }
}
