use std::borrow::Cow;

use http::HeaderName;
use http::header::ACCEPT;
use tower_edge_core::Head;
use tower_edge_core::http_ext::{essence, is_token, split_unquoted, weight};

use super::super::VersionPolicyError;
use super::super::policy::ensure;
use super::extractor::{Field, Malformed, only};
use super::{ExtractedVersion, VersionExtractor};

/// A parameter of a media type in `Accept`, such as `application/vnd.example+json; version=2`.
///
/// ```
/// use http::Request;
/// use tower_edge::Head;
/// use tower_edge::version_gate::extract::{ExtractedVersion, MediaType, VersionExtractor};
///
/// let extractor = MediaType::new("application/vnd.example+json", "version")?;
///
/// let accept = "application/vnd.example+json;version=1;q=0.5, application/vnd.example+json;version=2";
/// let request = Request::get("/").header("accept", accept).body(())?;
/// assert_eq!(extractor.extract(Head::from(&request)), ExtractedVersion::from("2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// If several ranges have this media type and this parameter, the one with the highest weight counts, and then the
/// first ([RFC 9110, section 12.5.1](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1)). A range with the weight 0
/// or an invalid weight does not count. A value may be quoted. Two versions in one range are malformed. Other media
/// types, wildcards among them, are ignored.
#[derive(Clone, Debug)]
pub struct MediaType {
    media_type: Box<str>,
    parameter: Box<str>,
}

impl MediaType {
    /// The media type, and the name of its parameter with the version. Letter case does not matter.
    ///
    /// # Errors
    ///
    /// If the media type is not a type and a subtype, or if the parameter is not a token or is the weight `q`.
    pub fn new(media_type: &str, parameter: &str) -> Result<Self, VersionPolicyError> {
        let parts = media_type.split_once('/');
        let is_type = parts.is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype));
        let expected = "a type and a subtype, as in \"application/vnd.example\"";
        ensure(is_type, "media type", media_type, expected)?;
        let is_name = is_token(parameter) && !parameter.eq_ignore_ascii_case("q");
        let expected = "a token that is not \"q\"";
        ensure(is_name, "parameter", parameter, expected)?;
        Ok(Self {
            media_type: media_type.into(),
            parameter: parameter.into(),
        })
    }

    /// The value of the parameter in a range of this media type.
    fn version<'a>(&self, range: &'a [u8]) -> Result<Option<&'a [u8]>, Malformed> {
        if !essence(range).eq_ignore_ascii_case(self.media_type.as_bytes()) {
            return Ok(None);
        }
        only(split_unquoted(range, b';').skip(1).filter_map(|parameter| {
            let parameter = parameter.trim_ascii();
            let (name, value) = parameter.split_at_checked(self.parameter.len())?;
            let is_named = name.eq_ignore_ascii_case(self.parameter.as_bytes());
            value.strip_prefix(b"=").filter(|_| is_named)
        }))
    }
}

impl VersionExtractor for MediaType {
    fn extract<'a>(&'a self, head: Head<'a>) -> ExtractedVersion<'a> {
        let (mut most, mut version) = (0, Ok(None));
        for field in head.headers.get_all(ACCEPT) {
            for range in split_unquoted(field.as_bytes(), b',') {
                let found = self.version(range);
                if !matches!(found, Ok(None))
                    && let Some(weight) = weight(range)
                    && weight > most
                {
                    (most, version) = (weight, found);
                }
            }
        }
        let version = version.and_then(|version| version.map_or(Ok(None), unquoted));
        ExtractedVersion::new(version, Ok(None))
    }

    fn fields(&self) -> Vec<HeaderName> {
        vec![ACCEPT]
    }
}

