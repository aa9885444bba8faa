use std::fmt;
use std::hash::Hasher;
use std::net::IpAddr;

use super::url_encoded::decoded;

/// A key that is not joined.
#[derive(Clone, Copy)]
pub(super) enum KeyPart<'a> {
    Address(IpAddr),
    Text(&'a [u8]),
    UrlEncoded(&'a [u8]),
}

impl KeyPart<'_> {
    #[inline]
    pub(super) fn hash_into<H: Hasher>(&self, hasher: &mut H) {
        match self {
            Self::Address(IpAddr::V4(address)) => write(hasher, ADDRESS, &address.octets()),
            Self::Address(IpAddr::V6(address)) => write(hasher, ADDRESS, &address.octets()),
            Self::Text(text) => write(hasher, TEXT, text),
            Self::UrlEncoded(text) => write_decoded(hasher, text),
        }
    }
}

impl PartialEq for KeyPart<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Self::Address(this), Self::Address(that)) => this == that,
            (Self::Text(this), Self::Text(that)) => this == that,
            (Self::Text(text), Self::UrlEncoded(encoded))
            | (Self::UrlEncoded(encoded), Self::Text(text)) => {
                decoded(encoded).eq(text.iter().copied())
            }
            (Self::UrlEncoded(this), Self::UrlEncoded(that)) => decoded(this).eq(decoded(that)),
            _ => false,
        }
    }
}

impl Eq for KeyPart<'_> {}

impl fmt::Debug for KeyPart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(IpAddr::V4(_)) => f.write_str("Address(4 bytes)"),
            Self::Address(IpAddr::V6(_)) => f.write_str("Address(16 bytes)"),
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::UrlEncoded(text) => write!(f, "UrlEncoded({} bytes)", text.len()),
        }
    }
}

/// The sort and the length of what follows, as eight bytes in the same order everywhere. No machine
/// has 2^56 bytes, so nothing of the length is lost.
pub(super) const fn head(sort: u8, length: usize) -> [u8; HEAD] {
    ((length as u64) << 8 | sort as u64).to_le_bytes()
}

/// All at once, as most keys are short and each call costs.
#[inline]
fn write<H: Hasher>(hasher: &mut H, sort: u8, text: &[u8]) {
    let mut written = [0; HEAD + SHORT];
    let (start, rest) = written.split_at_mut(HEAD);
    start.copy_from_slice(&head(sort, text.len()));
    match rest.get_mut(..text.len()) {
        Some(rest) => {
            rest.copy_from_slice(text);
            hasher.write(&written[..HEAD + text.len()]);
        }
        None => write_long(hasher, sort, text),
    }
}

/// In pieces, as text is that is decoded on the way: a hasher promises the same hash for the same
/// calls only.
#[cold]
fn write_long<H: Hasher>(hasher: &mut H, sort: u8, text: &[u8]) {
    hasher.write(&head(sort, text.len()));
    for piece in text.chunks(PIECE) {
        hasher.write(piece);
    }
}

#[cold]
fn write_decoded<H: Hasher>(hasher: &mut H, text: &[u8]) {
    let total = decoded(text).count();
    if total > SHORT {
        hasher.write(&head(TEXT, total));
    }
    let mut piece = [0; PIECE];
    let mut length = 0;
    for byte in decoded(text) {
        piece[length] = byte;
        length += 1;
        if length == PIECE {
            hasher.write(&piece);
            length = 0;
        }
    }
    if total <= SHORT {
        write(hasher, TEXT, &piece[..length]);
    } else if length > 0 {
        hasher.write(&piece[..length]);
    }
}

const HEAD: usize = 8;
const ADDRESS: u8 = 1;
const TEXT: u8 = 2;
/// How many bytes of a longer text are written at a time.
const PIECE: usize = 256;
/// How long a text is that is written at once.
const SHORT: usize = 56;
