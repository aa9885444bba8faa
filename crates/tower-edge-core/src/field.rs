use http::{HeaderMap, HeaderName, HeaderValue};

/// How often a header field occurs that may occur once at most.
///
/// Which of two values counts is anybody's guess, and proxies guess differently; so a field that is
/// [repeated](Field::Repeated) is not valid, whatever it says.
///
/// ```
/// use http::{HeaderMap, HeaderName, HeaderValue};
/// use tower_edge_core::Field;
///
/// let name = HeaderName::from_static("x-request-id");
/// let mut headers = HeaderMap::new();
/// assert_eq!(Field::of(&headers, &name), Field::Absent);
///
/// headers.append(&name, HeaderValue::from_static("a"));
/// assert_eq!(Field::of(&headers, &name), Field::Once(&HeaderValue::from_static("a")));
///
/// headers.append(&name, HeaderValue::from_static("b"));
/// assert_eq!(Field::of(&headers, &name), Field::Repeated);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field<'a> {
    /// Not at all.
    Absent,
    /// Once, with this value.
    Once(&'a HeaderValue),
    /// More than once.
    Repeated,
}

impl<'a> Field<'a> {
    /// The field of this name.
    #[must_use]
    pub fn of(headers: &'a HeaderMap, name: &HeaderName) -> Self {
        if headers.len() <= FEW {
            return Self::among(headers, name);
        }
        // As many values as names: nothing is repeated, which is cheaper to see than to walk.
        if headers.len() == headers.keys_len() {
            return headers.get(name).map_or(Self::Absent, Self::Once);
        }
        let mut values = headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Self::Absent,
            (Some(value), None) => Self::Once(value),
            (Some(_), Some(_)) => Self::Repeated,
        }
    }

    /// To walk past a few names is cheaper than to hash one.
    fn among(headers: &'a HeaderMap, name: &HeaderName) -> Self {
        let mut field = Self::Absent;
        for (known, value) in headers {
            if known == name {
                match field {
                    Self::Absent => field = Self::Once(value),
                    _ => return Self::Repeated,
                }
            }
        }
        field
    }

    /// The value of a field that occurs once.
    #[must_use]
    pub const fn once(self) -> Option<&'a HeaderValue> {
        match self {
            Self::Once(value) => Some(value),
            Self::Absent | Self::Repeated => None,
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

            assert_eq!(Field::of(&headers, &name), Field::Absent, "{others}");
            headers.append(&name, value.clone());
            assert_eq!(Field::of(&headers, &name), Field::Once(&value), "{others}");
            headers.append(&name, value.clone());
            assert_eq!(Field::of(&headers, &name), Field::Repeated, "{others}");
        }
    }
}
