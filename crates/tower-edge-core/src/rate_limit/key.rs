use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;

use super::joined_key::JoinedKey;
use super::key_part::KeyPart;

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

    pub(super) const fn parts(self) -> Parts<'a> {
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
pub(super) enum Parts<'a> {
    One(KeyPart<'a>),
    Joined(JoinedKey<'a>),
}

#[cfg(test)]
mod tests;
