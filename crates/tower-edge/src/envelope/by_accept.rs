use std::sync::Arc;

use http::header;
use tower_edge_core::http_ext::preferred;
use tower_edge_core::{Format, Head};

use super::{FormatSelector, SelectedFormat};

/// Selects the format whose content type the client prefers
/// ([RFC 9110, section 12.5.1](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1)).
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Empty;
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// use tower_edge::envelope::format::ProblemDetails;
/// use tower_edge_formats::PlexMcp;
/// use tower_edge::envelope::{ByAccept, EnvelopeLayer};
/// use tower_edge::{Kind, Problem};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let layer = EnvelopeLayer::select(ByAccept::new(PlexMcp).with(ProblemDetails));
/// let service = ServiceBuilder::new().layer(layer).service(service_fn(
///     async |_: Request<()>| Err::<Response<Empty<Bytes>>, _>(Problem::new(Kind::NotFound)),
/// ));
/// let accept = "application/json;q=0.5, application/problem+json";
///
/// let response = service.oneshot(Request::get("/").header("accept", accept).body(())?).await?;
///
/// assert_eq!(response.headers()["content-type"], "application/problem+json");
/// assert_eq!(response.headers()["vary"], "accept");
/// # Ok(())
/// # }
/// ```
///
/// The most specific range decides for a type. If no range includes a type that ends with `+json`, the range for
/// `application/json` counts. If the client prefers two types equally, a type that it names goes before one that a
/// range includes, and then the one that was added first. A client that sends no `Accept`, or accepts none of the
/// formats, receives the first format: that is never an error.
#[derive(Clone, Debug)]
pub struct ByAccept {
    others: Vec<SelectedFormat>,
    otherwise: SelectedFormat,
}

impl ByAccept {
    /// Uses this format for clients that prefer no other.
    pub fn new(otherwise: impl Format + 'static) -> Self {
        Self {
            others: Vec::new(),
            otherwise: varied(otherwise),
        }
    }

    /// Adds a format.
    #[must_use]
    pub fn with(mut self, format: impl Format + 'static) -> Self {
        self.others.push(varied(format));
        self
    }
}

impl FormatSelector for ByAccept {
    fn select(&self, head: Head<'_>) -> SelectedFormat {
        let content_type = |selected: &SelectedFormat| selected.format().content_type();
        preferred(head.headers, &self.otherwise, &self.others, content_type).clone()
    }
}

fn varied(format: impl Format + 'static) -> SelectedFormat {
    SelectedFormat::from(Arc::new(format)).with_vary(header::ACCEPT)
}

#[cfg(test)]
mod tests {
    use http::header::ACCEPT;
    use http::{HeaderValue, Request};

    use super::*;
    use crate::envelope::format::ProblemDetails;
    use tower_edge_formats::PlexMcp;

    /// A format that is written as a web page.
    struct Page;

    impl Format for Page {
        fn body(
            &self,
            _: &tower_edge_core::Problem,
            _: &tower_edge_core::Context<'_>,
            _: &mut Vec<u8>,
        ) {
        }

        fn content_type(&self) -> HeaderValue {
            HeaderValue::from_static("text/html; charset=utf-8")
        }
    }

    fn chosen(default: &'static dyn Format, accept: &[&'static str]) -> String {
        let mut request = Request::new(());
        for value in accept {
            let value = HeaderValue::from_static(value);
            request.headers_mut().append(ACCEPT, value);
        }
        let all = ByAccept::new(default)
            .with(PlexMcp)
            .with(ProblemDetails)
            .with(Page);
        let content_type = all.select(Head::from(&request)).format().content_type();
        content_type.to_str().unwrap().to_owned()
    }

    const JSON: &str = "application/json";
    const PROBLEM: &str = "application/problem+json";
    const PAGE: &str = "text/html; charset=utf-8";

    // RFC 9110, section 12.5.1: a weight, which is 1 by default.
    #[test]
    fn the_greatest_weight_wins() {
        for (accept, expected) in [
            ("application/problem+json", PROBLEM),
            ("application/json;q=0.5, application/problem+json", PROBLEM),
            (
                "application/json;q=0.501, application/problem+json;q=0.5",
                JSON,
            ),
            ("text/html, application/json;q=0.9", PAGE),
            ("Text/HTML;level=1 ; Q=0.8, application/json;q=0.7", PAGE),
            ("text/*;q=0.3, application/*;q=0.2", PAGE),
        ] {
            assert_eq!(chosen(&PlexMcp, &[accept]), expected, "{accept}");
        }
    }

    // RFC 9110, section 12.5.1: the most specific reference has precedence.
    #[test]
    fn the_most_specific_range_decides() {
        for (accept, expected) in [
            ("*/*, application/json;q=0", PROBLEM),
            ("application/json;q=0, */*;q=0.1", PROBLEM),
            ("application/*;q=0, text/html;q=0.1", PAGE),
            (
                "application/json;q=0.9, application/problem+json;q=0.1",
                JSON,
            ),
            ("*/*;q=0.9, text/html;q=1", PAGE),
        ] {
            assert_eq!(chosen(&PlexMcp, &[accept]), expected, "{accept}");
        }
    }

    #[test]
    fn json_stands_for_what_ends_with_it_but_what_is_named_goes_first() {
        assert_eq!(chosen(&ProblemDetails, &["application/json"]), JSON);

        let only = ByAccept::new(ProblemDetails).with(Page);
        let request = Request::get("/").header("accept", "text/html;q=0.5, application/json");
        let selected = only.select(Head::from(&request.body(()).unwrap()));
        assert_eq!(selected.format().content_type(), PROBLEM);
    }

    // RFC 9110, section 12.5.1: a server may disregard the field; no response here is a 406.
    #[test]
    fn what_cannot_be_satisfied_or_read_means_the_default() {
        assert_eq!(chosen(&ProblemDetails, &[]), PROBLEM);
        for accept in [
            "",
            ",",
            "*/*",
            "*/*;q=0",
            "image/png",
            "application/problem+json;q=0, image/*",
            "application/json;q=2",
            "application/json;q=",
            "application/json;q=0.1234",
            "application/json;q=0./",
            "application",
            "*",
            "*/json",
        ] {
            assert_eq!(chosen(&ProblemDetails, &[accept]), PROBLEM, "{accept}");
        }
    }

    // RFC 9110, section 5.3: lines of one field are one list; section 5.6.4: quoted text is no syntax.
    #[test]
    fn all_lines_count_and_quotes_hide_commas() {
        assert_eq!(chosen(&PlexMcp, &["image/png", "text/html"]), PAGE);
        for (accept, expected) in [
            (r#"text/html;x=";q=0,";q=0.4"#, PAGE),
            (r#"image/png;x=", text/html,""#, JSON),
            (r#"image/png;x="\", text/html,""#, JSON),
        ] {
            assert_eq!(chosen(&PlexMcp, &[accept]), expected, "{accept}");
        }
    }
}
