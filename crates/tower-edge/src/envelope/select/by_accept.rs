use http::header;
use tower_edge_core::{Format, Head};

use super::Varied;
use super::accept::preference;
use crate::envelope::Choose;

/// The format whose content type the client likes best
/// ([RFC 9110, section 12.5.1](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1)).
///
/// The most specific range decides for a type; where none includes it, `application/json` stands for a
/// type that ends with `+json`. Among those that the client likes equally the one that it names goes before one that it
/// includes, and the default before the others, then their order. `Accept` is never an error: a client
/// that says nothing, or accepts none of the formats, is given the default. What is written has `Vary:
/// accept`.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Empty;
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// use tower_edge::envelope::format::ProblemDetails;
/// use tower_edge_formats::PlexMcp;
/// use tower_edge::envelope::{AnyFormat, ByAccept, EnvelopeLayer};
/// use tower_edge::{Kind, Problem};
///
/// const OTHERS: &[AnyFormat] = &[&ProblemDetails];
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let layer = EnvelopeLayer::by(ByAccept::new(OTHERS, &PlexMcp));
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
#[derive(Clone, Copy, Debug)]
pub struct ByAccept<T, F> {
    others: T,
    otherwise: F,
}

impl<T, F> ByAccept<T, F> {
    /// These formats to choose from, and the one that is the default.
    pub const fn new(others: T, otherwise: F) -> Self
    where
        T: AsRef<[F]>,
    {
        Self { others, otherwise }
    }
}

impl<T, F> Choose for ByAccept<T, F>
where
    T: AsRef<[F]>,
    F: Clone + Format + 'static,
{
    type Format = Varied<F>;

    fn choose(&self, head: Head<'_>) -> Varied<F> {
        let liked = |format: &F| preference(head.headers, format.content_type().as_bytes());
        let mut best = &self.otherwise;
        // Most clients say nothing.
        if head.headers.contains_key(header::ACCEPT) {
            let mut most = liked(best);
            for format in self.others.as_ref() {
                let liking = liked(format);
                if liking > most {
                    (best, most) = (format, liking);
                }
            }
        }
        Varied::new(best.clone(), "accept")
    }
}

#[cfg(test)]
mod tests {
    use http::header::ACCEPT;
    use http::{HeaderValue, Request};

    use super::*;
    use crate::envelope::AnyFormat;
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

    fn chosen(default: AnyFormat, accept: &[&'static str]) -> String {
        const ALL: &[AnyFormat] = &[&PlexMcp, &ProblemDetails, &Page];
        let mut request = Request::new(());
        for value in accept {
            let value = HeaderValue::from_static(value);
            request.headers_mut().append(ACCEPT, value);
        }
        let format = ByAccept::new(ALL, default).choose(Head::from(&request));
        let content_type = format.content_type();
        content_type.to_str().unwrap().to_owned()
    }

    const JSON: &str = "application/json";
    const PROBLEM: &str = "application/problem+json";
    const PAGE: &str = "text/html; charset=utf-8";

    // RFC 9110, section 12.5.1: a weight, of 1 unless it is said.
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

        let only = ByAccept::new([&Page as AnyFormat], &ProblemDetails as AnyFormat);
        let request = Request::get("/").header("accept", "text/html;q=0.5, application/json");
        let format = only.choose(Head::from(&request.body(()).unwrap()));
        assert_eq!(format.content_type(), PROBLEM);
    }

    // RFC 9110, section 12.5.1: a server may disregard the field; no answer here is a 406.
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
