use http::HeaderName;
use tower_edge_core::Head;
use tower_edge_core::http_ext::SingleHeader;

use super::extractor::{Field, Malformed};
use super::{ExtractedVersion, VersionExtractor};

/// A header field with the version, and optionally one with the platform.
///
/// The default is `X-Client-Version`, without a platform.
#[derive(Clone, Debug)]
#[must_use = "an extractor is for a layer"]
pub struct Header {
    version: HeaderName,
    platform: Option<HeaderName>,
}

impl Header {
    /// The field with the version.
    pub const fn new(version: HeaderName) -> Self {
        Self {
            version,
            platform: None,
        }
    }

    /// Sets the field with the platform.
    pub fn with_platform(mut self, platform: HeaderName) -> Self {
        self.platform = Some(platform);
        self
    }
}

impl Default for Header {
    fn default() -> Self {
        Self::new(HeaderName::from_static("x-client-version"))
    }
}

impl VersionExtractor for Header {
    fn extract<'a>(&'a self, head: Head<'a>) -> ExtractedVersion<'a> {
        let platform = self.platform.as_ref();
        let platform = platform.map_or(Ok(None), |name| text(head, name));
        ExtractedVersion::new(text(head, &self.version), platform)
    }

    fn fields(&self) -> Vec<HeaderName> {
        let mut fields = vec![self.version.clone()];
        fields.extend(self.platform.clone());
        fields
    }
}

fn text<'a>(head: Head<'a>, name: &HeaderName) -> Field<'a> {
    match head.field(name) {
        SingleHeader::Missing => Ok(None),
        SingleHeader::One(value) => value
            .to_str()
            .map_or(Err(Malformed), |it| Ok(Some(it.into()))),
        SingleHeader::Many => Err(Malformed),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Request};

    use super::*;

    fn found(fields: &[(&'static str, &'static [u8])]) -> String {
        let mut request = Request::new(());
        for (name, value) in fields {
            let value = HeaderValue::from_bytes(value).unwrap();
            request.headers_mut().append(*name, value);
        }
        let extractor = Header::default().with_platform(HeaderName::from_static("x-platform"));
        match extractor.extract(Head::from(&request)) {
            ExtractedVersion::Found { version, platform } => format!("{version} {platform:?}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn version_and_platform_have_a_field_each() {
        let version = ("x-client-version", b"1.2.0".as_slice());

        assert_eq!(found(&[]), "Missing");
        assert_eq!(found(&[("x-platform", b"ios")]), "Missing");
        assert_eq!(found(&[version]), "1.2.0 None");
        assert_eq!(
            found(&[version, ("x-platform", b"ios")]),
            "1.2.0 Some(\"ios\")"
        );
    }

    #[test]
    fn an_empty_field_is_a_missing_version() {
        let request = Request::get("/").header("x-client-version", "");
        let request = request.body(()).unwrap();

        assert!(Header::default().extract(Head::from(&request)) == ExtractedVersion::Missing);
    }

    #[test]
    fn what_is_repeated_or_no_text_is_malformed() {
        let version = ("x-client-version", b"1.2.0".as_slice());
        let platform = ("x-platform", b"ios".as_slice());

        for fields in [
            [version, version].as_slice(),
            &[version, platform, platform],
            &[("x-client-version", b"\xff")],
            &[version, ("x-platform", b"\xff")],
        ] {
            assert_eq!(found(fields), "Malformed", "{fields:?}");
        }
    }
}
