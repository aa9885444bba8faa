use http::{HeaderMap, HeaderValue, StatusCode, header};
use tower_edge_core::{Context, Format, Problem};

/// A format that was chosen by a field of the request: what it writes says so in `Vary`, so that no
/// cache gives one client the format of another
/// ([RFC 9110, section 12.5.5](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.5)).
///
/// [`ByAccept`](super::ByAccept) and [`ByContentType`](super::ByContentType) answer with it; a function
/// that looks at a field answers with one of its own:
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Empty;
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// use tower_edge::envelope::format::ProblemDetails;
/// use tower_edge_formats::MediaNest;
/// use tower_edge::envelope::{AnyFormat, EnvelopeLayer, Varied};
/// use tower_edge::{Head, Kind, Problem};
///
/// fn format(head: Head<'_>) -> Varied<AnyFormat> {
///     let is_old = head.headers.get("x-api-version").is_some_and(|version| version == "1");
///     Varied::new(if is_old { &MediaNest } else { &ProblemDetails }, "x-api-version")
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let service = ServiceBuilder::new().layer(EnvelopeLayer::by_request(format)).service(service_fn(
///     async |_: Request<()>| Err::<Response<Empty<Bytes>>, _>(Problem::new(Kind::NotFound)),
/// ));
///
/// let response = service.oneshot(Request::new(())).await?;
///
/// assert_eq!(response.headers()["vary"], "x-api-version");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Varied<F> {
    field: &'static str,
    format: F,
}

impl<F> Varied<F> {
    /// This format, which was chosen by the request's field of this name.
    pub const fn new(format: F, field: &'static str) -> Self {
        Self { field, format }
    }
}

impl<F: Format> Format for Varied<F> {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        self.format.body(problem, context, out);
    }

    fn content_type(&self) -> HeaderValue {
        self.format.content_type()
    }

    fn headers(&self, problem: &Problem, context: &Context<'_>, headers: &mut HeaderMap) {
        self.format.headers(problem, context, headers);
        append_vary(headers, self.field);
    }

    fn name(&self) -> &'static str {
        self.format.name()
    }

    fn status(&self, problem: &Problem, context: &Context<'_>) -> StatusCode {
        self.format.status(problem, context)
    }

    fn wants_json_rpc_ids(&self) -> bool {
        self.format.wants_json_rpc_ids()
    }
}

/// Adds the name, unless it or `*` is there; what is there stays.
fn append_vary(headers: &mut HeaderMap, field: &'static str) {
    let said = |value: &HeaderValue| {
        let mut names = value.as_bytes().split(|byte| *byte == b',');
        names.any(|name| {
            let name = name.trim_ascii();
            name == b"*" || name.eq_ignore_ascii_case(field.as_bytes())
        })
    };
    if headers.get_all(header::VARY).iter().any(said) {
        return;
    }
    if let Ok(value) = HeaderValue::from_str(field) {
        headers.append(header::VARY, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vary(before: &[&'static str]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for value in before {
            headers.append(header::VARY, HeaderValue::from_static(value));
        }
        append_vary(&mut headers, "accept");
        let values = headers.get_all(header::VARY).iter();
        values
            .map(|value| value.to_str().unwrap().to_owned())
            .collect()
    }

    // RFC 9110, section 12.5.5: a list of field names, in any case, or "*".
    #[test]
    fn vary_is_added_once_and_what_is_there_stays() {
        assert_eq!(vary(&[]), ["accept"]);
        assert_eq!(vary(&["origin"]), ["origin", "accept"]);
        assert_eq!(
            vary(&["accept-encoding"]),
            ["accept-encoding", "accept"],
            "another field's name"
        );
        for said in ["*", "Accept", "origin, ACCEPT", "origin ,accept ,cookie"] {
            assert_eq!(vary(&[said]), [said]);
        }
        assert_eq!(vary(&["origin", "accept"]), ["origin", "accept"]);
    }
}
