use std::iter;

use http::Uri;
use http::uri::PathAndQuery;
use tower_edge_core::Kind;
use tower_edge_core::Problem;

/// The path and query to ask an upstream for: those of the request's target behind a base path.
///
/// A path that has a segment of `.` or `..` could leave the base, and is rejected. It is not resolved:
/// clients do that before they send a path
/// ([RFC 3986, section 5.2.4](https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4)), and proxies and
/// upstreams disagree about dots and slashes that are encoded. Such a segment is found behind encoded dots,
/// slashes and backslashes (`%2e`, `%2f`, `%5c`), encoded twice too, and before parameters (`..;a`).
/// Every other path reaches the upstream as it came, with its encoded slashes and empty segments.
///
/// ```
/// use http::{StatusCode, Uri};
/// use tower_edge::forward::join_path;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let path = join_path("/base", &Uri::from_static("/a%2Fb?c=../d"))?;
/// assert_eq!(path, "/base/a%2Fb?c=../d");
///
/// let problem = join_path("/base", &Uri::from_static("/a/..%2f../admin")).unwrap_err();
/// assert_eq!(problem.status(), StatusCode::BAD_REQUEST);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// - `BadRequest` when a segment of the path is `.` or `..`, however it is written;
/// - `NotImplemented` when the target has no path, as those of `CONNECT` and `OPTIONS *` have none;
/// - `UriTooLong` when the path is too long with the base before it, or the base is no path.
pub fn join_path(base: &str, target: &Uri) -> Result<PathAndQuery, Problem> {
    let requested = target
        .path_and_query()
        .filter(|requested| requested.as_str().starts_with('/'))
        .ok_or_else(|| Problem::new(Kind::NotImplemented))?;
    if has_dot_segment(requested.path()) {
        let problem = Problem::new(Kind::BadRequest);
        return Err(problem.with_message("The path must not have segments of dots."));
    }
    let base = base.trim_end_matches('/');
    if base.is_empty() {
        return Ok(requested.clone());
    }
    format!("{base}{requested}")
        .try_into()
        .map_err(|error: http::uri::InvalidUri| Problem::new(Kind::UriTooLong).with_source(error))
}

/// Whether anybody could read a segment of the path as `.` or `..`.
fn has_dot_segment(path: &str) -> bool {
    // How many dots a segment consists of so far; `None` as soon as there is anything else.
    let mut dots = Some(0_usize);
    for byte in decoded(path.as_bytes()).chain(iter::once(b'/')) {
        match byte {
            b'.' => dots = dots.map(|dots| dots + 1),
            b'/' | b'\\' | b';' | b'?' | b'#' | b'\0' => {
                if matches!(dots, Some(1 | 2)) {
                    return true;
                }
                dots = matches!(byte, b'/' | b'\\').then_some(0);
            }
            _ => dots = None,
        }
    }
    false
}

