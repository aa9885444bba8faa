//! Reads messages of protobuf, as far as the standard details need.

use std::iter;
use std::time::Duration;

use crate::Problem;
use crate::problem::truncate;

/// A field of a message in [protobuf](https://protobuf.dev/programming-guides/encoding/#structure).
pub(super) struct Field<'a> {
    number: u64,
    value: Value<'a>,
}

enum Value<'a> {
    Bytes(&'a [u8]),
    Varint(u64),
    /// A number of fixed length, which no standard detail has.
    Fixed,
}

impl<'a> Field<'a> {
    pub(super) fn bytes(&self, number: u64) -> Option<&'a [u8]> {
        match self.value {
            Value::Bytes(bytes) if self.number == number => Some(bytes),
            _ => None,
        }
    }

    pub(super) fn message(&self, number: u64) -> Option<Vec<Field<'a>>> {
        self.bytes(number).and_then(fields)
    }
}

/// All fields of a message, at most one for every two bytes. `None` if it is malformed.
pub(super) fn fields(message: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut rest = message;
    iter::from_fn(|| (!rest.is_empty()).then(|| field(&mut rest))).collect()
}

fn field<'a>(rest: &mut &'a [u8]) -> Option<Field<'a>> {
    let tag = varint(rest)?;
    let value = match tag & 7 {
        0 => Value::Varint(varint(rest)?),
        1 => split(rest, 8).map(|_| Value::Fixed)?,
        2 => {
            let length = usize::try_from(varint(rest)?).ok()?;
            Value::Bytes(split(rest, length)?)
        }
        5 => split(rest, 4).map(|_| Value::Fixed)?,
        // Groups are deprecated, and in no message of google.rpc.
        _ => return None,
    };
    let number = tag >> 3;
    (number != 0).then_some(Field { number, value })
}

fn split<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (bytes, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(bytes)
}

/// At most ten bytes, each with seven bits of the number, the lowest first.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let &[byte] = split(rest, 1)? else {
            return None;
        };
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// The text of a field. If there are several, the last one counts.
pub(super) fn last(fields: &[Field<'_>], number: u64) -> String {
    let bytes = fields.iter().rev().find_map(|field| field.bytes(number));
    text(bytes.unwrap_or_default())
}

pub(super) fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    truncate(&text, Problem::MAX_MESSAGE).to_owned()
}

/// A [`Duration`](https://protobuf.dev/reference/protobuf/google.protobuf/#duration). `None` if it is negative.
pub(super) fn duration(fields: &[Field<'_>]) -> Option<Duration> {
    let number = |number| {
        let mut found = fields.iter().rev().filter(|field| field.number == number);
        found.find_map(|field| match field.value {
            Value::Varint(number) => Some(number),
            _ => None,
        })
    };
    // A negative number has its highest bit set.
    let seconds = number(1).unwrap_or_default();
    let nanos = u32::try_from(number(2).unwrap_or_default()).ok()?;
    let is_valid = i64::try_from(seconds).is_ok() && nanos < 1_000_000_000;
    let duration = is_valid.then(|| Duration::new(seconds, nanos))?;
    Some(duration.min(Problem::MAX_RETRY_AFTER))
}
