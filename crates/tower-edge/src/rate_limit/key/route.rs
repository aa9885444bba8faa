use http::{Extensions, Method};
use tower_edge_core::rate_limit::{Key, KeyOf};
use tower_edge_core::{Head, RouteTemplate};

use crate::matched_path::matched_path;

/// The method and the template of the route, such as `GET` and `/media/{id}`; usually a part of a
/// tuple: `(ClientAddress::new(), Route)`.
///
/// The template is a [`RouteTemplate`] in the request's extensions, else, with feature `axum`, the
/// `MatchedPath` of a `Router` that the layer stands inside of. The path itself is never looked at:
/// `/a?x=1`, `//a` and `/A` would each have an allowance of its own. All requests without a template
/// share one key, whatever their method; outside of a `Router`, and in one that is mounted with
/// `nest_service`, those are all.
///
/// `HEAD` counts as the `GET` that it is
/// ([RFC 9110, section 9.3.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2)), and methods that
/// are not of RFC 9110 or RFC 5789 count as one. A route takes two of the four places of a
/// [joined key](tower_edge_core::rate_limit::JoinedKey).
///
/// ```
/// use http::Request;
/// use tower_edge::Head;
/// use tower_edge::rate_limit::{KeyOf, Route, RouteTemplate};
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
#[derive(Clone, Copy, Debug)]
pub struct Route;

impl KeyOf for Route {
    fn key<'a>(&self, head: Head<'a>) -> Option<Key<'a>> {
        let (method, template) = match template(head.extensions) {
            Some(template) => (method(head.method), template),
            None => ("", ""),
        };
        Some(Key::from(
            [method, template].map(|part| Key::Text(part.as_bytes())),
        ))
    }
}

/// The template of the route, if there is one.
pub(in crate::rate_limit) fn template(extensions: &Extensions) -> Option<&str> {
    extensions
        .get()
        .map(|RouteTemplate(template)| &**template)
        .or_else(|| matched_path(extensions))
}

/// A client can make methods up, and a route may answer any.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::CONNECT => "CONNECT",
        Method::DELETE => "DELETE",
        Method::GET | Method::HEAD => "GET",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::TRACE => "TRACE",
        _ => "*",
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

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

    // RFC 9110, section 9.3.2: HEAD is GET but for the content of the answer.
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
}
