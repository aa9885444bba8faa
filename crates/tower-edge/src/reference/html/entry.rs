//! One error of the page: its meaning, beside the response that a client receives.

use std::fmt::Write;

use tower_edge_core::{Definition, Retry, Visibility};

use super::text::{Fragment, Prose, Text, body};
use crate::reference::error_json::{seen, type_name};
use crate::reference::example::{Example, example};
use crate::reference::{Reference, headers};

impl Reference {
    /// `whole` is the URL of the page of all errors, which the entry links to.
    pub(super) fn entry(&self, row: &'static Definition, whole: &str, page: &mut String) {
        let (key, code) = (row.key(), row.code().to_string());
        let _ = write!(
            page,
            "<article id=\"{}\" tabindex=\"-1\">\n<div class=\"about\">\n",
            Text(key)
        );
        // Two elements with one id are not valid HTML: the first error with the key keeps it.
        let aliases = row.aliases().iter();
        for alias in aliases.filter(|alias| self.row(alias) == Some(row)) {
            let _ = writeln!(page, "<span id=\"{}\"></span>", Text(alias));
        }
        let _ = write!(
            page,
            "<h2><a href=\"{}#{}\">{}</a></h2>\n<p class=\"status s{}\"><b>{}</b> {}</p>\n",
            Text(whole),
            Fragment(key),
            Text(&code),
            row.status().as_u16() / 100,
            row.status().as_u16(),
            row.status().canonical_reason().unwrap_or_default(),
        );
        let _ = writeln!(page, "<p class=\"lead\">{}</p>", Text(row.title()));
        if let Some(note) = row.deprecation() {
            let _ = writeln!(
                page,
                "<p class=\"deprecated\"><b>Deprecated</b> {}</p>",
                Prose(note)
            );
        }
        facts(row, &code, page);
        details(row, page);
        page.push_str("</div>\n");
        if !self.formats.is_empty() {
            page.push_str("<div class=\"examples\">\n<h3>Example response</h3>\n");
            for named in &self.formats {
                let _ = write!(
                    page,
                    "<section data-format=\"{0}\">\n<h4>{0}</h4>\n",
                    Text(&named.name)
                );
                response(&example(row, &*named.format), page);
                page.push_str("</section>\n");
            }
            page.push_str("</div>\n");
        }
        page.push_str("</article>\n");
    }
}

fn facts(row: &Definition, code: &str, page: &mut String) {
    page.push_str("<dl>\n");
    if code != row.key() {
        fact("Key", row.key(), page);
    }
    if row.message_template() != row.title() {
        fact("Message", row.message_template(), page);
    }
    if !row.cause().is_empty() {
        fact("Cause", row.cause(), page);
    }
    if !row.resolution().is_empty() {
        fact("Fix", row.resolution(), page);
    }
    let retry = match row.retry() {
        Retry::Later => "Later: after the time in Retry-After, else with exponential backoff.",
        _ => "No: the same request fails again.",
    };
    fact("Retry", retry, page);
    if !row.aliases().is_empty() {
        fact("Earlier keys", &row.aliases().join(", "), page);
    }
    page.push_str("</dl>\n");
}

fn fact(name: &str, value: &str, page: &mut String) {
    let _ = writeln!(page, "<dt>{name}</dt>\n<dd>{}</dd>", Prose(value));
}

fn details(row: &Definition, page: &mut String) {
    let mut seen = seen(row).peekable();
    if seen.peek().is_none() {
        return;
    }
    page.push_str(
        "<table>\n<caption>Details</caption>\n<thead>\n<tr><th scope=\"col\">Name</th><th scope=\"col\">Type</th>\
         <th scope=\"col\">Description</th></tr>\n</thead>\n<tbody>\n",
    );
    for detail in seen {
        let is_optional = if detail.is_optional() {
            ", optional"
        } else {
            ""
        };
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\">{}</th><td>{}{is_optional}</td><td>{}{}</td></tr>",
            Text(detail.name()),
            type_name(detail.detail_type()),
            Prose(detail.description()),
            if detail.visibility() == Visibility::Development {
                " Only in development."
            } else {
                ""
            },
        );
    }
    page.push_str("</tbody>\n</table>\n");
}

/// The response as it travels in HTTP/1.1.
fn response(example: &Example, page: &mut String) {
    let status = example.status;
    let reason = status.canonical_reason().unwrap_or_default();
    let _ = writeln!(
        page,
        "<pre tabindex=\"0\"><code><i>HTTP/1.1 {} {reason}",
        status.as_u16()
    );
    for (name, value) in &example.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let _ = writeln!(page, "{}: {}", headers::display(name), Text(&value));
    }
    page.push_str("</i>\n");
    body(&example.body, page);
    page.push_str("</code></pre>\n");
}
