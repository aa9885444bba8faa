use std::fmt;
use std::hash::Hasher;

use super::Key;
use super::key::Parts;
use super::key_part::{KeyPart, head};

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
    pub(super) fn new(keys: &[Key<'a>]) -> Self {
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

    pub(super) fn hash_into<H: Hasher>(&self, hasher: &mut H) {
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
