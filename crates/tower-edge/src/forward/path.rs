use std::borrow::Cow;
use std::iter;

use http::Uri;
use http::uri::PathAndQuery;
use tower_edge_core::http_ext::percent_decode;
use tower_edge_core::{Kind, Problem};

/// Appends the path and query of a request's target to the upstream's base path.
///
/// A path with a segment of `.` or `..` could leave the base, and is rejected. It is not resolved: clients do that
/// before they send a path ([RFC 3986, section 5.2.4](https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4)), and
/// proxies and upstreams disagree about encoded dots and slashes. So this function percent-decodes the path up to 4
/// times. Each time it looks for such segments between slashes and backslashes, and before parameters (`..;a`). It
/// rejects a path that is encoded more often. Every other path reaches the upstream unchanged, with its encoded
/// slashes and empty segments.
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
/// - `BadRequest` when a segment of the path is `.` or `..`, in any encoding, or the path is encoded more than 4
///   times;
/// - `NotImplemented` when the target has no path, as in `CONNECT` and `OPTIONS *`;
/// - `UriTooLong` when the base and the path together are too long, or the base is not a path.
pub fn join_path(base: &str, target: &Uri) -> Result<PathAndQuery, Problem> {
    let requested = target
        .path_and_query()
        .filter(|requested| requested.as_str().starts_with('/'))
        .ok_or_else(|| Problem::new(Kind::NotImplemented))?;
    check(requested.path())
        .map_err(|message| Problem::new(Kind::BadRequest).with_message(message))?;
    let base = base.trim_end_matches('/');
    if base.is_empty() {
        return Ok(requested.clone());
    }
    format!("{base}{requested}")
        .try_into()
        .map_err(|error: http::uri::InvalidUri| Problem::new(Kind::UriTooLong).with_source(error))
}

/// The error is why the path could leave a base. Allocates only if there is something to decode.
fn check(path: &str) -> Result<(), &'static str> {
    let mut path = Cow::Borrowed(path.as_bytes());
    for _ in 0..=MAX_ROUNDS {
        if has_dot_segment(&path) {
            return Err("The path must not have segments of dots.");
        }
        if !path.contains(&b'%') {
            return Ok(());
        }
        let decoded: Vec<u8> = percent_decode(&path).collect();
        if decoded.len() == path.len() {
            return Ok(());
        }
        path = decoded.into();
    }
    Err("The path must not be percent-encoded more than 4 times.")
}

/// Whether the path has a segment of `.` or `..`, for a server that does not decode it.
fn has_dot_segment(path: &[u8]) -> bool {
    // The number of dots in the segment so far; `None` after any other character.
    let mut dots = Some(0_usize);
    for byte in path.iter().copied().chain(iter::once(b'/')) {
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

/// How often a path may be encoded. No known server decodes more often.
const MAX_ROUNDS: usize = 4;

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
            "/%25%32%65%25%32%65/x",
            "/%%32%65%%32%65/x",
            "/%%32e%2%65/x",
            "/a%25%32%66..%25%35%63",
            "/..%25%33%62a/x",
            "/%2525252e./x",
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
    fn a_path_that_is_still_encoded_after_four_rounds_is_rejected() {
        assert_eq!(joined("/base", "/a%2525252520"), Err(Kind::BadRequest));
        assert_eq!(
            joined("/base", "/a%25252520").as_deref(),
            Ok("/base/a%25252520")
        );
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
        /// It holds however often an upstream decodes a path, and however it treats slashes.
        #[test]
        fn an_accepted_path_stays_beneath_the_base(path in encoded_path()) {
            let target = path.parse().unwrap();
            let Ok(path) = join_path("/base", &target) else { return Ok(()) };
            let mut path = path.as_str().as_bytes().to_vec();
            for _ in 0..=4 {
                for segment in path.split(|byte| matches!(byte, b'/' | b'\\')) {
                    let name = segment.split(|byte| *byte == b';').next();
                    prop_assert!(!matches!(name, Some(b"." | b"..")), "{target}");
                }
                path = once_decoded(&path);
            }
            prop_assert_eq!(&once_decoded(&path), &path);
        }
    }

    /// A path with some bytes encoded, up to five times over.
    fn encoded_path() -> impl Strategy<Value = String> {
        let rounds = prop::collection::vec(any::<u64>(), 0..=5);
        (r"/[./\\;a]{0,8}", rounds).prop_map(|(path, rounds)| {
            rounds.into_iter().fold(path, |path, round| {
                let bytes = path.bytes().enumerate();
                bytes.map(|(at, byte)| encoded(at, byte, round)).collect()
            })
        })
    }

    fn encoded(at: usize, byte: u8, round: u64) -> String {
        match round >> (at % 32 * 2) & 3 {
            0 if at > 0 => format!("%{byte:02x}"),
            1 if at > 0 => format!("%{byte:02X}"),
            _ => char::from(byte).into(),
        }
    }

    /// Decodes each `%` and two hexadecimal digits once. It is not the decoder under test.
    fn once_decoded(path: &[u8]) -> Vec<u8> {
        let (mut decoded, mut at) = (Vec::new(), 0);
        while at < path.len() {
            let code = path[at..].first_chunk::<3>();
            let code = code.and_then(|code| std::str::from_utf8(code).ok()?.strip_prefix('%'));
            let code = code.filter(|code| code.bytes().all(|digit| digit.is_ascii_hexdigit()));
            let byte = code.and_then(|code| u8::from_str_radix(code, 16).ok());
            decoded.push(byte.unwrap_or(path[at]));
            at += if byte.is_some() { 3 } else { 1 };
        }
        decoded
    }
}
