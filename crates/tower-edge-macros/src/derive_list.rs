use std::fs;

use proc_macro::Span;

/// Whether the list `#[derive(…)]` with this derive also contains an `Error`, which is thiserror's.
///
/// The compiler passes only the type to a derive, so this reads the source file. It returns `false` if the file cannot
/// be read.
pub(crate) fn has_thiserror() -> bool {
    let here = Span::call_site();
    let text = here.local_file().map(fs::read_to_string);
    text.is_some_and(|text| text.is_ok_and(|text| has_error(&text, here.line(), here.column())))
}

/// Whether the list around this place has an `Error`. Lines and columns begin with 1, and a column is a character.
fn has_error(text: &str, line: usize, column: usize) -> bool {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = before.map(str::len).sum();
    let line = text.get(start..).unwrap_or_default();
    let letters = line.chars().take(column.saturating_sub(1));
    let at = start + letters.map(char::len_utf8).sum::<usize>();
    let Some((before, after)) = text.split_at_checked(at) else {
        return false;
    };
    let Some((attribute, before)) = before.rsplit_once('(') else {
        return false;
    };
    let Some((after, _)) = after.split_once(')') else {
        return false;
    };
    let is_error = |path: &str| {
        path.rsplit("::")
            .next()
            .is_some_and(|name| name.trim() == "Error")
    };
    attribute.trim_end().ends_with("derive")
        && !before.contains([')', ']'])
        && before.split(',').chain(after.split(',')).any(is_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With the place of `ApiError` in the text.
    fn is_found(text: &str) -> bool {
        let (before, _) = text.split_once("ApiError").unwrap();
        let line = before.rsplit('\n').next().unwrap();
        has_error(
            text,
            before.matches('\n').count() + 1,
            line.chars().count() + 1,
        )
    }

    #[test]
    fn an_error_in_the_same_list_is_found() {
        for text in [
            "#[derive(Debug, thiserror::Error, ApiError)]",
            "#[derive(ApiError, Debug, Error)] enum E {}",
            "#![allow(x)]\n/* é */ #[derive(\n    Error,\n    tower_edge::ApiError,\n)]",
            "#[cfg_attr(all(), derive (ApiError, ::thiserror::Error))]",
        ] {
            assert!(is_found(text), "{text}");
        }
    }

    #[test]
    fn an_error_elsewhere_is_not() {
        for text in [
            "#[derive(Debug, ApiError)] enum E { #[error(\"x\")] A(Error) }",
            "#[derive(thiserror::Error)] #[derive(Debug, ApiError)]",
            "#[derive(Debug, ApiError)] #[derive(thiserror::Error)]",
            "#[derive(Debug, ErrorCode, ApiError)]",
            "errors!(Error, ApiError)",
            "ApiError",
        ] {
            assert!(!is_found(text), "{text}");
        }
        assert!(!has_error("#[derive(Error, ApiError)]", 7, 90));
        assert!(!has_error("", 0, 0));
    }
}
