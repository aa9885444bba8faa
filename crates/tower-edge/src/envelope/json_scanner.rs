//! Finds the members and elements of a JSON text ([RFC 8259](https://www.rfc-editor.org/rfc/rfc8259)).
//!
//! It rejects what a strict parser rejects. It does not recurse: a level of nesting costs one byte.

/// Calls `visit` with each value of the object or list that the text is, and with its name in an object.
///
/// Returns `None` if the text does not begin with this bracket or is not valid, or if `visit` returns `None`.
pub(super) fn for_each<'a>(
    text: &'a [u8],
    open: u8,
    mut visit: impl FnMut(&str, &'a [u8]) -> Option<()>,
) -> Option<()> {
    let mut scanner = Scanner(text);
    scanner.expect(open)?;
    let mut ended = scanner.take(closing(open));
    while !ended {
        let name = match open {
            b'{' => unescape(scanner.name()?)?,
            _ => String::new(),
        };
        visit(&name, scanner.value()?)?;
        ended = scanner.take(closing(open));
        if !ended {
            scanner.expect(b',')?;
        }
    }
    scanner.skip_whitespace();
    scanner.0.is_empty().then_some(())
}

/// The text that is not read yet.
struct Scanner<'a>(&'a [u8]);

impl<'a> Scanner<'a> {
    /// Reads a member's name and the colon. Returns what is between the quotes.
    fn name(&mut self) -> Option<&'a [u8]> {
        self.expect(b'"')?;
        let name = self.string()?;
        self.expect(b':')?;
        Some(name)
    }

    /// Reads a value, and returns its text.
    fn value(&mut self) -> Option<&'a [u8]> {
        self.skip_whitespace();
        let text = self.0;
        // The brackets that are open, the innermost last.
        let mut open = Vec::new();
        loop {
            let opened = [b'{', b'['].into_iter().find(|open| self.take(*open));
            if opened.is_none() {
                self.scalar()?;
            }
            open.extend(opened);
            let mut ended = opened.is_none();
            while open.pop_if(|open| self.take(closing(*open))).is_some() {
                ended = true;
            }
            let Some(around) = open.last() else {
                return text.get(..text.len() - self.0.len());
            };
            if ended {
                self.expect(b',')?;
            }
            if *around == b'{' {
                self.name()?;
            }
        }
    }

    fn scalar(&mut self) -> Option<()> {
        if self.skip(b"\"") {
            return self.string().map(drop);
        }
        let words = [&b"null"[..], b"true", b"false"];
        let Some(rest) = words.iter().find_map(|word| self.0.strip_prefix(*word)) else {
            return self.number();
        };
        self.0 = rest;
        Some(())
    }

    /// Reads a string after its first quote. Returns what is between the quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
        let text = self.0;
        loop {
            match self.next()? {
                b'"' => return text.get(..text.len() - self.0.len() - 1),
                b'\\' => match self.next()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        for _ in 0..4 {
                            self.next()?.is_ascii_hexdigit().then_some(())?;
                        }
                    }
                    _ => return None,
                },
                control if control < b' ' => return None,
                _ => {}
            }
        }
    }

    fn number(&mut self) -> Option<()> {
        self.skip(b"-");
        // A digit after a leading zero is not read here, and no value may begin with what is left.
        if !self.skip(b"0") {
            self.digits()?;
        }
        if self.skip(b".") {
            self.digits()?;
        }
        if self.skip(b"eE") {
            self.skip(b"+-");
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        self.skip(DIGITS).then_some(())?;
        while self.skip(DIGITS) {}
        Some(())
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    /// Skips whitespace, and then this byte, if it follows.
    fn take(&mut self, byte: u8) -> bool {
        self.skip_whitespace();
        self.skip(&[byte])
    }

    fn skip_whitespace(&mut self) {
        while self.skip(b" \t\r\n") {}
    }

    /// Skips the next byte, if it is one of these.
    fn skip(&mut self, bytes: &[u8]) -> bool {
        let is_next = self.0.first().is_some_and(|next| bytes.contains(next));
        is_next && self.next().is_some()
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }
}

/// The bracket that closes what this one opens, two characters further on in ASCII.
const fn closing(open: u8) -> u8 {
    open + 2
}

/// The text that a string stands for. Returns `None` if it is not UTF-8, or if half of a surrogate pair is missing.
fn unescape(string: &[u8]) -> Option<String> {
    let mut chars = std::str::from_utf8(string).ok()?.chars();
    let mut units = Vec::new();
    while let Some(char) = chars.next() {
        if char != '\\' {
            units.extend_from_slice(char.encode_utf16(&mut [0; 2]));
            continue;
        }
        units.push(match chars.next()? {
            'u' => {
                let (digits, rest) = chars.as_str().split_at_checked(4)?;
                chars = rest.chars();
                u16::from_str_radix(digits, 16).ok()?
            }
            'b' => 0x08,
            'f' => 0x0c,
            'n' => 0x0a,
            'r' => 0x0d,
            't' => 0x09,
            // A quote, a backslash or a slash.
            char => u16::try_from(u32::from(char)).ok()?,
        });
    }
    String::from_utf16(&units).ok()
}

const DIGITS: &[u8] = b"0123456789";

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;

    type Members<'a> = BTreeMap<String, &'a str>;

    fn members(text: &str) -> Option<Members<'_>> {
        let mut members = Members::new();
        for_each(text.as_bytes(), b'{', |name, value| {
            members.insert(name.to_owned(), std::str::from_utf8(value).unwrap());
            Some(())
        })?;
        Some(members)
    }

    fn elements(text: &str) -> Option<Vec<&str>> {
        let mut elements = Vec::new();
        for_each(text.as_bytes(), b'[', |_, value| {
            elements.push(std::str::from_utf8(value).unwrap());
            Some(())
        })?;
        Some(elements)
    }

    fn members_by_serde_json(text: &str) -> Option<Members<'_>> {
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
        let members = members.into_iter();
        Some(members.map(|(name, value)| (name, value.get())).collect())
    }

    fn elements_by_serde_json(text: &str) -> Option<Vec<&str>> {
        let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
        Some(elements.into_iter().map(RawValue::get).collect())
    }

    /// Pieces of JSON, so that many texts are valid or nearly so.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\"id\"",
            "\"\\u0069d\":",
            "\"a\":",
            "\\",
            "\\u",
            "\\ud83d",
            "\\ude00",
            "\\n",
            "00e9",
            "0",
            "1",
            "-",
            "+",
            ".",
            "e",
            "E",
            "12.5e-3",
            "null",
            "true",
            "fals",
            "false",
            " ",
            "\t",
            "\r\n",
            "\u{c}",
            "\u{1}",
            "\u{7f}",
            "é",
            "😀",
            "{}",
            "[]",
            "{\"a\":1}",
            "[1]",
        ]);
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    /// A value, with whitespace around it.
    fn value() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            any::<i64>().prop_map(|number| number.to_string()),
            "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?",
            any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
            "\"(\\\\[\"\\\\/bfnrtu]|[a-d0-9])*\"",
        ];
        leaf.prop_recursive(5, 32, 4, |inner| {
            let member = ("(id|a|method|\\\\u0069d|\\\\ud83d|é)", inner.clone());
            let member = member.prop_map(|(name, value)| format!("\"{name}\" : {value}"));
            prop_oneof![
                prop::collection::vec(inner, 0..4)
                    .prop_map(|items| format!("[{}]", items.join(" , "))),
                prop::collection::vec(member, 0..4)
                    .prop_map(|items| format!("{{{} }}", items.join(","))),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_finds_what_serde_json_finds(
            text in prop_oneof![pieces(), value(), value().prop_map(|text| format!(" [{text}]\n"))],
            cut in any::<prop::sample::Index>(),
        ) {
            let cut = text.char_indices().map(|(at, _)| at).nth(cut.index(text.len() + 1));
            for text in [&text[..], &text[..cut.unwrap_or(text.len())]] {
                prop_assert_eq!(members(text), members_by_serde_json(text), "{}", text);
                prop_assert_eq!(elements(text), elements_by_serde_json(text), "{}", text);
            }
        }
    }

    #[test]
    fn a_character_is_allowed_where_serde_json_allows_it() {
        let places = [
            "~[]",
            "[]~",
            "[~]",
            "[1~]",
            "[-~]",
            "[0~]",
            "[1.~]",
            "[1e~]",
            "[1e+~]",
            "[nul~]",
            "[\"\\u00~0\"]",
            "{~}",
            "{\"~\":1}",
            "{\"\\~\":1}",
            "{\"\\u00~0\":1}",
            "{\"a\"~1}",
            "{\"a\":1~}",
        ];
        for place in places {
            for char in (0..=u8::MAX).map(char::from) {
                let text = place.replace('~', &char.to_string());

                assert_eq!(members(&text), members_by_serde_json(&text), "{text:?}");
                assert_eq!(elements(&text), elements_by_serde_json(&text), "{text:?}");
            }
        }
    }

    #[test]
    fn a_text_may_be_nested_deeply() {
        let depth = 1 << 20;
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));

        assert_eq!(elements(&nested), Some(vec![&nested[1..nested.len() - 1]]));
        assert_eq!(elements(&nested[1..]), None);
    }
}
