//! Media types, as the bytes of a `Content-Type`
//! ([RFC 9110, section 8.3.1](https://www.rfc-editor.org/rfc/rfc9110#section-8.3.1)).

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};

/// The value of `Content-Type`; the first one if there are several.
#[must_use]
pub fn content_type(headers: &HeaderMap) -> Option<&[u8]> {
    let value = if headers.len() <= FEW {
        // A walk past a few names is cheaper than a hash.
        let mut fields = headers.iter();
        fields.find_map(|(name, value)| (*name == CONTENT_TYPE).then_some(value))
    } else {
        headers.get(CONTENT_TYPE)
    };
    value.map(HeaderValue::as_bytes)
}

/// Type and subtype of a media type, without parameters and the white space before them ([RFC 9110, section
/// 8.3.1](https://www.rfc-editor.org/rfc/rfc9110#section-8.3.1)). Letters keep their case: compare with
/// [`is_media_type`].
///
/// ```
/// use tower_edge_core::http_ext::essence;
///
/// assert_eq!(essence(b"text/html ; charset=utf-8"), b"text/html");
/// ```
#[must_use]
pub fn essence(value: &[u8]) -> &[u8] {
    value
        .split(|byte| *byte == b';')
        .next()
        .unwrap_or_default()
        .trim_ascii()
}

/// Whether a `Content-Type` has this type and subtype, in any case and with any parameters
/// ([RFC 9110, section 8.3.1](https://www.rfc-editor.org/rfc/rfc9110#section-8.3.1)).
///
/// ```
/// use tower_edge_core::http_ext::is_media_type;
///
/// assert!(is_media_type(b"Text/Plain; charset=utf-8", "text/plain"));
/// assert!(!is_media_type(b"text/plain-old", "text/plain"));
/// ```
#[must_use]
#[inline]
pub fn is_media_type(value: &[u8], media_type: &str) -> bool {
    // The length alone rules out most other types, and most names are in small letters.
    let Some((start, rest)) = value.split_at_checked(media_type.len()) else {
        return false;
    };
    start == media_type.as_bytes() && matches!(rest, [] | [b';', ..])
        || essence(value).eq_ignore_ascii_case(media_type.as_bytes())
}

/// Whether a message is JSON by its `Content-Type`: `application/json`, or any type with the suffix `+json`
/// ([RFC 6839, section 3.1](https://www.rfc-editor.org/rfc/rfc6839#section-3.1)).
///
/// ```
/// use tower_edge_core::http_ext::is_json;
///
/// assert!(is_json(b"application/problem+json"));
/// assert!(!is_json(b"application/json-seq"));
/// ```
#[must_use]
pub fn is_json(content_type: &[u8]) -> bool {
    let essence = essence(content_type);
    let suffix = essence.rsplitn(2, |byte| *byte == b'+').next();
    essence.eq_ignore_ascii_case(b"application/json")
        || essence.contains(&b'/')
            && suffix.is_some_and(|suffix| suffix.eq_ignore_ascii_case(b"json"))
}

/// Whether a message is an event stream, by its `Content-Type` ([HTML, section
/// 9.2.5](https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream)).
#[must_use]
pub fn is_event_stream(headers: &HeaderMap) -> bool {
    content_type(headers).is_some_and(|value| is_media_type(value, "text/event-stream"))
}

/// The weight of a range in `Accept` and its kin, in thousandths: 1000 if it has none, `None` if its weight is not
/// valid ([RFC 9110, section 12.4.2](https://www.rfc-editor.org/rfc/rfc9110#section-12.4.2)).
///
/// ```
/// use tower_edge_core::http_ext::weight;
///
/// assert_eq!(weight(b"text/html; q=0.5"), Some(500));
/// assert_eq!(weight(b"text/html"), Some(1000));
/// assert_eq!(weight(b"text/html;q=2"), None);
/// ```
#[must_use]
pub fn weight(range: &[u8]) -> Option<u16> {
    let weight = split_unquoted(range, b';').skip(1).find_map(|parameter| {
        let parameter = parameter.trim_ascii();
        parameter
            .strip_prefix(b"q=")
            .or_else(|| parameter.strip_prefix(b"Q="))
    });
    let Some(weight) = weight else {
        return Some(1000);
    };
    let (whole, fraction) = match weight {
        [whole] => (*whole, &[][..]),
        [whole, b'.', fraction @ ..] if fraction.len() <= 3 => (*whole, fraction),
        _ => return None,
    };
    let mut thousandths = match whole {
        b'0' => 0,
        b'1' => 1000,
        _ => return None,
    };
    for (place, digit) in [100, 10, 1].into_iter().zip(fraction) {
        thousandths += place * u16::from(digit.is_ascii_digit().then(|| digit - b'0')?);
    }
    (thousandths <= 1000).then_some(thousandths)
}

