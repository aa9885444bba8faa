use tower_edge_core::Head;

use super::{ExtractedVersion, VersionExtractor};

/// A path segment that is `v` and a version, such as `/v1.2/media`: the version of an API, which
/// [`AppVersion`](super::super::AppVersion) reads.
///
/// ```
/// use http::Request;
/// use tower_edge::Head;
/// use tower_edge::version_gate::extract::{ExtractedVersion, PathSegment, VersionExtractor};
///
/// let request = Request::get("/api/v1.2/media").body(())?;
///
/// let extractor = PathSegment::at(1);
/// assert_eq!(extractor.extract(Head::from(&request)), ExtractedVersion::from("1.2"));
/// # Ok::<(), http::Error>(())
/// ```
///
/// If the segment is not `v` and dotted numbers, the version is missing. The path is the one that the gate receives: if
/// an outer router strips a prefix, as axum's `nest` does, segments are counted after it.
#[derive(Clone, Copy, Debug)]
#[must_use = "an extractor is for a layer"]
pub struct PathSegment {
    index: usize,
}

impl PathSegment {
    /// The segment with this index. The first segment has index 0.
    pub const fn at(index: usize) -> Self {
        Self { index }
    }
}

impl VersionExtractor for PathSegment {
    fn extract<'a>(&'a self, head: Head<'a>) -> ExtractedVersion<'a> {
        let path = head.uri.path();
        let path = path.strip_prefix('/').unwrap_or(path);
        let segment = path.split('/').nth(self.index);
        segment
            .and_then(|segment| segment.strip_prefix('v'))
            // An ordinary segment such as `v8-engine` must not be rejected as a malformed version.
            .filter(|it| it.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
            .filter(|it| !it.starts_with('.'))
            .map_or(ExtractedVersion::Missing, ExtractedVersion::from)
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[test]
    fn only_v_and_dotted_numbers_are_a_version() {
        for (path, expected) in [
            ("/v1/media", ExtractedVersion::from("1")),
            ("/v1.2", ExtractedVersion::from("1.2")),
            ("/v2026.11.2/", ExtractedVersion::from("2026.11.2")),
            ("/v1./", ExtractedVersion::from("1.")),
            ("/v1.x/", ExtractedVersion::Missing),
            ("/v8-engine/docs", ExtractedVersion::Missing),
            ("/v1beta/x", ExtractedVersion::Missing),
            ("/videos/v1", ExtractedVersion::Missing),
            ("/v/1", ExtractedVersion::Missing),
            ("/V1", ExtractedVersion::Missing),
            ("/", ExtractedVersion::Missing),
            ("//v1", ExtractedVersion::Missing),
            ("*", ExtractedVersion::Missing),
        ] {
            let request = Request::options(path).body(()).unwrap();

            let extractor = PathSegment::at(0);
            let found = extractor.extract(Head::from(&request));

            assert_eq!(found, expected, "{path}");
        }
    }
}
