use http::{HeaderMap, header};

use super::{essence, is_json, split_unquoted, weight};

/// Which of several representations the client prefers by its `Accept` fields
/// ([RFC 9110, section 12.5.1](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1)).
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use tower_edge_core::http_ext::preferred;
///
/// let mut headers = HeaderMap::new();
/// headers.insert("accept", HeaderValue::from_static("text/html, */*;q=0.8"));
///
/// let chosen = preferred(&headers, &"application/json", &["text/html"], |offered| *offered);
///
/// assert_eq!(*chosen, "text/html");
/// ```
///
/// The most specific range decides for a type. If no range includes a type that ends with `+json`, the range for
/// `application/json` counts. If the client prefers two types equally, a type that it names goes before one that a
/// range includes, and then the earlier one in the list. A client that sends no `Accept`, or accepts none of the types,
/// receives `otherwise`.
pub fn preferred<'a, T, V: AsRef<[u8]>>(
    headers: &HeaderMap,
    otherwise: &'a T,
    others: &'a [T],
    content_type: impl Fn(&T) -> V,
) -> &'a T {
    // Most clients send none.
    if !headers.contains_key(header::ACCEPT) {
        return otherwise;
    }
    let preference = |offered: &T| preference(headers, content_type(offered).as_ref());
    let (mut best, mut most) = (otherwise, preference(otherwise));
    for other in others {
        let preference = preference(other);
        if preference > most {
            (best, most) = (other, preference);
        }
    }
    best
}

/// How much a client prefers a type: by weight, then by how closely it named the type. A type that it does not accept
/// is the least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Preference {
    thousandths: u16,
    precision: Option<Precision>,
}

/// How closely a range names a type. The most precise range decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Precision {
    /// `application/json` for `application/problem+json`: no range of the standard includes it.
    Suffix,
    Any,
    Type,
    Exact,
}

/// The preference of the fields for this type. Parameters other than the weight are ignored, as formats have none that
/// a client could mean. So is an invalid range.
fn preference(headers: &HeaderMap, content_type: &[u8]) -> Preference {
    let offered = essence(content_type);
    let mut found = Preference::default();
    for value in headers.get_all(header::ACCEPT) {
        for range in split_unquoted(value.as_bytes(), b',') {
            let precision = precision(essence(range), offered);
            if precision > found.precision
                && let Some(thousandths) = weight(range)
            {
                found = Preference {
                    thousandths,
                    precision,
                };
            }
        }
    }
    if found.thousandths == 0 {
        return Preference::default();
    }
    found
}

fn precision(range: &[u8], offered: &[u8]) -> Option<Precision> {
    if range == b"*/*" {
        return Some(Precision::Any);
    }
    let (range_type, range_subtype) = halves(range)?;
    let (offered_type, offered_subtype) = halves(offered)?;
    if !range_type.eq_ignore_ascii_case(offered_type) {
        return None;
    }
    if range_subtype == b"*" {
        Some(Precision::Type)
    } else if range_subtype.eq_ignore_ascii_case(offered_subtype) {
        Some(Precision::Exact)
    } else if range_subtype.eq_ignore_ascii_case(b"json") && is_json(offered) {
        Some(Precision::Suffix)
    } else {
        None
    }
}

fn halves(media_type: &[u8]) -> Option<(&[u8], &[u8])> {
    let slash = media_type.iter().position(|byte| *byte == b'/')?;
    let (kind, subtype) = media_type.split_at_checked(slash)?;
    Some((kind, subtype.get(1..)?))
}