/// Splits a list, or a value with parameters, outside of
/// [quoted strings](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.4).
///
/// ```
/// use tower_edge_core::http_ext::split_unquoted;
///
/// let ranges: Vec<_> = split_unquoted(b"text/html;a=\"b,c\", */*", b',').collect();
///
/// assert_eq!(ranges, [&b"text/html;a=\"b,c\""[..], b" */*"]);
/// ```
pub fn split_unquoted(list: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    list.split(move |byte| {
        let is_plain = !is_quoted;
        if is_escaped {
            is_escaped = false;
        } else if is_quoted && *byte == b'\\' {
            is_escaped = true;
        } else if *byte == b'"' {
            is_quoted = !is_quoted;
        }
        is_plain && *byte == separator
    })
}

const FEW: usize = 8;

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    fn headers(content_type: &str) -> HeaderMap {
        let value = HeaderValue::from_str(content_type).unwrap();
        HeaderMap::from_iter([(CONTENT_TYPE, value)])
    }

    // RFC 9110, section 8.3.1: type and subtype are case-insensitive; white space may stand before the
    // semicolon.
    #[test]
    fn a_type_is_compared_without_case_parameters_and_white_space() {
        for (value, expected) in [
            ("text/plain", true),
            ("TEXT/Plain", true),
            ("text/plain;", true),
            ("text/plain;charset=utf-8", true),
            ("text/plain \t; charset=\"a;b\"", true),
            (" text/plain ", true),
            ("text/plainer", false),
            ("text/plain+json", false),
            ("text/plain charset=utf-8", false),
            ("text / plain", false),
            ("text/plai", false),
            (";text/plain", false),
            ("", false),
        ] {
            assert_eq!(
                is_media_type(value.as_bytes(), "text/plain"),
                expected,
                "{value:?}"
            );
        }
    }

    // RFC 6839, section 3.1.
    #[test]
    fn json_is_known_by_its_type_or_its_suffix() {
        for (value, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/vnd.api+json", true),
            ("application/merge-patch+JSON ;a=b", true),
            ("application/a+b+json", true),
            ("text/json", false),
            ("model/gltf+json", true),
            ("application/jsonx", false),
            ("application/json-seq", false),
            ("application/json+xml", false),
            ("application/xml;a=+json", false),
            ("application", false),
            ("json", false),
            ("+json", false),
            ("a+json/b", false),
            ("/", false),
            ("", false),
        ] {
            assert_eq!(is_json(value.as_bytes()), expected, "{value:?}");
        }
    }

    // HTML, section 9.2.5.
    #[test]
    fn an_event_stream_is_known_by_its_type() {
        for (value, expected) in [
            ("text/event-stream", true),
            ("Text/Event-Stream;charset=UTF-8", true),
            ("text/event-stream ; charset=utf-8", true),
            ("text/event-streams", false),
            ("text/event-strea", false),
            ("text/event-stream charset=utf-8", false),
            ("application/json", false),
        ] {
            assert_eq!(is_event_stream(&headers(value)), expected, "{value:?}");
        }
        assert!(!is_event_stream(&HeaderMap::new()));
    }

    // Few fields are walked, many are looked up.
    #[test]
    fn the_first_type_is_found_among_few_fields_and_among_many() {
        for others in [0, FEW - 2, FEW - 1, FEW, 30] {
            let mut headers = HeaderMap::new();
            for number in 0..others {
                let name = HeaderName::try_from(format!("x-{number}")).unwrap();
                headers.append(name, HeaderValue::from_static("text/html"));
            }

            assert_eq!(content_type(&headers), None, "{others}");
            headers.append(CONTENT_TYPE, HeaderValue::from_static("a/b"));
            headers.append(CONTENT_TYPE, HeaderValue::from_static("c/d"));
            assert_eq!(content_type(&headers), Some(&b"a/b"[..]), "{others}");
        }
    }
}
