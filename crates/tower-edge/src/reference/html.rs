//! The reference as pages of HTML: one of all errors, and one for each.

mod entry;
#[cfg(test)]
mod tests;
mod text;

use std::fmt::Write;

use tower_edge_core::Definition;

use self::text::{Fragment, Text};
use super::Reference;

impl Reference {
    /// The sources that a [page](Self::to_html) may load and run, as a
    /// [`Content-Security-Policy`](https://www.w3.org/TR/CSP3/): its own style and script, known by their hashes. Each
    /// page has it in a `<meta>` element. As a header field, it already holds before a browser reads the page.
    pub const CONTENT_SECURITY_POLICY: &'static str = concat!(
        "default-src 'none'; base-uri 'none'; form-action 'none'; ",
        "script-src 'sha256-e8Mu0HqP7/qfp/g3QTtWF4UHaVAH457qFcXCyJy6X4Y='; ",
        "style-src 'sha256-qzGQZduEzR57V45HKnOd2E/XW+eSrxUbbE19MnqGDGk='"
    );

    /// The reference as one page of HTML, which loads nothing else.
    ///
    /// ```
    /// use tower_edge::problem::catalog;
    /// use tower_edge::reference::Reference;
    /// use tower_edge_formats::PlexMcp;
    ///
    /// catalog! {
    ///     /// The errors of the shop.
    ///     static ERRORS;
    ///     #[api(Conflict, message = "Not so many left", alias = "sold_out")]
    ///     const OUT_OF_STOCK;
    /// }
    ///
    /// let page = Reference::new("Shop API", &ERRORS).with_format(PlexMcp).to_html();
    ///
    /// assert!(page.starts_with("<!doctype html>"));
    /// assert!(page.contains(r#"<article id="out_of_stock""#));
    /// assert!(page.contains(r#"id="sold_out""#));
    /// ```
    ///
    /// Each error has its key as an anchor, and each of its [aliases](Definition::aliases):
    /// `https://api.example.com/errors#out_of_stock` links to an error. Beside it is an example of the response in each
    /// format. A search narrows the list. A reader without JavaScript sees the whole page.
    ///
    /// The page works under [`CONTENT_SECURITY_POLICY`](Self::CONTENT_SECURITY_POLICY), and under `default-src 'none';
    /// script-src 'unsafe-inline'; style-src 'unsafe-inline'`. The same rows give the same text, so that a test can
    /// compare it with a file.
    #[must_use]
    pub fn to_html(&self) -> String {
        let count = self.rows().count();
        let noun = if count == 1 { "error" } else { "errors" };
        let mut page = String::new();
        self.open(None, &mut page);
        let _ = write!(
            page,
            "<p>{count} {noun}</p>\n</div>\n<search hidden>\n<label for=\"~search\">Search the errors</label>\n\
             <input id=\"~search\" type=\"search\" placeholder=\"Code, status, message, cause or fix\" \
             aria-keyshortcuts=\"/\" autocomplete=\"off\" autocapitalize=\"off\" spellcheck=\"false\">\n\
             <kbd aria-hidden=\"true\">/</kbd>\n<p role=\"status\"></p>\n</search>\n</header>\n\
             <nav aria-label=\"Errors\">\n<ul>\n"
        );
        for row in self.rows() {
            let _ = writeln!(
                page,
                "<li><a href=\"#{}\"><span>{}</span> {}</a></li>",
                Fragment(row.key()),
                row.status().as_u16(),
                Text(row.key())
            );
        }
        page.push_str("</ul>\n</nav>\n<main id=\"~errors\" tabindex=\"-1\">\n");
        for row in self.rows() {
            self.entry(row, "", &mut page);
        }
        page.push_str(END);
        page
    }

    /// The error with this key or alias as a page of its own, in the style of the [whole page](Self::to_html), with a
    /// link to that. `None` if there is no such error.
    ///
    /// ```
    /// use tower_edge::problem::catalog;
    /// use tower_edge::reference::Reference;
    ///
    /// catalog! {
    ///     /// The errors of the shop.
    ///     static ERRORS;
    ///     #[api(Conflict)]
    ///     const OUT_OF_STOCK;
    /// }
    ///
    /// let reference = Reference::new("Shop API", &ERRORS);
    ///
    /// let page = reference.error_html("out_of_stock", "/errors");
    ///
    /// assert!(page.is_some_and(|page| page.contains(r#"<a href="/errors#out_of_stock">"#)));
    /// assert_eq!(reference.error_html("unknown", "/errors"), None);
    /// ```
    ///
    /// `whole` is the URL of the whole page. Serve this page under the `type` of [RFC
    /// 9457](https://www.rfc-editor.org/rfc/rfc9457#section-3.1.1), which ends in the key.
    #[must_use]
    pub fn error_html(&self, key: &str, whole: &str) -> Option<String> {
        let row = self.row(key)?;
        let mut page = String::new();
        self.open(Some(row), &mut page);
        let _ = write!(
            page,
            "<p><a href=\"{}#{}\">All errors</a></p>\n</div>\n</header>\n<main id=\"~errors\" tabindex=\"-1\">\n",
            Text(whole),
            Fragment(row.key())
        );
        self.entry(row, whole, &mut page);
        page.push_str(END);
        Some(page)
    }

    /// Writes the page up to the content below the title.
    fn open(&self, only: Option<&Definition>, page: &mut String) {
        page.push_str(concat!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
            "<meta name=\"color-scheme\" content=\"light dark\">\n"
        ));
        let policy = Text(Self::CONTENT_SECURITY_POLICY);
        let title = Text(&self.title);
        let _ = writeln!(
            page,
            "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">"
        );
        page.push_str("<title>");
        if let Some(row) = only {
            let _ = write!(page, "{}: ", Text(&row.code().to_string()));
        }
        let _ = write!(
            page,
            "{title}</title>\n<style>{STYLE}</style>\n</head>\n<body{}>\n\
             <a class=\"skip\" href=\"#~errors\">Skip to the errors</a>\n<header>\n<div>\n<h1>{title}</h1>\n",
            if only.is_some() { " class=\"one\"" } else { "" }
        );
    }
}

const STYLE: &str = include_str!("html/page.css");
const END: &str = concat!(
    "</main>\n<script>",
    include_str!("html/page.js"),
    "</script>\n</body>\n</html>\n"
);
