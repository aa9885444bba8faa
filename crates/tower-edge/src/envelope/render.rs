use std::mem;

use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use tower_edge_core::http_ext::{Protocol, header_int};
use tower_edge_core::{JsonRpcIds, Problem};

use super::config::{Config, RequestInfo};
use super::event::{ProblemEvent, identify};
use super::{buffer_pool, strip_headers};

/// The author of the header fields of a response that becomes a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Headers {
    /// The inner service: fields about its body are removed.
    Foreign,
    /// Layers that rejected the request: no field is about a body.
    Own,
}

/// Writes the problem on this head, and returns its body. Emits the event, unless an envelope further in has.
pub(super) fn render(
    problem: &mut Problem,
    head: &mut Parts,
    headers: Headers,
    request: &RequestInfo,
    config: &Config,
) -> Bytes {
    identify(problem);
    let ids = request.wanted.as_ref().and_then(|wanted| wanted.ids.ids());
    let body = write(problem, head, headers, request, config, ids.as_ref());
    if !problem.is_rendered() {
        config.emit(|| ProblemEvent::new(problem, head.status, request, config));
        problem.mark_rendered();
    }
    body
}

fn write(
    problem: &Problem,
    head: &mut Parts,
    headers: Headers,
    request: &RequestInfo,
    config: &Config,
    ids: Option<&JsonRpcIds>,
) -> Bytes {
    let format = request.format(config);
    let context = &request.context(config, ids);
    let status = format.status(problem, context);
    let context = &context.with_status(status);
    let before = mem::replace(&mut head.status, status);
    if headers == Headers::Foreign {
        strip_headers::of_body(status, &mut head.headers);
    }
    problem.extend_headers(&mut head.headers);
    if before != status {
        strip_headers::of_status(before, &mut head.headers);
    }
    format.headers(problem, context, &mut head.headers);
    // A 401 has to have a challenge (RFC 9110, section 15.5.2).
    if status == StatusCode::UNAUTHORIZED && !head.headers.contains_key(header::WWW_AUTHENTICATE) {
        let challenge = HeaderValue::from_static("Bearer");
        head.headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    if request.protocol == Protocol::Http
        && let Some(selected) = &request.selection.0
    {
        for field in selected.vary() {
            append_vary(&mut head.headers, field);
        }
    }
    if !may_have_body(head.status) {
        head.headers.remove(header::CONTENT_TYPE);
        return Bytes::new();
    }
    let mut out = buffer_pool::take();
    format.body(problem, context, &mut out);
    if request.protocol == Protocol::Grpc || !out.is_empty() {
        head.headers
            .insert(header::CONTENT_TYPE, format.content_type());
    } else {
        head.headers.remove(header::CONTENT_TYPE);
    }
    let body = if request.is_head {
        let length = header_int(out.len() as u64);
        head.headers.insert(header::CONTENT_LENGTH, length);
        Bytes::new()
    } else {
        Bytes::copy_from_slice(&out)
    };
    buffer_pool::give_back(out);
    body
}

/// Adds the name, unless it or `*` is there. Existing names stay.
fn append_vary(headers: &mut HeaderMap, field: &HeaderName) {
    let has_field = |value: &HeaderValue| {
        let mut names = value.as_bytes().split(|byte| *byte == b',');
        names.any(|name| {
            let name = name.trim_ascii();
            name == b"*" || name.eq_ignore_ascii_case(field.as_str().as_bytes())
        })
    };
    if !headers.get_all(header::VARY).iter().any(has_field) {
        headers.append(header::VARY, HeaderValue::from(field.clone()));
    }
}

/// 1xx, 204, 205 and 304 end with their header fields
/// ([RFC 9110, section 6.4.1](https://www.rfc-editor.org/rfc/rfc9110#section-6.4.1)).
pub(super) fn may_have_body(status: StatusCode) -> bool {
    !(status.is_informational() || matches!(status.as_u16(), 204 | 205 | 304))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vary(before: &[&'static str]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for value in before {
            headers.append(header::VARY, HeaderValue::from_static(value));
        }
        append_vary(&mut headers, &header::ACCEPT);
        let values = headers.get_all(header::VARY).iter();
        values
            .map(|value| value.to_str().unwrap().to_owned())
            .collect()
    }

    // RFC 9110, section 12.5.5: a list of field names, in any case, or "*".
    #[test]
    fn vary_is_added_once_and_what_is_there_stays() {
        assert_eq!(vary(&[]), ["accept"]);
        assert_eq!(vary(&["origin"]), ["origin", "accept"]);
        assert_eq!(
            vary(&["accept-encoding"]),
            ["accept-encoding", "accept"],
            "another field's name"
        );
        for existing in ["*", "Accept", "origin, ACCEPT", "origin ,accept ,cookie"] {
            assert_eq!(vary(&[existing]), [existing]);
        }
        assert_eq!(vary(&["origin", "accept"]), ["origin", "accept"]);
    }
}
