use tower_edge_core::Head;

use super::{Claim, Source};

/// A segment of the path that is `v` and a version, such as `/v1.2/media`: the version of an API rather
/// than of a client, which [`CalVer`](super::super::CalVer) reads.
///
/// The path is read as the gate sees it, and is left as it is. Where an outer router takes a prefix away,
/// as axum's `nest` does, the segments are counted behind it. A segment that is not `v` and dotted
/// numbers names no version.
///
/// ```
/// use http::Request;
/// use tower_edge::Head;
/// use tower_edge::version_gate::{Claim, PathSegment, Source};
///
/// let request = Request::get("/api/v1.2/media").body(())?;
///
/// assert_eq!(PathSegment::at(1).find(Head::from(&request)), Claim::of("1.2"));
/// assert_eq!(PathSegment::first().find(Head::from(&request)), Claim::Absent);
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PathSegment {
    index: usize,
}

impl PathSegment {
    /// The first segment.
    #[must_use]
    pub const fn first() -> Self {
        Self::at(0)
    }

    /// The segment behind so many others.
    #[must_use]
    pub const fn at(index: usize) -> Self {
        Self { index }
    }
}

impl Source for PathSegment {
    fn find<'a>(&'a self, head: Head<'a>) -> Claim<'a> {
        let path = head.uri.path();
        let segment = path
            .strip_prefix('/')
            .unwrap_or(path)
            .split('/')
            .nth(self.index);
        segment
            .and_then(|segment| segment.strip_prefix('v'))
            .filter(|version| is_dotted(version))
            .map_or(Claim::Absent, Claim::of)
    }
}

/// An ordinary segment such as `v8-engine` is nobody's version, and must not be refused as a bad one.
fn is_dotted(version: &str) -> bool {
    let mut characters = version.bytes();
    let begins = characters
        .next()
        .is_some_and(|first| first.is_ascii_digit());
    begins && characters.all(|other| other.is_ascii_digit() || other == b'.')
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[test]
    fn only_v_and_dotted_numbers_are_a_version() {
        for (path, said) in [
            ("/v1/media", Claim::of("1")),
            ("/v1.2", Claim::of("1.2")),
            ("/v2026.11.2/", Claim::of("2026.11.2")),
            ("/v1./", Claim::of("1.")),
            ("/v1.x/", Claim::Absent),
            ("/v8-engine/docs", Claim::Absent),
            ("/v1beta/x", Claim::Absent),
            ("/videos/v1", Claim::Absent),
            ("/v/1", Claim::Absent),
            ("/V1", Claim::Absent),
            ("/", Claim::Absent),
            ("//v1", Claim::Absent),
            ("*", Claim::Absent),
        ] {
            let request = Request::options(path).body(()).unwrap();

            let source = PathSegment::first();

            assert_eq!(source.find(Head::from(&request)), said, "{path}");
        }
    }
}
