use std::fmt::Display;

use proc_macro2::Span;

/// All mistakes of one type, so that one compiler run shows them all.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    pub(crate) fn push(&mut self, span: Span, message: impl Display) {
        self.add(syn::Error::new(span, message));
    }

    pub(crate) fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.iter().flatten().count()
    }

    /// The value, unless the result is an error, which is kept.
    pub(crate) fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    pub(crate) fn finish(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

/// The message about an unknown word: the nearest known one, else all of them.
pub(crate) fn unknown(what: &str, word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(near) => format!("unknown {what}`{word}`; did you mean `{near}`?"),
        None => format!("unknown {what}`{word}`; expected {}", one_of(known)),
    }
}

pub(crate) fn one_of(words: &[&str]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// The word that takes the fewest edits, if they are few for its length.
fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let scored = known.iter().map(|near| (distance(word, near), *near));
    let (edits, near) = scored.min()?;
    (edits <= near.len().div_ceil(3)).then_some(near)
}

/// How many letters to insert, to delete, to replace, or to swap with their neighbour.
fn distance(left: &str, right: &str) -> usize {
    let lower = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
    let (left, right) = (lower(left), lower(right));
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, letter) in left.iter().enumerate() {
        let mut next = vec![at + 1];
        for (other, mate) in right.iter().enumerate() {
            let replaced = row[other] + usize::from(letter != mate);
            let mut least = replaced.min(row[other + 1] + 1).min(next[other] + 1);
            if at > 0 && other > 0 && left[at - 1] == *mate && *letter == right[other - 1] {
                least = least.min(before[other - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swapped_and_missing_letters_are_one_edit_each() {
        assert_eq!(distance("detials", "detail"), 2);
        assert_eq!(distance("Conflit", "Conflict"), 1);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn the_nearest_word_is_named_and_otherwise_all() {
        let known = ["retry", "retry_after"];

        let near = unknown("", "retry_afer", &known);
        let far = unknown("word ", "x", &known);

        assert_eq!(near, "unknown `retry_afer`; did you mean `retry_after`?");
        assert_eq!(far, "unknown word `x`; expected `retry` or `retry_after`");
    }
}