/// A token or a quoted string, in which a backslash escapes the next character
/// ([RFC 9110, section 5.6.4](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.4)).
fn unquoted(value: &[u8]) -> Field<'_> {
    let text = str::from_utf8(value).map_err(|_| Malformed)?;
    let Some(quoted) = text.strip_prefix('"') else {
        return Ok(Some(text.into()));
    };
    let quoted = quoted.strip_suffix('"').ok_or(Malformed)?;
    if !quoted.contains('\\') {
        return Ok(Some(quoted.into()));
    }
    let mut characters = quoted.chars();
    let unescaped = std::iter::from_fn(|| match characters.next() {
        Some('\\') => characters.next(),
        character => character,
    });
    Ok(Some(Cow::Owned(unescaped.collect())))
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Request};
    use proptest::proptest;

    use super::*;

    fn extracted(accept: &[&[u8]]) -> String {
        let mut request = Request::new(());
        for value in accept {
            let value = HeaderValue::from_bytes(value).unwrap();
            request.headers_mut().append(ACCEPT, value);
        }
        let extractor = MediaType::new("application/vnd.x", "version").unwrap();
        match extractor.extract(Head::from(&request)) {
            ExtractedVersion::Found { version, .. } => version.into_owned(),
            other => format!("{other:?}"),
        }
    }

    // RFC 9110, section 12.5.1: ranges have parameters and a weight, and letter case does not matter in names.
    // https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
    #[test]
    fn the_range_with_the_highest_weight_counts_and_then_the_first() {
        for (accept, expected) in [
            (&["application/vnd.x; version=2"][..], "2"),
            (&["application/vnd.x;version=2"], "2"),
            (&["Application/VND.X;Version=2"], "2"),
            (&["application/vnd.x;charset=utf-8;version=2"], "2"),
            (&["text/html, application/vnd.x;version=2, */*;q=0.1"], "2"),
            (
                &["application/vnd.x;version=1, application/vnd.x;version=2"],
                "1",
            ),
            (
                &["application/vnd.x;version=1;q=0.4, application/vnd.x;version=2;q=0.5"],
                "2",
            ),
            (
                &["application/vnd.x;version=1;q=0.9, application/vnd.x;version=2"],
                "2",
            ),
            (
                &[
                    "application/vnd.x;version=1;q=0.9",
                    "application/vnd.x;version=2",
                ],
                "2",
            ),
            (
                &["application/vnd.x, application/vnd.x;version=2;q=0.5"],
                "2",
            ),
            (
                &["application/vnd.x;version=1;q=0, application/vnd.x;version=2;q=0.1"],
                "2",
            ),
            (
                &["application/vnd.x;version=1;q=9, application/vnd.x;version=2"],
                "2",
            ),
            (&["application/vnd.x;version=1;q=0"], "Missing"),
            (&["application/vnd.x"], "Missing"),
            (&["application/vnd.x;versions=2"], "Missing"),
            (&["application/vnd.x;version"], "Missing"),
            (&["application/vnd.xy;version=2"], "Missing"),
            (&["application/*;version=2"], "Missing"),
            (&["*/*"], "Missing"),
            (&[""], "Missing"),
            (&[], "Missing"),
            (&["application/vnd.x;version="], "Missing"),
        ] {
            let accept: Vec<_> = accept.iter().map(|value| value.as_bytes()).collect();
            assert_eq!(extracted(&accept), expected, "{accept:?}");
        }
    }

    #[test]
    fn two_versions_in_one_range_are_malformed() {
        for (accept, expected) in [
            ("application/vnd.x;version=1;version=2", "Malformed"),
            ("application/vnd.x;version=1;Version=1", "Malformed"),
            (
                "application/vnd.x;version=1;version=2;q=0.1, application/vnd.x;version=3",
                "3",
            ),
        ] {
            assert_eq!(extracted(&[accept.as_bytes()]), expected, "{accept}");
        }
    }

    #[test]
    fn what_no_range_can_match_is_an_error() {
        for (media_type, parameter, expected) in [
            (
                "application/x;q=1",
                "version",
                "invalid media type \"application/x;q=1\": expected a",
            ),
            (
                "application",
                "version",
                "invalid media type \"application\": expected a type",
            ),
            (
                "application/",
                "version",
                "invalid media type \"application/\": expected a type",
            ),
            (
                "application/x",
                "",
                "invalid parameter \"\": expected a token",
            ),
            (
                "application/x",
                "version=",
                "invalid parameter \"version=\": expected a token",
            ),
            (
                "application/x",
                "Q",
                "invalid parameter \"Q\": expected a token that is not \"q\"",
            ),
        ] {
            let error = MediaType::new(media_type, parameter)
                .unwrap_err()
                .to_string();

            assert!(error.starts_with(expected), "{error}");
        }
    }

    // RFC 9110, section 5.6.6: a value is a token or a quoted string.
    // https://www.rfc-editor.org/rfc/rfc9110#section-5.6.6
    #[test]
    fn a_value_may_be_quoted() {
        for (accept, expected) in [
            (&br#"application/vnd.x;version="2""#[..], "2"),
            (br#"application/vnd.x;version="\2.\0""#, "2.0"),
            (br#"application/vnd.x;a="b;version=1,c";version=2"#, "2"),
            (
                br#"text/html;a="application/vnd.x;version=1", application/vnd.x;version=2"#,
                "2",
            ),
            (br#"application/vnd.x;version="2;q=0.1";q=0.9"#, "2;q=0.1"),
            (br#"application/vnd.x;version="2"#, "Malformed"),
            (br#"application/vnd.x;version=""#, "Malformed"),
            (b"application/vnd.x;version=\xff", "Malformed"),
        ] {
            assert_eq!(extracted(&[accept]), expected, "{accept:?}");
        }
    }

    proptest! {
        #[test]
        fn no_field_makes_it_panic(accept in r#"(application/vnd\.x|[;,="\\q.a ]|version|[0-9]){0,20}"#) {
            extracted(&[accept.as_bytes()]);
        }
    }
}
