//! Writes JSON into a buffer, member by member.

use serde::Serialize;
use tower_edge_core::problem::Value;

/// An object that is being written; it is closed when it is dropped.
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
}

impl<'a> Object<'a> {
    pub(super) fn open(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self {
            out,
            is_empty: true,
        }
    }

    #[inline]
    pub(super) fn text(&mut self, name: &'static str, value: &str) -> &mut Self {
        write_text(value, self.member(name));
        self
    }

    /// A number and its unit, as text.
    pub(super) fn quantity(
        &mut self,
        name: &'static str,
        (count, unit): (u64, &'static str),
    ) -> &mut Self {
        let out = self.member(name);
        out.push(b'"');
        serialize(&count, out);
        out.push(b' ');
        out.extend_from_slice(unit.as_bytes());
        out.push(b'"');
        self
    }

    /// Text under a name that somebody else has chosen.
    pub(super) fn foreign_text(&mut self, name: &str, value: &str) -> &mut Self {
        write_text(value, self.foreign_member(name));
        self
    }

    pub(super) fn bool(&mut self, name: &'static str, value: bool) -> &mut Self {
        self.serialized(name, &value)
    }

    pub(super) fn integer(&mut self, name: &'static str, value: u64) -> &mut Self {
        self.serialized(name, &value)
    }

    pub(super) fn float(&mut self, name: &'static str, value: f64) -> &mut Self {
        self.serialized(name, &value)
    }

    pub(super) fn signed(&mut self, name: &'static str, value: i64) -> &mut Self {
        self.serialized(name, &value)
    }

    pub(super) fn value(&mut self, name: &str, value: &Value) -> &mut Self {
        write_value(value, self.foreign_member(name));
        self
    }

    /// A value that is JSON already.
    pub(super) fn raw(&mut self, name: &'static str, json: &str) -> &mut Self {
        self.member(name).extend_from_slice(json.as_bytes());
        self
    }

    #[inline]
    pub(super) fn object(&mut self, name: &'static str) -> Object<'_> {
        Object::open(self.member(name))
    }

    /// An array of texts.
    pub(super) fn texts<'t>(
        &mut self,
        name: &'static str,
        texts: impl IntoIterator<Item = &'t str>,
    ) -> &mut Self {
        array(self.member(name), texts, write_text);
        self
    }

    /// An array of objects.
    pub(super) fn objects<T>(
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

    fn serialized(&mut self, name: &'static str, value: &(impl Serialize + ?Sized)) -> &mut Self {
        serialize(value, self.member(name));
        self
    }

    /// A member with a name out of these files, in which nothing needs an escape. Where it is called, the
    /// name is known, and with it how much is to be copied.
    #[inline]
    fn member(&mut self, name: &'static str) -> &mut Vec<u8> {
        self.separate();
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    /// A member with a name that somebody else has chosen.
    fn foreign_member(&mut self, name: &str) -> &mut Vec<u8> {
        self.separate();
        write_text(name, self.out);
        self.out.push(b':');
        self.out
    }

    fn separate(&mut self) {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
    }
}

impl Drop for Object<'_> {
    fn drop(&mut self) {
        self.out.push(b'}');
    }
}

/// An array of what `write` writes.
pub(super) fn array<T>(
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

fn write_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Bool(value) => serialize(value, out),
        Value::Float(value) => serialize(value, out),
        Value::Integer(value) => serialize(value, out),
        Value::List(values) => array(out, values, write_value),
        Value::Object(members) => {
            let mut object = Object::open(out);
            for (name, value) in members {
                object.value(name, value);
            }
        }
        Value::Text(value) => write_text(value, out),
        _ => out.extend_from_slice(b"null"),
    }
}

/// Most text is copied as it is. To look at all of it first, without a branch, takes an instruction for
/// several bytes; to look for the next escape takes several for each byte.
fn write_text(text: &str, out: &mut Vec<u8>) {
    let is_escaped = text
        .bytes()
        .fold(false, |found, byte| found | is_escaped(byte));
    if is_escaped {
        return serialize(text, out);
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// Quotation marks, reverse solidi and controls
/// ([RFC 8259, section 7](https://www.rfc-editor.org/rfc/rfc8259#section-7)).
const fn is_escaped(byte: u8) -> bool {
    (byte < b' ') | (byte == b'"') | (byte == b'\\')
}

/// Text and numbers always serialize, and a `Vec` takes all that is written.
fn serialize(value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) {
    let _ = serde_json::to_writer(out, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 8259, section 7: what has to be escaped, wherever it stands.
    #[test]
    fn text_is_written_as_serde_json_writes_it() {
        for char in ('\0'..='\u{ff}').chain(['\u{2028}', '😀']) {
            for text in [format!("{char}"), format!("{0:a<40}{char}{0:b<40}", "")] {
                let mut out = Vec::new();
                write_text(&text, &mut out);

                assert_eq!(out, serde_json::to_vec(&text).unwrap(), "{char:?}");
            }
        }
    }

    #[test]
    fn what_is_written_is_json_in_the_same_order() {
        let mut out = Vec::new();
        {
            let mut object = Object::open(&mut out);
            object
                .foreign_text("b\"", "line\n\u{7f}\u{2028}")
                .bool("a", true)
                .float("f", f64::NAN);
            object.object("empty");
            object.objects("list", [1, 2], |item, object| {
                object.integer("n", item);
            });
            object.value(
                "v",
                &Value::from(vec![Value::from(1.5), Value::Null, Value::from("x")]),
            );
            object.value("o", &Value::Object(vec![("k".into(), Value::from(-1_i64))]));
        }

        let parsed: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "{\"b\\\"\":\"line\\n\u{7f}\u{2028}\",\"a\":true,\"f\":null,\"empty\":{},\
             \"list\":[{\"n\":1},{\"n\":2}],\"v\":[1.5,null,\"x\"],\"o\":{\"k\":-1}}"
        );
        assert_eq!(parsed["b\""], "line\n\u{7f}\u{2028}");
    }
}
