use std::error::Error;
use std::fmt;
use std::sync::LazyLock;

use http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, TRAILER, TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use super::Problem;
use crate::Kind;
use crate::http_ext::{header_int, retry_after_seconds};

impl Problem {
    /// Adds a header field to the response, such as the `WWW-Authenticate` of a 401. If the response has the field
    /// already, its own value stays. An envelope adds `WWW-Authenticate: Bearer` to a 401 without a challenge.
    ///
    /// ```
    /// use tower_edge_core::{Kind, Problem};
    ///
    /// let problem = Problem::new(Kind::Unauthenticated).with_header("www-authenticate", "Basic realm=\"shop\"");
    ///
    /// let response = problem.into_empty_response::<String>();
    /// assert_eq!(response.headers()["www-authenticate"], "Basic realm=\"shop\"");
    /// ```
    ///
    /// The format writes the fields that describe the body: `Content-Encoding`, `Content-Length`, `Content-Type`,
    /// `Trailer` and `Transfer-Encoding`. With one of these, or with a name or a value that is not valid, the problem
    /// becomes an internal error, whose source names the field and the problem.
    #[must_use]
    pub fn with_header<N, V>(mut self, name: N, value: V) -> Self
    where
        HeaderName: TryFrom<N, Error: Into<http::Error>>,
        HeaderValue: TryFrom<V, Error: Into<http::Error>>,
    {
        let name = match HeaderName::try_from(name) {
            Ok(name) => name,
            Err(error) => return self.invalid(Part::Name(error.into())),
        };
        if OF_THE_FORMAT.contains(&name) {
            return self.invalid(Part::Header(name));
        }
        match HeaderValue::try_from(value) {
            Ok(value) => {
                let headers = self.0.headers.get_or_insert_default();
                headers.append(name, value);
                self
            }
            Err(error) => self.invalid(Part::Value(name, error.into())),
        }
    }

    /// The internal error that replaces an invalid problem.
    #[cold]
    pub(super) fn invalid(mut self, part: Part) -> Self {
        self.0.unrendered.disarm();
        let problem = Some(self);
        Self::new(Kind::Internal).with_source(Invalid { part, problem })
    }

    /// The header fields of the response, without `Retry-After` for [`retry_after`](Self::retry_after).
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        static NONE: LazyLock<HeaderMap> = LazyLock::new(HeaderMap::new);
        self.0.headers.as_deref().unwrap_or(&NONE)
    }

    /// Adds `Retry-After` and the [header fields](Self::headers) to those of a response. Fields that are there already
    /// stay as they are.
    #[inline]
    pub fn extend_headers(&self, headers: &mut HeaderMap) {
        if let Some(wait) = self.retry_after()
            && !headers.contains_key(RETRY_AFTER)
        {
            headers.insert(RETRY_AFTER, header_int(retry_after_seconds(wait)));
        }
        if let Some(own) = &self.0.headers {
            add_absent(own, headers);
        }
    }

    /// The response of a layer that rejects: the status, the [header fields](Self::extend_headers), an empty body, and
    /// the problem itself in the extensions.
    #[must_use]
    pub fn into_empty_response<B: Default>(mut self) -> Response<B> {
        self.0.unrendered.disarm();
        let mut response = Response::new(B::default());
        *response.status_mut() = self.status();
        // Room for the fields that a whole stack adds to a rejection. A map that grows costs twice as much.
        response.headers_mut().reserve(TYPICAL_FIELDS);
        self.extend_headers(response.headers_mut());
        response.extensions_mut().insert(self);
        response
    }
}

#[cold]
fn add_absent(fields: &HeaderMap, headers: &mut HeaderMap) {
    for name in fields.keys() {
        if !headers.contains_key(name) {
            for value in fields.get_all(name) {
                headers.append(name, value.clone());
            }
        }
    }
}

const TYPICAL_FIELDS: usize = 8;

const OF_THE_FORMAT: [HeaderName; 5] = [
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    TRAILER,
    TRANSFER_ENCODING,
];

/// The source of the internal error that replaces an invalid problem.
#[derive(Debug)]
pub(super) struct Invalid {
    pub(super) part: Part,
    pub(super) problem: Option<Problem>,
}

