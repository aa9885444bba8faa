use std::error::Error;
use std::fmt;
use std::fmt::Write;

/// An error and its sources on one line, each level once: at most 32 of them, and at most 4 KiB.
///
/// Control characters are escaped, since a cause may quote what a client or an upstream has sent.
#[derive(Clone, Copy, Debug)]
pub struct Causes<'a>(Option<&'a (dyn Error + 'static)>);

impl<'a> Causes<'a> {
    /// The chain that begins with this error, such as the source of a
    /// [`Problem`](tower_edge_core::Problem) that no envelope sees.
    #[must_use]
    pub const fn new(error: Option<&'a (dyn Error + 'static)>) -> Self {
        Self(error)
    }

    /// Whether nothing is known.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = Line {
            f,
            left: MAX_LENGTH,
        };
        let mut next = self.0;
        let mut separator = "";
        for _ in 0..MAX_DEPTH {
            let Some(error) = next else { break };
            // What fails here is the line that is full, or an error that cannot be displayed.
            if write!(line, "{separator}{error}").is_err() {
                return line.f.write_str("…");
            }
            separator = ": ";
            next = error.source();
        }
        Ok(())
    }
}

/// Takes so many bytes, and no line breaks.
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
    fn each_level_is_told_once() {
        assert_eq!(
            Causes::new(Some(&deep(3))).to_string(),
            "level 0: level 1: level 2"
        );
    }

    #[test]
    fn a_chain_is_told_to_a_depth_of_32() {
        let told = Causes::new(Some(&deep(99))).to_string();

        assert!(told.ends_with(": level 31"), "{told}");
    }

    #[test]
    fn a_long_cause_is_cut() {
        let long = std::io::Error::other("ü".repeat(9999));

        assert!(Causes::new(Some(&long)).to_string().len() <= MAX_LENGTH + "…".len());
    }

    #[test]
    fn a_cause_cannot_begin_a_line_of_its_own() {
        let forged = std::io::Error::other("a\nERROR b\u{1b}[31m");

        assert_eq!(
            Causes::new(Some(&forged)).to_string(),
            "a\\nERROR b\\u{1b}[31m"
        );
    }
}
