use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;

use super::key_part::{KeyPart, head};

/// Whose allowance a request is charged to: borrowed from the request, and hashed by the store at
/// once with a secret of its own.
///
/// A key may be somebody's secret, so `Debug` prints its sort and length and never its text.
///
/// ```
/// use tower_edge_core::rate_limit::Key;
///
/// let key = Key::from([Key::Text(b"pk_test_ok"), Key::Text(b"/media/{id}")]);
///
/// assert_eq!(format!("{key:?}"), "Joined([Text(10 bytes), Text(11 bytes)])");
/// assert_ne!(key, Key::from([Key::Text(b"pk_test_o"), Key::Text(b"k/media/{id}")]));
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Key<'a> {
    /// An address, such as the client's.
    Address(IpAddr),
    /// Several keys as one, made by `Key::from([first, second])`.
    Joined(JoinedKey<'a>),
    /// Text, such as an API key.
    Text(&'a [u8]),
    /// Text as it stands in the query of a URL, where it can be written in many ways: the same key as
    /// the [`Text`](Self::Text) that it
    /// [stands for](https://url.spec.whatwg.org/#urlencoded-parsing).
    UrlEncoded(&'a [u8]),
}

impl<'a> Key<'a> {
    /// Writes what tells this key from every other: keys that differ never write the same bytes, and
    /// keys that are equal always do, by the same calls.
    ///
    /// Each part is written as its sort and its length, in eight bytes, and then its text. The order
    /// of these bytes does not depend on the machine, so that several machines can share counts.
    #[inline]
    pub fn hash_into<H: Hasher>(&self, hasher: &mut H) {
        match *self {
            Self::Address(address) => KeyPart::Address(address).hash_into(hasher),
            Self::Joined(ref joined) => joined.hash_into(hasher),
            Self::Text(text) => KeyPart::Text(text).hash_into(hasher),
            Self::UrlEncoded(text) => KeyPart::UrlEncoded(text).hash_into(hasher),
        }
    }

    const fn parts(self) -> Parts<'a> {
        Parts::One(match self {
            Self::Address(address) => KeyPart::Address(address),
            Self::Joined(joined) => return Parts::Joined(joined),
            Self::Text(text) => KeyPart::Text(text),
            Self::UrlEncoded(text) => KeyPart::UrlEncoded(text),
        })
    }
}

impl PartialEq for Key<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Key<'_> {}

impl Hash for Key<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash_into(state);
    }
}

impl fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts() {
            Parts::One(part) => part.fmt(f),
            Parts::Joined(joined) => joined.fmt(f),
        }
    }
}

/// Two keys as one, which no other keys join to.
impl<'a> From<[Key<'a>; 2]> for Key<'a> {
    fn from(keys: [Key<'a>; 2]) -> Self {
        Self::Joined(JoinedKey::new(&keys))
    }
}

/// Three keys as one, which no other keys join to.
impl<'a> From<[Key<'a>; 3]> for Key<'a> {
    fn from(keys: [Key<'a>; 3]) -> Self {
        Self::Joined(JoinedKey::new(&keys))
    }
}

/// Four keys as one, which no other keys join to.
impl<'a> From<[Key<'a>; 4]> for Key<'a> {
    fn from(keys: [Key<'a>; 4]) -> Self {
        Self::Joined(JoinedKey::new(&keys))
    }
}

/// What a key is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parts<'a> {
    One(KeyPart<'a>),
    Joined(JoinedKey<'a>),
}

/// Two to four keys as one, held without an allocation.
///
/// A key that is joined itself keeps its bounds: `((a, b), c)` is neither `(a, (b, c))` nor
/// `(a, b, c)`. There is room for four keys that are not joined. Of more, only the first four tell
/// callers apart, and those that differ in the others only share an allowance.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct JoinedKey<'a> {
    parts: [KeyPart<'a>; ROOM],
    length: u8,
    is_cut: bool,
    /// How many of the keys inside begin before each part.
    begin: [u8; ROOM],
    /// How many of the keys inside end after each part.
    end: [u8; ROOM],
}

impl<'a> JoinedKey<'a> {
    fn new(keys: &[Key<'a>]) -> Self {
        let mut joined = Self {
            parts: [KeyPart::Text(&[]); ROOM],
            length: 0,
            is_cut: false,
            begin: [0; ROOM],
            end: [0; ROOM],
        };
        for key in keys {
            match key.parts() {
                Parts::One(part) => joined.push(part, 0, 0),
                Parts::Joined(inner) => joined.extend(&inner),
            }
        }
        joined
    }

    fn hash_into<H: Hasher>(&self, hasher: &mut H) {
        let sort = if self.is_cut { JOINED_AND_CUT } else { JOINED };
        hasher.write(&head(sort, usize::from(self.length)));
        hasher.write(&self.begin);
        hasher.write(&self.end);
        for part in self.parts() {
            part.hash_into(hasher);
        }
    }

    fn parts(&self) -> impl Iterator<Item = &KeyPart<'a>> {
        self.parts.iter().take(usize::from(self.length))
    }

    fn push(&mut self, part: KeyPart<'a>, begin: u8, end: u8) {
        let at = usize::from(self.length);
        if at == ROOM {
            self.is_cut = true;
            return;
        }
        self.parts[at] = part;
        self.begin[at] = begin;
        self.end[at] = end;
        self.length += 1;
    }

    fn extend(&mut self, inner: &Self) {
        let last = inner.parts().count().saturating_sub(1);
        for (at, part) in inner.parts().enumerate() {
            let begins = u8::from(at == 0);
            let ends = u8::from(at == last);
            self.push(
                *part,
                inner.begin[at].saturating_add(begins),
                inner.end[at].saturating_add(ends),
            );
        }
        self.is_cut |= inner.is_cut;
    }
}

impl fmt::Debug for JoinedKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Joined(")?;
        f.debug_list().entries(self.parts()).finish()?;
        f.write_str(")")
    }
}

/// How many keys that are not joined a joined one holds.
const ROOM: usize = 4;
const JOINED: u8 = 3;
const JOINED_AND_CUT: u8 = 4;

#[cfg(test)]
mod tests;
