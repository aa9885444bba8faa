//! Writes [JSON](https://www.rfc-editor.org/rfc/rfc8259) into a buffer, member by member, for formats.
//!
//! ```
//! use tower_edge_core::json::Object;
//!
//! let mut out = Vec::new();
//! Object::open(&mut out)
//!     .text("code", "not_found")
//!     .object("error")
//!     .integer("status", 404)
//!     .serialize("retry", &false);
//!
//! assert_eq!(out, br#"{"code":"not_found","error":{"status":404,"retry":false}}"#);
//! ```

use std::{fmt, mem};

use serde::{Serialize, Serializer};

/// An object that is being written. Dropping it closes it.
///
/// Names that are `&'static str` are written without escapes, so they must need none. Other names go through
/// [`entry`](Self::entry) and [`value`](Self::value), which escape them.
#[derive(Debug)]
pub struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
}

impl<'a> Object<'a> {
    /// Begins an object at the end of the buffer.
    pub fn open(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self {
            out,
            is_empty: true,
        }
    }

    /// Begins an object with the members of the head. A `text` replaces the text of the head.
    pub fn from_head(head: &Head, text: Option<&str>, out: &'a mut Vec<u8>) -> Self {
        let end = text.map_or(head.end, |_| head.text);
        out.extend_from_slice(head.bytes.get(..end).unwrap_or_default());
        if let Some(text) = text {
            write_text(text, out);
        }
        Self {
            out,
            is_empty: false,
        }
    }

    /// Adds a member that is text.
    #[inline]
    pub fn text(&mut self, name: &'static str, value: &str) -> &mut Self {
        write_text(value, self.member(name));
        self
    }

    /// Adds a member that is text, made of a number and its unit: `"15 minutes"`.
    #[inline]
    pub fn quantity(
        &mut self,
        name: &'static str,
        (count, unit): (u64, &'static str),
    ) -> &mut Self {
        let out = self.member(name);
        out.push(b'"');
        write_integer(count, out);
        out.push(b' ');
        out.extend_from_slice(unit.as_bytes());
        out.push(b'"');
        self
    }

    /// Adds a member that is text, and escapes its name.
    pub fn entry(&mut self, name: &str, value: &str) -> &mut Self {
        write_text(value, self.foreign_member(name));
        self
    }

    /// Adds a member that is text, as the value is displayed.
    pub fn display(&mut self, name: &'static str, value: impl fmt::Display) -> &mut Self {
        let mut json = serde_json::Serializer::new(self.member(name));
        // Writing to a `Vec` does not fail.
        let _ = json.collect_str(&value);
        self
    }

    /// Adds a member that is a whole number.
    #[inline]
    pub fn integer(&mut self, name: &'static str, value: u64) -> &mut Self {
        write_integer(value, self.member(name));
        self
    }

    /// Adds a member with any value that serde serializes. A value that fails to serialize becomes `null`.
    pub fn serialize(&mut self, name: &'static str, value: &impl Serialize) -> &mut Self {
        let out = self.member(name);
        let start = out.len();
        if serde_json::to_writer(&mut *out, value).is_err() {
            out.truncate(start);
            out.extend_from_slice(b"null");
        }
        self
    }

    /// Adds a member whose value is already JSON, such as that of a detail, and escapes its name.
    pub fn value(&mut self, name: &str, json: &str) -> &mut Self {
        self.foreign_member(name).extend_from_slice(json.as_bytes());
        self
    }

    /// Adds a member whose value is already JSON.
    #[inline]
    pub fn raw(&mut self, name: &'static str, json: &str) -> &mut Self {
        self.member(name).extend_from_slice(json.as_bytes());
        self
    }

    /// Adds a member that is an object. Dropping the object closes it.
    #[inline]
    pub fn object(&mut self, name: &'static str) -> Object<'_> {
        Object::open(self.member(name))
    }

    /// Adds a member that is an object, unless `write` adds nothing to it.
    #[inline]
    pub fn object_unless_empty(
        &mut self,
        name: &'static str,
        write: impl FnOnce(&mut Object<'_>),
    ) -> &mut Self {
        let (end, was_empty) = (self.out.len(), self.is_empty);
        let mut object = self.object(name);
        write(&mut object);
        let is_empty = object.is_empty;
        drop(object);
        if is_empty {
            self.out.truncate(end);
            self.is_empty = was_empty;
        }
        self
    }

    /// Adds [details](crate::messages::details).
    pub fn details<'d>(&mut self, details: impl Iterator<Item = (&'d str, &'d str)>) -> &mut Self {
        for (name, json) in details {
            self.value(name, json);
        }
        self
    }

    /// Adds a member that is an array of strings.
    pub fn texts<'t>(
        &mut self,
        name: &'static str,
        texts: impl IntoIterator<Item = &'t str>,
    ) -> &mut Self {
        array(self.member(name), texts, write_text);
        self
    }

    /// Adds a member that is an array of objects.
    pub fn objects<T>(
        &mut self,
        name: &'static str,
        items: impl IntoIterator<Item = T>,
        write: impl Fn(T, &mut Object<'_>),
    ) -> &mut Self {
        array(self.member(name), items, |item, out| {
            write(item, &mut Object::open(out));
        });
        self
    }

    /// Begins a member whose name needs no escape. Once inlined, the name and its length are constants.
    #[inline]
    fn member(&mut self, name: &'static str) -> &mut Vec<u8> {
        if mem::take(&mut self.is_empty) {
            self.out.push(b'"');
        } else {
            self.out.extend_from_slice(b",\"");
        }
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    /// Begins a member, and escapes its name.
    fn foreign_member(&mut self, name: &str) -> &mut Vec<u8> {
        if !mem::take(&mut self.is_empty) {
            self.out.push(b',');
        }
        write_text(name, self.out);
        self.out.push(b':');
        self.out
    }
}

impl Drop for Object<'_> {
    fn drop(&mut self) {
        self.out.push(b'}');
    }
}

/// The first members of an object, the last of which is text. They are computed at compile time, for bodies that begin
/// alike.
///
/// ```
/// use tower_edge_core::json::{Head, Object};
///
/// static HEAD: Head = Head::new(&[r#"{"status":"#, "404", r#","message":"#], "not found");
///
/// let mut out = Vec::new();
/// Object::from_head(&HEAD, None, &mut out).serialize("retry", &false);
///
/// assert_eq!(out, br#"{"status":404,"message":"not found","retry":false}"#);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Head {
    bytes: [u8; Self::MAX],
    /// Where the text begins.
    text: usize,
    end: usize,
}

impl Head {
    /// The maximum number of bytes.
    pub const MAX: usize = 192;

