use http::Method;
use tower_edge_core::Head;
use tower_edge_core::http_ext::percent_decode;
use tower_edge_core::rate_limit::{Key, KeyExtractor};

use super::KeyError;
use crate::matched_path::route_template;

/// The method and the template of the route, such as `GET` and `/media/{id}`. It is usually a part of a tuple:
/// `(ClientAddress::new(), Route)`.
///
/// ```
/// use http::Request;
/// use tower_edge::Head;
/// use tower_edge::rate_limit::KeyExtractor;
/// use tower_edge::rate_limit::key::{Route, RouteTemplate};
///
/// let request = |path: &str| {
///     let template = RouteTemplate("/media/{id}".into());
///     Request::get(path).extension(template).body(())
/// };
/// let (one, other) = (request("/media/7")?, request("/media/8?x=1")?);
///
/// assert_eq!(Route.key(Head::from(&one)), Route.key(Head::from(&other)));
/// # Ok::<(), http::Error>(())
/// ```
///
/// The template is a [`RouteTemplate`](super::RouteTemplate) in the request's extensions. Without one it is, with
/// feature `axum`, the `MatchedPath` of the `Router` that the layer stands in. The path is never read: `/a?x=1`, `//a`
/// and `/A` would each have a quota of their own. All requests without a template share one key, whatever their method.
/// Outside of a `Router`, and in one that is mounted by `nest_service`, no request has a template.
///
/// `HEAD` counts as `GET` ([RFC 9110, section 9.3.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2)). All
/// methods outside of RFC 9110 and RFC 5789 count as one.
#[derive(Clone, Copy, Debug)]
pub struct Route;

impl KeyExtractor for Route {
    fn key<'a>(&'a self, head: Head<'a>) -> Option<Key<'a>> {
        let route = route_template(head.extensions).map(|template| [method(head.method), template]);
        Some(Key::from(route.unwrap_or_default().map(Key::from)))
    }
}

/// A pattern of paths in the syntax of axum 0.8: `/media/{id}`, `/files/{*rest}`, or a path as it is.
///
/// It is compared segment by segment, each of them decoded. A parameter matches every segment but an empty one.
#[derive(Clone, Debug)]
pub(in crate::rate_limit) struct PathPattern(Box<str>);

impl PathPattern {
    /// A pattern that paths can match.
    ///
    /// # Errors
    ///
    /// If no path matches the pattern, or axum would reject it.
    pub(in crate::rate_limit) fn parse(pattern: &str) -> Result<Self, KeyError> {
        let is_segment =
            |text: &str| match text.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
                Some(name) => {
                    let name = name.strip_prefix('*').unwrap_or(name);
                    !name.is_empty() && !name.contains(['{', '}', '*'])
                }
                // A parameter of axum 0.7 begins with a colon or an asterisk.
                None => !text.contains(['{', '}', '?', '#']) && !text.starts_with([':', '*']),
            };
        let (parents, _) = pattern.rsplit_once('/').unwrap_or_default();
        let is_rooted = pattern.starts_with('/') && !parents.contains("{*");
        if is_rooted && pattern.split('/').all(is_segment) {
            return Ok(Self(pattern.into()));
        }
        let expected = "segments like `/a`, `/{a}` and, at the end, `/{*a}`";
        let error = format!("invalid path pattern {pattern:?}: expected {expected}");
        Err(KeyError(error))
    }

    pub(in crate::rate_limit) fn matches(&self, path: &str) -> bool {
        let mut segments = path.split('/');
        for expected in self.0.split('/') {
            let Some(segment) = segments.next() else {
                return false;
            };
            let matches = match expected.strip_prefix('{') {
                Some(name) if name.starts_with('*') => {
                    return !segment.is_empty() || segments.next().is_some();
                }
                Some(_) => !segment.is_empty(),
                None => percent_decode(segment.as_bytes()).eq(percent_decode(expected.as_bytes())),
            };
            if !matches {
                return false;
            }
        }
        segments.next().is_none()
    }
}

