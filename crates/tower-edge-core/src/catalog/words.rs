//! The words of [`catalog!`](crate::catalog), and the texts that the macro computes at compile time.

use http::StatusCode;

use super::{Code, same};

/// A text of at most this length.
#[derive(Clone, Copy, Debug)]
pub struct Text<const LENGTH: usize> {
    bytes: [u8; LENGTH],
    length: usize,
}

impl<const LENGTH: usize> Text<LENGTH> {
    /// The name of a constant, in one of the styles of serde's `rename_all`.
    ///
    /// # Panics
    ///
    /// If the style is unknown.
    #[must_use]
    pub const fn in_style(name: &str, style: &str) -> Self {
        let mut at = 0;
        while at < STYLES.len() && !same(STYLES[at].0, style) {
            at += 1;
        }
        assert!(
            at < STYLES.len(),
            "`rename_all` is none of snake_case, SCREAMING_SNAKE_CASE, kebab-case, SCREAMING-KEBAB-CASE, camelCase, \
             PascalCase, lowercase and UPPERCASE"
        );
        let (_, separator, [first, next, within]) = STYLES[at];
        let mut text = Self::EMPTY;
        let mut case = first;
        let mut at = 0;
        while at < name.len() {
            let byte = name.as_bytes()[at];
            if byte == b'_' {
                if let Some(separator) = separator {
                    text.push(separator);
                }
                case = next;
            } else {
                text.push(match case {
                    Case::Lower => byte.to_ascii_lowercase(),
                    Case::Upper => byte.to_ascii_uppercase(),
                });
                case = within;
            }
            at += 1;
        }
        text
    }

    /// The text of a doc comment. The lines of a paragraph are joined by a space.
    #[must_use]
    pub const fn from_doc(doc: &str) -> Self {
        let mut text = Self::EMPTY;
        let mut lines = 0;
        let mut is_apart = false;
        let mut at = 0;
        while at < doc.len() {
            let byte = doc.as_bytes()[at];
            if byte.is_ascii_whitespace() {
                is_apart = text.length > 0;
                if byte == b'\n' {
                    lines += 1;
                }
            } else {
                if is_apart && lines > 1 {
                    text.push(b'\n');
                    text.push(b'\n');
                } else if is_apart {
                    text.push(b' ');
                }
                text.push(byte);
                lines = 0;
                is_apart = false;
            }
            at += 1;
        }
        text
    }

    /// The text.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        match str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }

    const EMPTY: Self = Self {
        bytes: [0; LENGTH],
        length: 0,
    };

    const fn push(&mut self, byte: u8) {
        self.bytes[self.length] = byte;
        self.length += 1;
    }
}

#[derive(Clone, Copy)]
enum Case {
    Lower,
    Upper,
}

/// Each style: the separator of two words, and the case of the first letter, of the first letter of a later word, and
/// of other letters.
const STYLES: [(&str, Option<u8>, [Case; 3]); 8] = {
    use Case::{Lower, Upper};
    [
        ("snake_case", Some(b'_'), [Lower; 3]),
        ("SCREAMING_SNAKE_CASE", Some(b'_'), [Upper; 3]),
        ("kebab-case", Some(b'-'), [Lower; 3]),
        ("SCREAMING-KEBAB-CASE", Some(b'-'), [Upper; 3]),
        ("camelCase", None, [Lower, Upper, Lower]),
        ("PascalCase", None, [Upper, Upper, Lower]),
        ("lowercase", None, [Lower; 3]),
        ("UPPERCASE", None, [Upper; 3]),
    ]
};

/// The status of an error, by its number.
///
/// # Panics
///
/// If no error has this status.
#[must_use]
#[expect(clippy::panic, reason = "it runs when the program is built")]
pub const fn status(code: u16) -> StatusCode {
    match StatusCode::from_u16(code) {
        Ok(status) if code >= 400 && code < 600 => status,
        _ => panic!("the status of an error is from 400 to 599"),
    }
}

/// A value that converts into a [`Code`].
#[derive(Clone, Copy, Debug)]
pub struct CodeOf<T>(pub T);

impl CodeOf<Code> {
    /// The same code.
    #[must_use]
    pub const fn code(self) -> Code {
        self.0
    }
}

impl CodeOf<i64> {
    /// A number.
    #[must_use]
    pub const fn code(self) -> Code {
        Code::Integer(self.0)
    }
}

impl CodeOf<&'static str> {
    /// Text.
    #[must_use]
    pub const fn code(self) -> Code {
        Code::Text(self.0)
    }
}

/// A constant for each word, so that the compiler suggests the nearest one for a misspelt word.
macro_rules! words {
    ($(#[$doc:meta])* $module:ident: $type:ident { $($word:ident = $variant:ident,)* }) => {
        $(#[$doc])*
        #[expect(non_upper_case_globals, reason = "they are written in `#[api(…)]`")]
        pub mod $module {
            use crate::$type;

            $(
                #[doc = concat!("[`", stringify!($type), "::", stringify!($variant), "`].")]
                pub const $word: $type = $type::$variant;
            )*
        }
    };
}

words! {
    /// The types of a detail.
    detail: DetailType {
        any = Any,
        boolean = Boolean,
        date_time = DateTime,
        integer = Integer,
        number = Number,
        object = Object,
        string = String,
    }
}
words! {
    /// The log levels.
    level: Level {
        debug = Debug,
        error = Error,
        info = Info,
        warn = Warn,
    }
}
words! {
    /// Whether a client may try again.
    retry: Retry {
        later = Later,
        never = Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_name_in_each_style_of_serde() {
        let in_style = |style| {
            Text::<20>::in_style("NO_SUCH_2ND_ROW", style)
                .as_str()
                .to_owned()
        };

        for (style, expected) in [
            ("snake_case", "no_such_2nd_row"),
            ("SCREAMING_SNAKE_CASE", "NO_SUCH_2ND_ROW"),
            ("kebab-case", "no-such-2nd-row"),
            ("SCREAMING-KEBAB-CASE", "NO-SUCH-2ND-ROW"),
            ("camelCase", "noSuch2ndRow"),
            ("PascalCase", "NoSuch2ndRow"),
            ("lowercase", "nosuch2ndrow"),
            ("UPPERCASE", "NOSUCH2NDROW"),
        ] {
            assert_eq!(in_style(style), expected, "{style}");
        }
    }

    #[test]
    fn the_lines_of_a_paragraph_are_joined_and_paragraphs_are_not() {
        let doc = "\n The key is\n  not valid;\n naïve. \n \n\n Or it\n expired.\n";

        let text = Text::<64>::from_doc(doc);

        assert_eq!(
            text.as_str(),
            "The key is not valid; naïve.\n\nOr it expired."
        );
    }
}
