use http::{HeaderMap, HeaderName, HeaderValue};

/// The value of a header field that may occur at most once
/// ([RFC 9110, section 5.3](https://www.rfc-editor.org/rfc/rfc9110#section-5.3)).
///
/// ```
/// use http::{HeaderMap, HeaderName, HeaderValue};
/// use tower_edge_core::http_ext::SingleHeader;
///
/// let name = HeaderName::from_static("x-request-id");
/// let mut headers = HeaderMap::new();
/// assert_eq!(SingleHeader::from_headers(&headers, &name), SingleHeader::Missing);
///
/// headers.append(&name, HeaderValue::from_static("a"));
/// assert_eq!(SingleHeader::from_headers(&headers, &name), SingleHeader::One(&HeaderValue::from_static("a")));
///
/// headers.append(&name, HeaderValue::from_static("b"));
/// assert_eq!(SingleHeader::from_headers(&headers, &name), SingleHeader::Many);
/// ```
///
/// Proxies disagree on which of two values counts. A field that occurs [more than once](SingleHeader::Many) is
/// therefore not valid, whatever its values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SingleHeader<'a> {
    /// The field is missing.
    Missing,
    /// The field occurs once, with this value.
    One(&'a HeaderValue),
    /// The field occurs more than once.
    Many,
}

impl<'a> SingleHeader<'a> {
    /// Reads the field of this name.
    #[must_use]
    pub fn from_headers(headers: &'a HeaderMap, name: &HeaderName) -> Self {
        if headers.len() <= FEW {
            return Self::among(headers, name);
        }
        // With as many values as names, nothing is repeated. The counts are cheaper than a walk.
        if headers.len() == headers.keys_len() {
            return headers.get(name).map_or(Self::Missing, Self::One);
        }
        let mut values = headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Self::Missing,
            (Some(value), None) => Self::One(value),
            (Some(_), Some(_)) => Self::Many,
        }
    }

    /// A walk past a few names is cheaper than a hash.
    fn among(headers: &'a HeaderMap, name: &HeaderName) -> Self {
        let mut field = Self::Missing;
        for (known, value) in headers {
            if known == name {
                match field {
                    Self::Missing => field = Self::One(value),
                    _ => return Self::Many,
                }
            }
        }
        field
    }

    /// The value, if the field occurs once.
    #[must_use]
    pub const fn one(self) -> Option<&'a HeaderValue> {
        match self {
            Self::One(value) => Some(value),
            Self::Missing | Self::Many => None,
        }
    }
}

const FEW: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    // Few fields are walked, many are looked up.
    #[test]
    fn counts_a_field_among_few_and_among_many() {
        let name = HeaderName::from_static("x-client-version");
        let value = HeaderValue::from_static("1");
        for others in [0, 1, FEW - 2, FEW - 1, FEW, 30] {
            let mut headers = HeaderMap::new();
            for number in 0..others {
                let other = HeaderName::try_from(format!("x-other-{number}")).unwrap();
                headers.append(other, value.clone());
            }

            assert_eq!(
                SingleHeader::from_headers(&headers, &name),
                SingleHeader::Missing,
                "{others}"
            );
            headers.append(&name, value.clone());
            assert_eq!(
                SingleHeader::from_headers(&headers, &name),
                SingleHeader::One(&value),
                "{others}"
            );
            headers.append(&name, value.clone());
            assert_eq!(
                SingleHeader::from_headers(&headers, &name),
                SingleHeader::Many,
                "{others}"
            );
        }
    }
}
