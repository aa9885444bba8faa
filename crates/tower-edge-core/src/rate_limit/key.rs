use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use http::HeaderValue;
use smallvec::SmallVec;

use crate::http_ext::hex;

/// Whose quota a request is charged to: an address, text or bytes, a number, or several of these together.
///
/// The store hashes the key at once, with a secret of its own. A key may itself be somebody's secret, so `Debug` prints
/// its sort and length, and never its content.
///
/// ```
/// use tower_edge_core::rate_limit::Key;
///
/// let user = Key::from(4711_u64);
/// let key = Key::from([Key::from("pk_test_ok"), Key::from("/media/{id}"), user]);
///
/// assert_eq!(format!("{key:?}"), "Key([Bytes(10), Bytes(11), Number])");
/// // Where one part ends and the next begins is a part of the key.
/// assert_ne!(Key::from([Key::from("ab"), Key::from("c")]), Key::from([Key::from("a"), Key::from("bc")]));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Key<'a>(Parts<'a>);

#[derive(Clone, PartialEq, Eq)]
enum Parts<'a> {
    One(Part<'a>),
    /// Each part with its place, so that `((a, b), c)` is neither `(a, (b, c))` nor `(a, b, c)`.
    Many(SmallVec<[(u32, Part<'a>); 4]>),
}

#[derive(Clone, PartialEq, Eq)]
enum Part<'a> {
    Address(IpAddr),
    Bytes(Cow<'a, [u8]>),
    Number([u8; 16]),
}

impl Key<'_> {
    /// Writes the key as bytes. Keys that differ never write the same bytes. Keys that are equal
    /// always do, by the same calls, and on every machine.
    #[inline]
    pub fn hash_into<H: Hasher>(&self, hasher: &mut H) {
        match &self.0 {
            Parts::One(part) => part.hash_into(0, hasher),
            Parts::Many(parts) => {
                hasher.write(&head(COMPOSITE, 0, parts.len()));
                for (place, part) in parts {
                    part.hash_into(*place, hasher);
                }
            }
        }
    }
}

impl Part<'_> {
    #[inline]
    fn hash_into<H: Hasher>(&self, place: u32, hasher: &mut H) {
        match self {
            Self::Address(IpAddr::V4(address)) => write(hasher, ADDRESS, place, &address.octets()),
            Self::Address(IpAddr::V6(address)) => write(hasher, ADDRESS, place, &address.octets()),
            Self::Bytes(bytes) => write(hasher, BYTES, place, bytes),
            Self::Number(bytes) => write(hasher, NUMBER, place, bytes),
        }
    }
}

/// The sort, place and length of what follows, in the same order of bytes on every machine.
const fn head(sort: u8, place: u32, length: usize) -> [u8; HEAD] {
    let [a, b, c, d, e, f, g, _] = (length as u64).to_le_bytes();
    let [p, q, r, s] = place.to_le_bytes();
    [sort, p, q, r, s, a, b, c, d, e, f, g]
}

/// In one call for a short key, as most are, since each call costs.
#[inline]
fn write<H: Hasher>(hasher: &mut H, sort: u8, place: u32, bytes: &[u8]) {
    let mut written = [0; HEAD + SHORT];
    let (start, rest) = written.split_at_mut(HEAD);
    start.copy_from_slice(&head(sort, place, bytes.len()));
    if let Some(rest) = rest.get_mut(..bytes.len()) {
        rest.copy_from_slice(bytes);
        hasher.write(&written[..HEAD + bytes.len()]);
    } else {
        hasher.write(start);
        hasher.write(bytes);
    }
}

const HEAD: usize = 12;
const SHORT: usize = 52;
const ADDRESS: u8 = 1;
const BYTES: u8 = 2;
const COMPOSITE: u8 = 3;
const NUMBER: u8 = 4;

impl Hash for Key<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash_into(state);
    }
}

/// Several keys as one, which no other keys compose.
impl<'a, const N: usize> From<[Self; N]> for Key<'a> {
    fn from(keys: [Self; N]) -> Self {
        let mut parts = SmallVec::new();
        for (key, place) in keys.into_iter().zip(1..) {
            match key.0 {
                Parts::One(part) => parts.push((place, part)),
                Parts::Many(inner) => {
                    let inner = inner.into_iter();
                    parts.extend(
                        inner.map(|(at, part)| (at.wrapping_mul(PLACES).wrapping_add(place), part)),
                    );
                }
            }
        }
        Self(Parts::Many(parts))
    }
}

/// More than an array of keys has.
const PLACES: u32 = 256;

macro_rules! from {
    ($($($from:ty)|+ => |$value:ident| $key:expr;)*) => {$($(
        impl<'a> From<$from> for Key<'a> {
            fn from($value: $from) -> Self {
                $key
            }
        }
    )+)*};
}

// One address, one text and one number is one key, whatever its type is.
from! {
    IpAddr => |address| Self(Parts::One(Part::Address(address)));
    Ipv4Addr | Ipv6Addr => |address| Self::from(IpAddr::from(address));
    &'a [u8] => |bytes| Self(Parts::One(Part::Bytes(Cow::Borrowed(bytes))));
    &'a Arc<str> | &'a HeaderValue | &'a String | &'a str => |text| Self::from(text.as_bytes());
    Vec<u8> => |bytes| Self(Parts::One(Part::Bytes(Cow::Owned(bytes))));
    String => |text| Self::from(text.into_bytes());
    u128 => |number| Self(Parts::One(Part::Number(number.to_le_bytes())));
    i8 | i16 | i32 | i64 | u8 | u16 | u32 | u64 => |number| {
        Self(Parts::One(Part::Number(i128::from(number).to_le_bytes())))
    };
    usize => |number| Self::from(number as u128);
}

impl<'a, const N: usize> From<&'a [u8; N]> for Key<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::from(bytes.as_slice())
    }
}

impl<'a> From<Cow<'a, str>> for Key<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        match text {
            Cow::Borrowed(text) => Self::from(text),
            Cow::Owned(text) => Self::from(text),
        }
    }
}

impl fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Parts::One(part) => f.debug_tuple("Key").field(part).finish(),
            Parts::Many(parts) => {
                let parts: Vec<_> = parts.iter().map(|(_, part)| part).collect();
                f.debug_tuple("Key").field(&parts).finish()
            }
        }
    }
}

impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(_) => f.write_str("Address"),
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Number(_) => f.write_str("Number"),
        }
    }
}

/// The hash of a [`Key`], with a secret of the [`Store`](super::Store). Without the secret nobody can find the key, or
/// another key with this hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash {
    // Not one number, which would be aligned to 16 bytes.
    high: u64,
    low: u64,
}

impl KeyHash {
    /// The hash with these bits.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the two halves are taken apart"
    )]
    pub const fn from_bits(bits: u128) -> Self {
        Self {
            high: (bits >> u64::BITS) as u64,
            low: bits as u64,
        }
    }

    /// The bits.
    #[must_use]
    pub const fn to_bits(self) -> u128 {
        (self.high as u128) << u64::BITS | self.low as u128
    }

    /// The lower half of the bits.
    #[must_use]
    pub const fn low(self) -> u64 {
        self.low
    }
}

/// 32 hexadecimal digits, or 16 if the store's hashes have 64 bits.
impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = hex(self.to_bits());
        let (_, low) = digits.split_at(digits.len() / 2);
        let digits = if self.high == 0 { low } else { &digits };
        f.write_str(str::from_utf8(digits).unwrap_or_default())
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
