//! Removes the header fields of a response that no longer hold when its body is replaced.

use http::header::{CONNECTION, CONTENT_RANGE, PROXY_AUTHENTICATE, UPGRADE};
use http::{HeaderMap, HeaderName, StatusCode};

/// Removes the fields about the body, except its type, which is overwritten. Few responses have more than one such
/// field, so a look at each name is cheaper than a removal of each possible field.
///
/// The range of a 416 stays: it is that of the resource, and clients resume by it ([RFC 9110, section
/// 15.5.17](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.17)).
pub(super) fn of_body(status: StatusCode, headers: &mut HeaderMap) {
    let range = match status {
        StatusCode::RANGE_NOT_SATISFIABLE => headers.remove(CONTENT_RANGE),
        _ => None,
    };
    remove(headers, is_about_the_body);
    if let Some(range) = range {
        headers.insert(CONTENT_RANGE, range);
    }
}

/// Removes the fields that name the error of a response that no problem describes.
pub(super) fn of_error(headers: &mut HeaderMap) {
    remove(headers, is_about_the_error);
}

/// Removes the fields of a response whose status is replaced by that of a failed upstream.
pub(super) fn of_replaced_status(headers: &mut HeaderMap) {
    remove(headers, is_about_the_status);
}

/// Removes the fields that have a meaning only with this status, if a format sends another one: the protocols of a 426
/// ([RFC 9110, section 15.5.22](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.22)), and the challenges of a 407
/// ([section 11.7.1](https://www.rfc-editor.org/rfc/rfc9110#section-11.7.1)).
pub(super) fn of_status(status: StatusCode, headers: &mut HeaderMap) {
    match status {
        StatusCode::UPGRADE_REQUIRED => {
            headers.remove(CONNECTION);
            headers.remove(UPGRADE);
        }
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            headers.remove(PROXY_AUTHENTICATE);
        }
        _ => {}
    }
}

fn remove(headers: &mut HeaderMap, goes: fn(&HeaderName) -> bool) {
    while let Some(name) = headers.keys().find(|name| goes(name)).cloned() {
        headers.remove(name);
    }
}

/// Fields about a body
/// ([RFC 9110, section 8](https://www.rfc-editor.org/rfc/rfc9110#section-8),
/// [RFC 9530](https://www.rfc-editor.org/rfc/rfc9530)) or about how it is sent. A match on the text looks at the length
/// first, and costs a third of comparing with each name.
fn is_about_the_body(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "accept-ranges"
            | "content-digest"
            | "content-disposition"
            | "content-encoding"
            | "content-language"
            | "content-length"
            | "content-location"
            | "content-md5"
            | "content-range"
            | "digest"
            | "etag"
            | "last-modified"
            | "repr-digest"
            | "trailer"
            | "transfer-encoding"
    )
}

/// Fields in which formats repeat their code or id, and those of gRPC.
pub(super) fn is_about_the_error(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("x-error-") || name.starts_with("grpc-") || name == "x-error"
}

/// Challenges ([RFC 9110, section 11.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1)), methods and types
/// that the target takes, and how long the response may be stored ([RFC 9111, section
/// 5](https://www.rfc-editor.org/rfc/rfc9111#section-5)).
fn is_about_the_status(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "accept"
            | "accept-patch"
            | "accept-post"
            | "age"
            | "allow"
            | "cache-control"
            | "expires"
            | "location"
            | "pragma"
            | "proxy-authenticate"
            | "www-authenticate"
    )
}
