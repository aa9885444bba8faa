use tower_edge_core::Head;

use super::Claim;
use super::Source;

/// A segment of the path that is `v` and a version, such as `/v1.2/media`: the version of an API rather
/// than of a client, which [`CalVer`](super::super::CalVer) reads.
///
/// The path is read as the gate sees it, and is left as it is. Where an outer router takes a prefix away,
/// as axum's `nest` does, the segments are counted behind it. A segment that is not `v` and a digit names
/// no version.
///
/// ```
/// use http::Request;
/// use tower_edge::core::Head;
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
            .filter(|version| version.starts_with(|first: char| first.is_ascii_digit()))
            .map_or(Claim::Absent, Claim::of)
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[test]
    fn only_v_and_a_digit_begin_a_version() {
        for (path, said) in [
            ("/v1/media", Claim::of("1")),
            ("/v1.2", Claim::of("1.2")),
            ("/v2026.11.2/", Claim::of("2026.11.2")),
            ("/v1.x/", Claim::of("1.x")),
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
