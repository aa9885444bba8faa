//! The rule that `lib.rs` and `mod.rs` only show what there is; code stands in a file with a name.

use super::source::{Finding, Source};

/// Finds the first item of a facade that is neither a module nor an import.
pub(super) fn facade(source: &Source) -> Option<Finding> {
    if !matches!(source.name(), "lib.rs" | "mod.rs") {
        return None;
    }
    let stranger = first_stranger(source.code())?;
    let rule = format!("{} holds docs, `mod` and `use` lines only", source.name());
    Some(source.finding(stranger, rule))
}

/// Where the first item begins that does not belong into a facade.
fn first_stranger(code: &str) -> Option<usize> {
    let mut rest = code;
    let mut for_doctests = false;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        if rest.starts_with('#') {
            let (attribute, after) = rest.split_at(attribute(rest));
            for_doctests |= attribute.contains("cfg(doctest)");
            rest = after;
        } else if let Some(length) = declaration(rest, for_doctests) {
            for_doctests = false;
            rest = &rest[length..];
        } else {
            return Some(code.len() - rest.len());
        }
    }
}

/// How many bytes the attribute takes with which the text begins.
fn attribute(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' if depth == 1 => return at + 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    text.len()
}

/// How many bytes the declaration takes with which the text begins, if it is one that a facade may have. The
/// doctests of a README hang on a struct that nothing else sees.
fn declaration(text: &str, for_doctests: bool) -> Option<usize> {
    let end = text.find(';')? + 1;
    let item = without_visibility(&text[..end]);
    let allowed = item.starts_with("use ")
        || item.starts_with("mod ") && !item.contains('{')
        || item.starts_with("struct ") && !item.contains(['{', '(']) && for_doctests;
    allowed.then_some(end)
}

fn without_visibility(item: &str) -> &str {
    let Some(rest) = item.strip_prefix("pub") else {
        return item;
    };
    let scope = rest.strip_prefix('(').and_then(|it| it.split_once(')'));
    scope.map_or(rest, |(_, rest)| rest).trim_start()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, code: &str) -> Option<String> {
        facade(&Source::new(name, code)).map(|finding| finding.place)
    }

    #[test]
    fn allows_docs_attributes_modules_and_imports() {
        let code = "//! Docs.\n#![doc = include_str!(\"../README.md\")]\n\n#[cfg(feature = \"axum\")]\nmod axum;\n\
                    pub mod format;\npub(crate) mod shim;\n\npub use format::{\n    A,\n    b::{C, D},\n};\n\
                    pub(super) use e::F;\n#[cfg(test)]\nmod tests;\n";

        assert_eq!(found("src/lib.rs", code), None);
        assert_eq!(found("src/envelope/mod.rs", code), None);
    }

    #[test]
    fn names_the_line_of_the_first_other_item() {
        for stranger in [
            "pub fn a() {}",
            "mod inside { use a; }",
            "pub struct A;",
            "const A: u8 = 1;",
            "macro_rules! a { () => {} }",
            "impl A {}",
        ] {
            let code = format!("mod a;\n\nuse b::C;\n{stranger}\n");

            assert_eq!(
                found("a/mod.rs", &code).as_deref(),
                Some("a/mod.rs:4"),
                "{stranger}"
            );
        }
    }

    #[test]
    fn allows_a_readme_its_doctests() {
        let code =
            "#[cfg(doctest)]\n#[doc = include_str!(\"../README.md\")]\nstruct Readme;\nmod a;\n";

        assert_eq!(found("lib.rs", code), None);
        assert_eq!(
            found("lib.rs", &code.replace("cfg(doctest)", "cfg(test)")).as_deref(),
            Some("lib.rs:3")
        );
    }

    #[test]
    fn looks_at_no_other_file() {
        assert_eq!(found("src/model.rs", "fn a() {}"), None);
    }
}
