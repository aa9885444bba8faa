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
pub(super) fn write_head<H: Hasher>(hasher: &mut H, sort: u8, length: usize) {
    hasher.write_u64(((length as u64) << 8 | u64::from(sort)).to_le());
}

fn write<H: Hasher>(hasher: &mut H, sort: u8, text: &[u8]) {
    write_head(hasher, sort, text.len());
    // In pieces, as text is that is decoded on the way: a hasher promises the same hash for the same
    // calls only.
    for piece in text.chunks(PIECE) {
        hasher.write(piece);
    }
}

fn write_decoded<H: Hasher>(hasher: &mut H, text: &[u8]) {
    write_head(hasher, TEXT, decoded(text).count());
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
    if length > 0 {
        hasher.write(&piece[..length]);
    }
}

const ADDRESS: u8 = 1;
const TEXT: u8 = 2;
/// How many bytes of a text are written at a time.
const PIECE: usize = 256;