/// The invalid part of a problem.
#[derive(Debug)]
pub(super) enum Part {
    Header(HeaderName),
    Name(http::Error),
    Status(StatusCode),
    Value(HeaderName, http::Error),
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.part {
            Part::Header(name) | Part::Value(name, _) => write!(f, "invalid header field {name}")?,
            Part::Name(_) => f.write_str("invalid header field")?,
            Part::Status(status) => write!(f, "invalid status {}", status.as_u16())?,
        }
        match &self.problem {
            Some(problem) => write!(f, " of the problem {} ({problem}): ", problem.key())?,
            None => f.write_str(" of a problem: ")?,
        }
        match &self.part {
            Part::Header(_) => f.write_str("a format writes it"),
            Part::Name(error) | Part::Value(_, error) => error.fmt(f),
            Part::Status(_) => f.write_str("expected 400 to 599"),
        }
    }
}

impl Error for Invalid {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.problem.as_ref()?.source()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::header::{ALLOW, WWW_AUTHENTICATE};
    use http_body_util::Empty;

    use super::*;

    #[test]
    fn a_response_has_status_and_problem_and_no_body() {
        let response = Problem::new(Kind::VersionOutdated).into_empty_response::<Empty<&[u8]>>();

        assert_eq!(response.status(), StatusCode::UPGRADE_REQUIRED);
        assert!(response.headers().is_empty());
        assert_eq!(
            response.extensions().get::<Problem>().map(Problem::key),
            Some("version_outdated")
        );
    }

    #[test]
    fn its_header_fields_are_those_of_the_response() {
        let value = HeaderValue::from_static;
        let problem = Problem::new(Kind::Unauthenticated)
            .with_header(WWW_AUTHENTICATE, value("Bearer"))
            .with_header(WWW_AUTHENTICATE, value("Basic"))
            .with_header(RETRY_AFTER, value("9"))
            .with_retry_after(Duration::from_secs(1));

        let response = problem.into_empty_response::<Empty<&[u8]>>();

        let headers = response.headers();
        let schemes: Vec<_> = headers.get_all(WWW_AUTHENTICATE).iter().collect();
        assert_eq!(schemes, ["Bearer", "Basic"]);
        assert_eq!(headers[RETRY_AFTER], "1");
    }

    #[test]
    fn a_field_that_the_response_has_goes_first() {
        let problem = Problem::new(Kind::MethodNotAllowed)
            .with_header(ALLOW, HeaderValue::from_static("GET"))
            .with_retry_after(Duration::from_secs(1));
        let mut headers = HeaderMap::new();
        headers.insert(ALLOW, HeaderValue::from_static("POST"));
        headers.insert(RETRY_AFTER, HeaderValue::from_static("7"));

        problem.extend_headers(&mut headers);

        assert_eq!(
            (&headers[ALLOW], &headers[RETRY_AFTER]),
            (
                &HeaderValue::from_static("POST"),
                &HeaderValue::from_static("7")
            )
        );
        assert_eq!(headers.len(), 2);
    }

    #[test]
    fn a_field_that_is_not_valid_is_an_internal_error_that_names_the_problem() {
        let conflict = || {
            Problem::new(Kind::Conflict)
                .with_message("taken")
                .with_source("row 7")
        };
        for (problem, expected) in [
            (
                conflict().with_header("a b", "c"),
                "invalid header field of the problem conflict (taken): invalid HTTP header name",
            ),
            (
                conflict().with_header("x-a", "b\n"),
                "invalid header field x-a of the problem conflict (taken): failed to parse header value",
            ),
            (
                conflict().with_header("trailer", "x-a"),
                "invalid header field trailer of the problem conflict (taken): a format writes it",
            ),
            (
                conflict().with_status(StatusCode::NO_CONTENT),
                "invalid status 204 of the problem conflict (taken): expected 400 to 599",
            ),
        ] {
            let source = problem.source().unwrap();

            assert_eq!(
                (problem.kind(), problem.message()),
                (Kind::Internal, None),
                "{expected}"
            );
            assert_eq!(source.to_string(), expected);
            assert_eq!(source.source().unwrap().to_string(), "row 7");
        }
    }

    #[test]
    fn a_field_about_the_body_is_an_internal_error() {
        let problem =
            Problem::new(Kind::NotFound).with_header(CONTENT_LENGTH, HeaderValue::from_static("7"));

        assert_eq!(problem.kind(), Kind::Internal);
        assert_eq!(
            problem.source().unwrap().to_string(),
            "invalid header field content-length of the problem not_found (Not Found): a format writes it"
        );
    }
}
