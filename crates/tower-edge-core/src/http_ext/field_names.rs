use http::{HeaderMap, HeaderName, HeaderValue};

use super::SingleHeader;

/// The names of the header fields that several layers read, so that one walk over a request finds all of them.
///
/// ```
/// use http::{HeaderName, Request};
/// use tower_edge_core::Head;
/// use tower_edge_core::http_ext::FieldNames;
///
/// let [id, version] = ["x-request-id", "x-client-version"].map(HeaderName::from_static);
/// let mut names = FieldNames::default();
/// names.add(&id);
/// names.add(&version);
///
/// let request = Request::get("/").header(&id, "a").body(())?;
/// let found = names.find(request.headers());
/// let head = Head::from(&request).with_fields(found.as_ref());
/// assert!(head.field(&id).one().is_some());
/// assert!(head.field(&version).one().is_none());
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct FieldNames {
    /// The address and the length of each name's text: most names that callers look for are clones of one constant.
    addresses: [(usize, usize); Self::MAX],
    /// The index of the first name of each length.
    first: [u8; LENGTHS],
    /// Sorted by length.
    names: Vec<HeaderName>,
}

impl FieldNames {
    /// The maximum number of names. Further ones are looked up one by one.
    pub const MAX: usize = 16;

    /// Adds a name, unless it was added before, has more than 63 bytes, or there are [`MAX`](Self::MAX) already.
    pub fn add(&mut self, name: &HeaderName) {
        let is_long = name.as_str().len() >= LENGTHS;
        if is_long || self.names.len() == Self::MAX || self.names.contains(name) {
            return;
        }
        self.names.push(name.clone());
        self.names.sort_by_key(|name| name.as_str().len());
        self.first = [NONE; LENGTHS];
        for (address, name) in self.addresses.iter_mut().zip(&self.names) {
            *address = address_of(name);
        }
        for (index, name) in (0..).zip(&self.names) {
            let first = self.first.get_mut(name.as_str().len());
            if let Some(first) = first.filter(|first| **first == NONE) {
                *first = index;
            }
        }
    }

    /// Finds the fields in one walk. `None` if looking them up one by one is cheaper.
    #[inline]
    #[must_use]
    pub fn find<'a>(&'a self, headers: &'a HeaderMap) -> Option<FoundFields<'a>> {
        if self.names.len() < 2 || headers.len() > self.names.len() * FIELDS_PER_NAME {
            None
        } else {
            Some(self.walk(headers))
        }
    }

    fn walk<'a>(&'a self, headers: &'a HeaderMap) -> FoundFields<'a> {
        let mut found = FoundFields {
            names: self,
            repeated: 0,
            values: [None; Self::MAX],
        };
        for (name, value) in headers {
            if let Some(index) = self.index(name)
                && let Some(slot) = found.values.get_mut(index)
                && slot.replace(value).is_some()
            {
                found.repeated |= 1 << index;
            }
        }
        found
    }

    fn index(&self, name: &HeaderName) -> Option<usize> {
        let name = name.as_str();
        let mut index = usize::from(*self.first.get(name.len())?);
        while let Some(known) = self.names.get(index) {
            let known = known.as_str();
            if known.len() != name.len() {
                return None;
            }
            if known == name {
                return Some(index);
            }
            index += 1;
        }
        None
    }
}

impl Default for FieldNames {
    fn default() -> Self {
        Self {
            addresses: [(0, 0); Self::MAX],
            first: [NONE; LENGTHS],
            names: Vec::new(),
        }
    }
}

/// The fields that [`FieldNames::find`] has found in a request.
#[derive(Clone, Debug)]
pub struct FoundFields<'a> {
    names: &'a FieldNames,
    /// A bit for each name whose field occurs more than once.
    repeated: u16,
    values: [Option<&'a HeaderValue>; FieldNames::MAX],
}

impl<'a> FoundFields<'a> {
    /// The field of this name; `None` if it was not looked for.
    #[inline]
    #[must_use]
    pub fn get(&self, name: &HeaderName) -> Option<SingleHeader<'a>> {
        let address = address_of(name);
        let is_known = |known: &(usize, usize)| *known == address;
        let index = self.names.addresses.iter().position(is_known);
        let index = index.or_else(|| self.names.index(name))?;
        Some(match self.values.get(index)? {
            None => SingleHeader::Missing,
            Some(_) if self.repeated & (1 << index) != 0 => SingleHeader::Many,
            Some(value) => SingleHeader::One(value),
        })
    }
}

#[inline]
fn address_of(name: &HeaderName) -> (usize, usize) {
    let text = name.as_str();
    (text.as_ptr().addr(), text.len())
}

/// A lookup in a large map costs about as much as a walk past this many fields.
const FIELDS_PER_NAME: usize = 8;
const LENGTHS: usize = 64;
const NONE: u8 = u8::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> HeaderName {
        HeaderName::try_from(name).unwrap()
    }

    #[test]
    fn one_walk_finds_what_single_lookups_find() {
        let long = "x-".repeat(31);
        let names = ["x-a", "x-b", "accept", "x-request-id", &*long, "a"];
        let mut fields = FieldNames::default();
        for name in names {
            fields.add(&named(name));
        }
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-a", "1"),
            ("x-c", "2"),
            ("accept", "3"),
            ("accept", "4"),
            (&*long, "5"),
            ("b", "6"),
        ] {
            headers.append(named(name), HeaderValue::from_static(value));
        }

        let found = fields.find(&headers).unwrap();

        for name in names {
            let name = named(name);
            let field = SingleHeader::from_headers(&headers, &name);
            assert_eq!(found.get(&name), Some(field), "{name}");
        }
        assert_eq!(found.get(&named("x-c")), None);
    }

    #[test]
    fn many_fields_are_not_walked() {
        let mut fields = FieldNames::default();
        fields.add(&named("x-a"));
        fields.add(&named("x-b"));
        let mut headers = HeaderMap::new();
        for number in 0..=2 * FIELDS_PER_NAME {
            headers.append(named(&format!("x-{number}")), HeaderValue::from_static(""));
        }

        assert!(fields.find(&headers).is_none());
    }

    #[test]
    fn long_names_and_those_above_the_maximum_are_left_to_single_lookups() {
        let mut fields = FieldNames::default();
        let long = named(&"a".repeat(LENGTHS));
        fields.add(&long);
        for number in 0..=FieldNames::MAX {
            fields.add(&named(&format!("x-{number}")));
        }
        let headers = HeaderMap::new();

        let found = fields.find(&headers).unwrap();

        assert_eq!(found.get(&named("x-0")), Some(SingleHeader::Missing));
        assert_eq!(found.get(&named("x-16")), None);
        assert_eq!(found.get(&long), None);
    }

    #[test]
    fn a_long_name_or_one_that_is_added_twice_is_never_taken_for_missing() {
        let mut fields = FieldNames::default();
        let (once, twice) = (named("x-a"), named("x-a"));
        let long = named(&"a".repeat(LENGTHS));
        for name in [&once, &twice, &long, &named("x-b")] {
            fields.add(name);
        }
        let value = HeaderValue::from_static("1");
        let headers = HeaderMap::from_iter([(once, value.clone()), (long.clone(), value.clone())]);

        let found = fields.find(&headers).unwrap();

        assert_eq!(found.get(&twice), Some(SingleHeader::One(&value)));
        assert_eq!(found.get(&long), None);
    }
}