/// The bytes of a path, without its percent-encoding. `%25` is a percent sign: what is encoded twice is
/// decoded twice.
fn decoded(path: &[u8]) -> impl Iterator<Item = u8> {
    let mut rest = path;
    iter::from_fn(move || {
        let (first, after) = rest.split_first()?;
        rest = after;
        if *first != b'%' {
            return Some(*first);
        }
        let mut digits = after;
        while let Some(more) = digits.strip_prefix(b"25") {
            digits = more;
        }
        let [high, low, after @ ..] = digits else {
            return Some(b'%');
        };
        let Some(byte) = hex(*high).zip(hex(*low)) else {
            return Some(b'%');
        };
        rest = after;
        Some(byte.0 << 4 | byte.1)
    })
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn joined(base: &str, target: &str) -> Result<String, Kind> {
        let path = join_path(base, &target.parse().unwrap());
        path.map(|path| path.to_string())
            .map_err(|problem| problem.kind())
    }

    #[test]
    fn the_path_and_query_follow_the_base() {
        for (base, target, expected) in [
            ("", "/a/b?c=d", "/a/b?c=d"),
            ("/", "/", "/"),
            ("/base/", "/a", "/base/a"),
            ("/x", "http://proxy.example/a?", "/x/a?"),
            ("/x", "http://proxy.example", "/x/"),
        ] {
            assert_eq!(joined(base, target).as_deref(), Ok(expected));
        }
    }

    // RFC 3986, section 5.2.4.
    #[test]
    fn dot_segments_cannot_leave_the_base() {
        for path in [
            "/..",
            "/../x",
            "/a/../../x",
            "/./x",
            "/a/.",
            "/%2e%2e/x",
            "/%2E./x",
            "/.%2e",
            "/a/..%2f..",
            "/a%2f..%2F..%2fx",
            "/..%5cx",
            "/..\\x",
            "/a\\..\\..\\x",
            "/%252e%252e/x",
            "/%25252e%25252e%25252fx",
            "/a/..%252f..",
            "/..;/x",
            "/..;a=b/x",
            "/..%3bx",
            "/..%00/x",
            "/..%3fx",
            "/..%23x",
            "//..",
            "//../x",
            "/a//..//../x",
            "/../x?a=b",
            "http://proxy.example/../x",
            "http://proxy.example/%2e%2e",
        ] {
            for base in ["", "/base"] {
                assert_eq!(joined(base, path), Err(Kind::BadRequest), "{path}");
            }
        }
    }

    #[test]
    fn other_paths_reach_the_upstream_as_they_came() {
        for path in [
            "//",
            "//x",
            "/a//b/",
            "/a%2Fb",
            "/a%2f%2fb",
            "/a%5Cb",
            "/a%20b%25",
            "/a%252Fb",
            "/%",
            "/%2",
            "/%zz",
            "/%25zz",
            "/.well-known/x",
            "/..a",
            "/a..",
            "/...",
            "/a.b/..c;d=..",
            "/a;b/c",
            "/a?b=/../c&d=%2e%2e",
        ] {
            assert_eq!(joined("/base", path), Ok(format!("/base{path}")), "{path}");
        }
    }

    #[test]
    fn a_target_without_a_path_is_not_implemented() {
        for target in ["*", "example.org:443"] {
            assert_eq!(
                joined("/base", target),
                Err(Kind::NotImplemented),
                "{target}"
            );
        }
    }

    #[test]
    fn a_path_that_is_too_long_with_the_base_is_414() {
        let target = format!("/{}", "a".repeat(65_000));

        assert_eq!(joined(&"/base".repeat(200), &target), Err(Kind::UriTooLong));
    }

    proptest! {
        /// However an upstream decodes what it gets, and takes slashes, it stays beneath the base.
        #[test]
        fn an_accepted_path_stays_beneath_the_base(
            path in r"/((%25){0,2}(%)?(2[eEfF5]|5[cC])|[./\\;a]){0,12}"
        ) {
            let Ok(target) = path.parse() else { return Ok(()) };
            let Ok(path) = join_path("/base", &target) else { return Ok(()) };
            let mut path = path.to_string();
            for _ in 0..5 {
                let mut depth = 0_i32;
                for segment in path.split(['/', '\\']).filter(|segment| !segment.is_empty()) {
                    let name = segment.split(';').next();
                    depth += if name == Some("..") { -1 } else { 1 };
                    prop_assert!(depth > 0, "{path}");
                }
                path = once_decoded(&path);
            }
        }
    }

    fn once_decoded(path: &str) -> String {
        let mut path = path.to_owned();
        // The percent sign last, so that nothing is decoded twice.
        for (code, byte) in [("%2e", "."), ("%2E", "."), ("%2f", "/"), ("%2F", "/")] {
            path = path.replace(code, byte);
        }
        path.replace("%5c", "\\")
            .replace("%5C", "\\")
            .replace("%25", "%")
    }
}
