use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::HeaderMap;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use tower_edge_core::http_ext::{content_type, is_json};
use tower_edge_core::{Kind, Problem};

/// The bytes of a body with a JSON content type, for code that parses or verifies them itself. They need not be valid
/// JSON.
///
/// The rejections are those of [`Json`](super::Json) for the content type, the content coding and the size.
///
/// ```
/// use axum::{Router, body::Body, routing::post};
/// use http::Request;
/// use tower::ServiceExt;
/// use tower_edge::axum::JsonBytes;
///
/// async fn receive(JsonBytes(body): JsonBytes) -> String {
///     format!("{} bytes", body.len())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let app = Router::new().route("/hook", post(receive));
/// let request = Request::post("/hook").header("content-type", "application/json");
///
/// let response = app.oneshot(request.header("content-encoding", "gzip").body(Body::empty())?).await?;
///
/// assert_eq!(response.status(), 415);
/// assert_eq!(response.headers()["accept-encoding"], "identity");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct JsonBytes(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for JsonBytes {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let headers = request.headers();
        if is_encoded(headers) {
            return Err(Problem::new(Kind::UnsupportedMediaType)
                .with_message("The content coding of the request is not supported.")
                .with_header(ACCEPT_ENCODING, "identity"));
        }
        if !content_type(headers).is_some_and(is_json) {
            return Err(Problem::new(Kind::UnsupportedMediaType));
        }
        Ok(Self(Bytes::from_request(request, state).await?))
    }
}

/// Whether the content is encoded ([RFC 9110, section 8.4](https://www.rfc-editor.org/rfc/rfc9110#section-8.4)). A
/// layer that decodes it removes the field.
fn is_encoded(headers: &HeaderMap) -> bool {
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let mut codings = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    codings.any(|coding| {
        let coding = coding.trim_ascii();
        !(coding.is_empty() || coding.eq_ignore_ascii_case(b"identity"))
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::CONTENT_TYPE;
    use tokio_test::block_on;

    use super::*;

    fn extracted(fields: &[(&str, &'static str)]) -> Result<Bytes, Problem> {
        let mut request = Request::new("{".into());
        for (name, value) in fields {
            let name = http::HeaderName::try_from(*name).unwrap();
            let value = HeaderValue::from_static(value);
            request.headers_mut().append(name, value);
        }
        block_on(JsonBytes::from_request(request, &())).map(|body| body.0)
    }

    // RFC 9110, section 12.5.3: the response lists the codings that would have been accepted.
    #[test]
    fn a_content_coding_is_unsupported_whatever_the_content_type() {
        for content_type in ["application/json", "text/plain"] {
            for coding in ["gzip", "x-unknown", "identity, br", ",deflate", "iden"] {
                let fields = [("content-type", content_type), ("content-encoding", coding)];

                let problem = extracted(&fields).unwrap_err();

                assert_eq!(problem.kind(), Kind::UnsupportedMediaType, "{coding}");
                assert_eq!(problem.headers()[ACCEPT_ENCODING], "identity");
            }
        }
        let two = [
            ("content-encoding", "identity"),
            ("content-encoding", "zstd"),
        ];
        assert!(
            extracted(&two)
                .unwrap_err()
                .headers()
                .contains_key(ACCEPT_ENCODING)
        );
    }

    #[test]
    fn content_that_is_not_encoded_is_extracted_as_it_is() {
        let json = ("content-type", "application/json");
        for coding in ["identity", "Identity", "", " , identity,"] {
            let body = extracted(&[json, ("content-encoding", coding)]).unwrap();

            assert_eq!(body, "{", "{coding:?}");
        }
        assert_eq!(extracted(&[json]).unwrap(), "{");
    }

    // The media type is at fault, not a content coding.
    #[test]
    fn another_content_type_lists_no_codings() {
        let problem = extracted(&[(CONTENT_TYPE.as_str(), "text/plain")]).unwrap_err();

        assert_eq!(problem.kind(), Kind::UnsupportedMediaType);
        assert!(problem.headers().is_empty());
    }
}
