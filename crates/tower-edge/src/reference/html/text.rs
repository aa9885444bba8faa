//! Text and JSON as HTML.

use std::fmt::{self, Write};

use serde_json::Value;
use tower_edge_core::http_ext::percent_encode;

/// Text of an element, or the value of an attribute in double quotes.
///
/// HTML cannot contain most control characters ([HTML, text](https://html.spec.whatwg.org/#text-syntax)), so they are
/// escaped as in Rust.
pub(super) struct Text<'a>(pub(super) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' => f.write_char('\n')?,
                c if c.is_control() => write!(f, "{}", c.escape_default())?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Sentences, in which `code` stands between backticks, as in comments of Rust.
pub(super) struct Prose<'a>(pub(super) &'a str);

impl fmt::Display for Prose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some((before, (code, after))) = rest
            .split_once('`')
            .and_then(|(before, opened)| Some((before, opened.split_once('`')?)))
        {
            write!(f, "{}<code>{}</code>", Text(before), Text(code))?;
            rest = after;
        }
        Text(rest).fmt(f)
    }
}

/// The fragment of a URL that links to the element with this id.
pub(super) struct Fragment<'a>(pub(super) &'a str);

impl fmt::Display for Fragment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fragment = String::new();
        let is_kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte);
        percent_encode(self.0, is_kept, &mut fragment);
        f.write_str(&fragment)
    }
}

/// A body. JSON is indented, and its names are marked. Other text is unchanged.
pub(super) fn body(body: &str, page: &mut String) {
    if serde_json::from_str::<Value>(body).is_err() {
        let _ = write!(page, "{}", Text(body));
        return;
    }
    let mut depth = 0;
    let mut rest = body.trim_start();
    while let Some(c) = rest.chars().next() {
        let end = if c == '"' { string(rest) } else { c.len_utf8() };
        let (token, after) = rest.split_at(end);
        rest = after.trim_start();
        match c {
            '"' if rest.starts_with(':') => {
                let _ = write!(page, "<b>{}</b>", Text(token));
            }
            '{' | '[' if !rest.starts_with(['}', ']']) => {
                depth += 1;
                line(token, depth, page);
            }
            ',' => line(token, depth, page),
            ':' => page.push_str(": "),
            '}' | ']' if !page.ends_with(['{', '[']) => {
                depth -= 1;
                line("", depth, page);
                page.push_str(token);
            }
            _ => {
                let _ = write!(page, "{}", Text(token));
            }
        }
    }
}

/// Ends a line after the token, and indents the next.
fn line(token: &str, depth: usize, page: &mut String) {
    let _ = write!(page, "{token}\n{:1$}", "", depth * 2);
}

/// The length of the string that the JSON begins with.
fn string(json: &str) -> usize {
    let mut is_escaped = false;
    let end = json.bytes().skip(1).position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    });
    end.map_or(json.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup_and_ends_no_attribute() {
        let text = Text("<a b='c' d=\"e\">&amp;\0\u{1b}\n").to_string();

        assert_eq!(
            text,
            "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;amp;\\u{0}\\u{1b}\n"
        );
    }

    #[test]
    fn code_in_a_sentence_is_marked_once_it_is_closed() {
        let sentence = Prose("Set `a<b`, not `c` or ` alone").to_string();

        assert_eq!(
            sentence,
            "Set <code>a&lt;b</code>, not <code>c</code> or ` alone"
        );
    }

    #[test]
    fn a_fragment_is_a_part_of_a_url() {
        assert_eq!(Fragment("a_B-1.c").to_string(), "a_B-1.c");
        assert_eq!(Fragment("a b\"%ü").to_string(), "a%20b%22%25%C3%BC");
    }

    #[test]
    fn json_is_indented_in_its_own_order() {
        let mut page = String::new();

        body(
            r#" {"b":[1, {"}":"a\"<:,\\"},true],"a":{},"c":[ ] } "#,
            &mut page,
        );

        let lines = [
            "{",
            "  <b>&quot;b&quot;</b>: [",
            "    1,",
            "    {",
            "      <b>&quot;}&quot;</b>: &quot;a\\&quot;&lt;:,\\\\&quot;",
            "    },",
            "    true",
            "  ],",
            "  <b>&quot;a&quot;</b>: {},",
            "  <b>&quot;c&quot;</b>: []",
            "}",
        ];
        assert_eq!(page, lines.join("\n"));
    }

    #[test]
    fn what_is_not_json_stays_as_it_is() {
        let mut page = String::new();

        body("{\"a\": <1>,\n\0", &mut page);

        assert_eq!(page, "{&quot;a&quot;: &lt;1&gt;,\n\\u{0}");
    }
}
