/// The styles of keys, with serde's names.
#[derive(Clone, Copy)]
pub(crate) enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Case {
    pub(crate) const NAMES: [&str; 8] = [
        "lowercase",
        "UPPERCASE",
        "PascalCase",
        "camelCase",
        "snake_case",
        "SCREAMING_SNAKE_CASE",
        "kebab-case",
        "SCREAMING-KEBAB-CASE",
    ];

    pub(crate) fn named(name: &str) -> Option<Self> {
        let at = Self::NAMES.iter().position(|known| *known == name)?;
        let cases = [
            Self::Lower,
            Self::Upper,
            Self::Pascal,
            Self::Camel,
            Self::Snake,
            Self::ScreamingSnake,
            Self::Kebab,
            Self::ScreamingKebab,
        ];
        cases.get(at).copied()
    }

    /// The key of a variant with this name.
    pub(crate) fn key(self, variant: &str) -> String {
        let words = words(variant.trim_start_matches("r#"));
        let upper = |words: &[String], separator| words.join(separator).to_uppercase();
        match self {
            Self::Lower => words.concat(),
            Self::Upper => upper(&words, ""),
            Self::Pascal => words.iter().map(|word| capital(word)).collect(),
            Self::Camel => {
                let mut words = words.iter();
                let first = words.next().cloned().unwrap_or_default();
                words.fold(first, |name, word| name + &capital(word))
            }
            Self::Snake => words.join("_"),
            Self::ScreamingSnake => upper(&words, "_"),
            Self::Kebab => words.join("-"),
            Self::ScreamingKebab => upper(&words, "-"),
        }
    }
}

/// The words of a name in lower case. `HTTPError` has two.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (at, letter) in letters.iter().enumerate() {
        let follows_lower = at > 0 && !letters[at - 1].is_uppercase();
        let goes_before_lower = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        let begins = letter.is_uppercase() && (follows_lower || goes_before_lower);
        if begins || *letter == '_' {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| *letter != '_') {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_in_each_case() {
        let keys = Case::NAMES.map(|name| Case::named(name).unwrap().key("OutOfStock"));

        assert_eq!(
            keys,
            [
                "outofstock",
                "OUTOFSTOCK",
                "OutOfStock",
                "outOfStock",
                "out_of_stock",
                "OUT_OF_STOCK",
                "out-of-stock",
                "OUT-OF-STOCK",
            ]
        );
    }

    #[test]
    fn an_abbreviation_is_one_word() {
        assert_eq!(Case::Snake.key("HTTPError"), "http_error");
        assert_eq!(Case::Snake.key("NoUTF8"), "no_utf8");
        assert_eq!(Case::Snake.key("Sha2Mismatch"), "sha2_mismatch");
        assert_eq!(Case::Snake.key("r#Type"), "type");
    }
}
