use std::borrow::Cow;

use http::HeaderName;
use tower_edge_core::Head;
use tower_edge_core::http_ext::SingleHeader;

use super::{Claim, Source};

/// A header field for the version, and one for the platform if there is one.
///
/// The default is `X-Client-Version`, without a platform. A field that occurs twice is malformed.
#[derive(Clone, Debug)]
pub struct Header {
    version: HeaderName,
    platform: Option<HeaderName>,
}

impl Header {
    /// The field that names the version.
    #[must_use]
    pub const fn new(version: HeaderName) -> Self {
        Self {
            version,
            platform: None,
        }
    }

    /// Sets the field that names the platform.
    #[must_use]
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

impl Source for Header {
    fn find<'a>(&'a self, head: Head<'a>) -> Claim<'a> {
        let version = match text(head, &self.version) {
            Ok(Some(version)) => Cow::Borrowed(version),
            Ok(None) => return Claim::Absent,
            Err(Malformed) => return Claim::Malformed,
        };
        let platform = match &self.platform {
            None => Ok(None),
            Some(platform) => text(head, platform),
        };
        match platform {
            Ok(platform) => Claim::Client {
                platform: platform.map(Cow::Borrowed),
                version,
            },
            Err(Malformed) => Claim::Malformed,
        }
    }

    fn fields(&self) -> Vec<HeaderName> {
        let mut fields = vec![self.version.clone()];
        fields.extend(self.platform.clone());
        fields
    }
}

/// The value is not visible ASCII, or there are two.
pub(super) struct Malformed;

pub(super) fn text<'a>(head: Head<'a>, name: &HeaderName) -> Result<Option<&'a str>, Malformed> {
    match head.field(name) {
        SingleHeader::Missing => Ok(None),
        SingleHeader::One(value) => value.to_str().map(Some).map_err(|_| Malformed),
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
        let source = Header::default().with_platform(HeaderName::from_static("x-platform"));
        match source.find(Head::from(&request)) {
            Claim::Client { platform, version } => format!("{version} {platform:?}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn version_and_platform_have_a_field_each() {
        let version = ("x-client-version", b"1.2.0".as_slice());

        assert_eq!(found(&[]), "Absent");
        assert_eq!(found(&[("x-platform", b"ios")]), "Absent");
        assert_eq!(found(&[version]), "1.2.0 None");
        assert_eq!(
            found(&[version, ("x-platform", b"ios")]),
            "1.2.0 Some(\"ios\")"
        );
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