/// A client can send any method, and a route may respond to all of them.
fn method(method: &Method) -> &str {
    match method.as_str() {
        "HEAD" => "GET",
        known @ ("CONNECT" | "DELETE" | "GET" | "OPTIONS" | "PATCH" | "POST" | "PUT" | "TRACE") => {
            known
        }
        _ => "*",
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use tower_edge_core::RouteTemplate;

    use super::*;

    fn request(method: &str, path: &str, template: Option<&'static str>) -> Request<()> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .body(())
            .unwrap();
        if let Some(template) = template {
            let template = RouteTemplate(template.into());
            request.extensions_mut().insert(template);
        }
        request
    }

    fn is_one(one: &Request<()>, other: &Request<()>) -> bool {
        Route.key(Head::from(one)) == Route.key(Head::from(other))
    }

    #[test]
    fn the_template_counts_and_not_the_path() {
        let one = request("GET", "/a/1", Some("/a/{id}"));

        assert!(is_one(&one, &request("GET", "//a/2?x=1", Some("/a/{id}"))));
        assert!(!is_one(&one, &request("GET", "/a/1", Some("/b/{id}"))));
        assert!(!is_one(&one, &request("PUT", "/a/1", Some("/a/{id}"))));
        assert!(!is_one(&one, &request("GET", "/a/{id}", None)));
    }

    // RFC 9110, section 9.3.2: HEAD is GET but for the content of the response.
    #[test]
    fn head_counts_as_get_and_made_up_methods_as_one() {
        let by = |method| request(method, "/a", Some("/a"));

        assert!(is_one(&by("HEAD"), &by("GET")));
        assert!(is_one(&by("MADE"), &by("UP")));
        assert!(!is_one(&by("MADE"), &by("GET")));
    }

    #[test]
    fn requests_that_match_no_route_share_one_key() {
        let one = request("GET", "/a?x=1", None);

        for other in [
            request("GET", "//a", None),
            request("GET", "/A", None),
            request("POST", "/b", None),
            request("MADE-UP", "/a", None),
        ] {
            assert!(is_one(&one, &other), "{other:?}");
        }
        assert!(!is_one(&one, &request("MADE-UP", "/a", Some("/a"))));
    }

    fn assert_matches(pattern: &str, matching: &[&str], others: &[&str]) {
        let parsed = PathPattern::parse(pattern).unwrap();
        for path in matching {
            assert!(parsed.matches(path), "{pattern} {path}");
        }
        for path in others {
            assert!(!parsed.matches(path), "{pattern} {path}");
        }
    }

    #[test]
    fn a_pattern_without_parameters_matches_one_path() {
        assert_matches("/", &["/"], &["", "//", "/a", "*"]);
        assert_matches(
            "/a/b",
            &["/a/b"],
            &["/a", "/a/b/", "/a//b", "/A/b", "/a/b/c", "a/b"],
        );
        assert_matches("/a/", &["/a/"], &["/a", "/a//"]);
    }

    #[test]
    fn a_parameter_matches_one_segment() {
        let others = ["/media", "/media/", "/media/7/", "/media/7/8", "/medium/7"];
        assert_matches("/media/{id}", &["/media/7", "/media/a%2Fb"], &others);
        assert_matches("/{a}/b/{c}", &["/1/b/2"], &["/1/c/2", "//b/2"]);
    }

    #[test]
    fn a_rest_matches_one_segment_or_more() {
        let matching = ["/files/a", "/files/a/b", "/files/a/", "/files//"];
        assert_matches(
            "/files/{*rest}",
            &matching,
            &["/files", "/files/", "/file/a"],
        );
        assert_matches("/{*rest}", &["/a", "/a/b"], &["/", ""]);
    }

    // RFC 3986, section 2.3: an unreserved character and its encoding are equivalent.
    #[test]
    fn segments_are_decoded_before_they_are_compared() {
        assert_matches(
            "/a b/{id}",
            &["/a%20b/7", "/%61%20b/7"],
            &["/a+b/7", "/a%2520b/7"],
        );
        assert_matches("/a%20b", &["/a%20b"], &["/a%2520b"]);
        assert_matches("/a/b", &["/%61/b"], &["/a%2Fb"]);
    }

    #[test]
    fn the_methods_of_grpc_are_paths() {
        let others = ["/pkg.Service/", "/pkg.Services/Get", "/pkg.Service/Get/x"];
        assert_matches("/pkg.Service/{method}", &["/pkg.Service/Get"], &others);
        assert_matches(
            "/pkg.Service/Get",
            &["/pkg.Service/Get"],
            &["/pkg.Service/get"],
        );
    }

    #[test]
    fn a_literal_brace_is_encoded() {
        assert_matches("/%7Ba%7D", &["/{a}", "/%7Ba%7D"], &["/a", "/%7Bb%7D"]);
    }

    #[test]
    fn a_pattern_that_matches_nothing_is_rejected_by_name() {
        for pattern in [
            "",
            "a",
            "media/{id}",
            "*",
            "/a?x=1",
            "/a#b",
            "/{}",
            "/{*}",
            "/{a",
            "/a}",
            "/{a}b",
            "/a{b}",
            "/{a}{b}",
            "/{a{b}",
            "/{{a}}",
            "/{*a}/b",
            "/{*a}/{*b}",
            "/:id",
            "/*rest",
            "/{a*}",
        ] {
            let error = PathPattern::parse(pattern).unwrap_err().to_string();
            let expected = format!("invalid path pattern {pattern:?}: expected ");
            assert!(error.starts_with(&expected), "{error}");
        }
    }
}
