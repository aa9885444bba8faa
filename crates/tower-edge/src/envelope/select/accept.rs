//! What a client's `Accept` fields say of a media type
//! ([RFC 9110, section 12.5.1](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1)).

use http::{HeaderMap, header};
use tower_edge_core::http_ext::{essence, is_json};

/// How much a type is liked: by weight, then by how closely it was named. What is not accepted is
/// liked least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Preference {
    thousandths: u16,
    precision: Option<Precision>,
}

/// How closely a range names a type; the most precise one decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Precision {
    /// `application/json` for `application/problem+json`: no range of the standard includes it.
    Suffix,
    Any,
    Type,
    Exact,
}

/// What the fields say of this type. Parameters other than the weight are passed over, since formats
/// have none that a client could mean; so is a range that cannot be read.
pub(super) fn preference(headers: &HeaderMap, content_type: &[u8]) -> Preference {
    let offered = essence(content_type);
    let mut said = Preference::default();
    for value in headers.get_all(header::ACCEPT) {
        for range in split(value.as_bytes(), b',') {
            let precision = precision(essence(range), offered);
            if precision > said.precision
                && let Some(thousandths) = weight(range)
            {
                said = Preference {
                    thousandths,
                    precision,
                };
            }
        }
    }
    if said.thousandths == 0 {
        return Preference::default();
    }
    said
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

/// The weight in thousandths; 1 unless it is said, `None` where it cannot be read
/// ([RFC 9110, section 12.4.2](https://www.rfc-editor.org/rfc/rfc9110#section-12.4.2)).
fn weight(range: &[u8]) -> Option<u16> {
    let said = split(range, b';').skip(1).find_map(|parameter| {
        let parameter = parameter.trim_ascii();
        parameter
            .strip_prefix(b"q=")
            .or_else(|| parameter.strip_prefix(b"Q="))
    });
    let Some(said) = said else { return Some(1000) };
    let (whole, fraction) = match said {
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

/// Splits outside of [quoted text](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.4).
fn split(list: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
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
