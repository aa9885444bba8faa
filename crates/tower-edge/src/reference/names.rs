//! Names of types.

use std::collections::BTreeSet;

/// Names that are in use, so that none is used twice.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// Whether another type has the name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// The name, with a number behind it if another type has the name.
    pub(super) fn unique(&mut self, name: &str) -> String {
        let numbered = (2..).map(|number: usize| format!("{name}{number}"));
        let mut names = [name.to_owned()].into_iter().chain(numbered);
        let name = names
            .find(|name| !self.0.contains(name))
            .unwrap_or_default();
        self.0.insert(name.clone());
        name
    }
}

/// The words of a name in upper camel case: `OutOfStock` for `out_of_stock` and for `OUT_OF_STOCK`.
pub(super) fn upper_camel(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let mut camel: String = words.map(capitalized).collect();
    if !camel.starts_with(|c: char| c.is_ascii_alphabetic()) {
        camel.insert(0, 'E');
    }
    camel
}

fn capitalized(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    // A word in upper case is one word. A word in mixed case is several.
    if word.chars().any(|c| c.is_ascii_lowercase()) {
        first.to_ascii_uppercase() + rest
    } else {
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_any_style_is_a_type() {
        for (name, expected) in [
            ("out_of_stock", "OutOfStock"),
            ("OUT_OF_STOCK", "OutOfStock"),
            ("UnauthorizedError", "UnauthorizedError"),
            ("http2-error", "Http2Error"),
            ("2fa", "E2fa"),
            ("", "E"),
        ] {
            assert_eq!(upper_camel(name), expected);
        }
    }

    #[test]
    fn no_name_is_given_twice() {
        let mut names = Names::default();

        assert_eq!(
            ["A", "B", "A", "A"].map(|name| names.unique(name)),
            ["A", "B", "A2", "A3"]
        );
    }
}