    /// A head of these parts, which are JSON, and of the text, which must need no escape.
    ///
    /// # Panics
    ///
    /// If they are longer than [`MAX`](Self::MAX).
    #[must_use]
    pub const fn new(parts: &[&str], text: &str) -> Self {
        let mut head = Self {
            bytes: [0; Self::MAX],
            text: 0,
            end: 0,
        };
        let mut at = 0;
        while at < parts.len() {
            head = head.with(parts[at]);
            at += 1;
        }
        head.text = head.end;
        head.with("\"").with(text).with("\"")
    }

    pub(crate) const fn as_str(&self) -> &str {
        match str::from_utf8(self.bytes.split_at(self.end).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }

    const fn with(mut self, part: &str) -> Self {
        let mut at = 0;
        while at < part.len() {
            self.bytes[self.end] = part.as_bytes()[at];
            self.end += 1;
            at += 1;
        }
        self
    }
}

/// Writes an array. `write` writes each item.
pub fn array<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    write: impl Fn(T, &mut Vec<u8>),
) {
    out.push(b'[');
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(b']');
}

/// Most text needs no escape and is copied. A scan of the whole text first, without a branch, takes one instruction
/// for several bytes. A search for the next escape takes several instructions for each byte.
fn write_text(text: &str, out: &mut Vec<u8>) {
    if has_escape(text.as_bytes()) {
        // Neither text nor writing to a `Vec` fails.
        let _ = serde_json::to_writer(out, text);
    } else {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    }
}

/// Compares the bytes in pieces of one length, each at once. The last piece overlaps the one before it.
fn has_escape(text: &[u8]) -> bool {
    match (text.as_chunks::<16>().0, text.last_chunk::<16>()) {
        (pieces, Some(last)) => pieces.iter().any(any_escape) | any_escape(last),
        _ => match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
            (Some(first), Some(last)) => any_escape(first) | any_escape(last),
            _ => text.iter().any(|byte| is_escaped(*byte)),
        },
    }
}

fn any_escape<const LENGTH: usize>(piece: &[u8; LENGTH]) -> bool {
    let found = |found, byte: &u8| found | is_escaped(*byte);
    piece.iter().fold(false, found)
}

/// Whether JSON requires an escape: for quotation marks, reverse solidi and control characters
/// ([RFC 8259, section 7](https://www.rfc-editor.org/rfc/rfc8259#section-7)).
const fn is_escaped(byte: u8) -> bool {
    (byte < b' ') | (byte == b'"') | (byte == b'\\')
}

/// Writes three digits at a time: a copy of a known length is cheap.
fn write_integer(number: u64, out: &mut Vec<u8>) {
    if number >= 1000 {
        write_integer(number / 1000, out);
    }
    let digit = |place: u64| {
        let [digit, ..] = (number / place % 10).to_le_bytes();
        b'0' + digit
    };
    match number {
        0..10 => out.push(digit(1)),
        10..100 => out.extend_from_slice(&[digit(10), digit(1)]),
        _ => out.extend_from_slice(&[digit(100), digit(10), digit(1)]),
    }
}

#[cfg(test)]
mod tests;
