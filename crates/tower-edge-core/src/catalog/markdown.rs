//! The error reference of an API as a page of Markdown.

use std::fmt::Write;

use super::{Catalog, Definition, Retry};
use crate::Visibility;

impl Catalog {
    /// The error reference as a page of Markdown: a table with a line for each row.
    ///
    /// ```
    /// use tower_edge_core::{Catalog, Definition, Kind};
    ///
    /// static ROWS: [Definition; 1] = [Definition::new("not_found", Kind::NotFound)
    ///     .with_message("Resource not found")
    ///     .with_cause("Requested resource doesn't exist")
    ///     .with_resolution("Verify resource ID is correct")];
    ///
    /// let page = Catalog::new(&ROWS)?.to_markdown("Errors");
    ///
    /// assert!(page.starts_with("# Errors"));
    /// assert_eq!(
    ///     page.lines().last(),
    ///     Some(
    ///         "| `not_found` | 404 | Resource not found | | Requested resource doesn't exist \
    ///          | Verify resource ID is correct | no |"
    ///     ),
    /// );
    /// # Ok::<(), tower_edge_core::CatalogError>(())
    /// ```
    ///
    /// If a row's code is not its key, the key follows the code. A detail marked `development` leaves the service
    /// only [in development](crate::Exposure::Development).
    #[must_use]
    pub fn to_markdown(&self, title: &str) -> String {
        Self::markdown_of(title, self.definitions())
    }

    /// The same for any rows, for a reference that adds some to a catalogue.
    #[doc(hidden)]
    pub fn markdown_of(title: &str, rows: impl Iterator<Item = &'static Definition>) -> String {
        let mut page = String::from("# ");
        text(title, &mut page);
        page.push_str("\n\n");
        page.push_str(HEAD);
        for row in rows {
            line(row, &mut page);
        }
        page
    }
}

fn line(row: &Definition, page: &mut String) {
    cell(page, |page| {
        let code_text = row.code().to_string();
        code(&code_text, page);
        if code_text != row.key() {
            page.push_str(" (");
            code(row.key(), page);
            page.push(')');
        }
    });
    cell(page, |page| page.push_str(row.status().as_str()));
    cell(page, |page| text(row.message_template(), page));
    cell(page, |page| details(row, page));
    cell(page, |page| prose(row.cause(), page));
    cell(page, |page| prose(row.resolution(), page));
    cell(page, |page| {
        page.push_str(match row.retry() {
            Retry::Later => "later",
            Retry::Never => "no",
        });
    });
    page.push_str("|\n");
}

/// An empty cell is one space wide.
fn cell(page: &mut String, write: impl FnOnce(&mut String)) {
    page.push_str("| ");
    let before = page.len();
    write(page);
    if page.len() > before {
        page.push(' ');
    }
}

fn details(row: &Definition, page: &mut String) {
    let seen = row.details().iter();
    let seen = seen.filter(|detail| detail.visibility() != Visibility::Internal);
    for (at, detail) in seen.enumerate() {
        if at > 0 {
            page.push_str(", ");
        }
        code(detail.name(), page);
        if detail.visibility() == Visibility::Development {
            page.push_str(" (development)");
        }
    }
}

/// A code span, with as many backticks around it as it needs. Tables split at `|` even in code
/// ([GFM, section 4.10](https://github.github.com/gfm/#tables-extension-)).
fn code(words: &str, page: &mut String) {
    let mut fence = String::from("`");
    while words.contains(&fence) {
        fence.push('`');
    }
    let pad = if fence.len() > 1 { " " } else { "" };
    let words = words.replace('|', "\\|").replace(['\n', '\r'], " ");
    // Writing to a `String` does not fail.
    let _ = write!(page, "{fence}{pad}{words}{pad}{fence}");
}

/// Sentences, in which `code` stands between backticks, as in comments of Rust.
fn prose(words: &str, page: &mut String) {
    let mut rest = words;
    while let Some((before, (inside, after))) = rest
        .split_once('`')
        .and_then(|(before, opened)| Some((before, opened.split_once('`')?)))
    {
        text(before, page);
        code(inside, page);
        rest = after;
    }
    text(rest, page);
}

/// Plain text, with the characters of Markdown escaped.
fn text(words: &str, page: &mut String) {
    for c in words.chars() {
        match c {
            '\n' | '\r' => page.push(' '),
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '~' | '&' | '#' => {
                page.push('\\');
                page.push(c);
            }
            c => page.push(c),
        }
    }
}

const HEAD: &str = "\
| Code | Status | Message | Details | Cause | Resolution | Retry |
|---|---|---|---|---|---|---|
";

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::{Code, DetailDefinition, DetailType, Kind};

    #[test]
    fn a_row_says_all_that_is_known_of_it() {
        static ROWS: [Definition; 1] = [Definition::new("SlowError", Kind::UpstreamTimeout)
            .with_code(Code::Integer(-32004))
            .with_status(StatusCode::BAD_GATEWAY)
            .with_message("Too slow")
            .with_details(&[
                DetailDefinition::new("limit", DetailType::Integer),
                DetailDefinition::new("server_url", DetailType::String)
                    .with_visibility(Visibility::Development),
                DetailDefinition::new("host", DetailType::String)
                    .with_visibility(Visibility::Internal),
            ])
            .with_cause("Load")
            .with_resolution("Wait")];

        let page = Catalog::new(&ROWS).unwrap().to_markdown("Errors");

        assert!(
            page.ends_with(
                "\n| `-32004` (`SlowError`) | 502 | Too slow | `limit`, `server_url` (development) \
                 | Load | Wait | later |\n"
            ),
            "{page}"
        );
    }

    #[test]
    fn code_in_a_cause_and_a_fix_is_code() {
        static ROWS: [Definition; 1] = [Definition::new("a", Kind::Gone)
            .with_message("`m`")
            .with_cause("*No* `a_b|c` and `d`")
            .with_resolution("Set `x_y`, not ` alone")];

        let page = Catalog::new(&ROWS).unwrap().to_markdown("A");

        let end = r"| \`m\` | | \*No\* `a_b\|c` and `d` | Set `x_y`, not \` alone | no |";
        assert_eq!(page.lines().last(), Some(&*format!("| `a` | 410 {end}")));
    }

    #[test]
    fn nothing_in_a_row_is_markup_or_ends_its_cell() {
        static ROWS: [Definition; 1] = [Definition::new("a|b", Kind::Gone)
            .with_message("one\ntwo | <b> `c` *d* e_f [g](h) \\ &amp;")
            .with_cause("|")
            .with_details(&[DetailDefinition::new("`x`", DetailType::Any)])];

        let page = Catalog::new(&ROWS).unwrap().to_markdown("A | B");

        assert!(page.starts_with("# A \\| B\n\n| Code "), "{page}");
        assert!(
            page.ends_with(
                "| `a\\|b` | 410 | one two \\| \\<b\\> \\`c\\` \\*d\\* e\\_f \\[g\\](h) \\\\ \\&amp; \
                 | `` `x` `` | \\| | | no |\n"
            ),
            "{page}"
        );
    }
}
