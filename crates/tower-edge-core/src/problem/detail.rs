use std::borrow::Cow;
use std::{fmt, io};

use serde::Serialize;

use super::Problem;
use super::message::truncated;
use crate::Visibility;
use crate::http_ext::write_line;

/// A named value that describes a problem further.
///
/// ```
/// use tower_edge_core::problem::Detail;
///
/// assert_eq!(Detail::public("left", Some(3_usize)).json(), "3");
/// assert_eq!(Detail::public("tags", ["new", "4k"]).json(), r#"["new","4k"]"#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    json: String,
    name: Cow<'static, str>,
    visibility: Visibility,
}

impl Detail {
    /// The maximum number of bytes of a value in JSON. A longer text is truncated. Any other value becomes the text
    /// `too large`.
    pub const MAX_JSON: usize = 8192;
    /// The maximum number of bytes of the name.
    pub const MAX_NAME: usize = 1024;

    /// A detail that every client may see. The value is anything that serde serializes.
    ///
    /// A value that does not serialize becomes the text `unserializable`. The error of serde is dropped, since it may
    /// quote data that clients must not see.
    #[must_use]
    pub fn public(name: impl Into<Cow<'static, str>>, value: impl Serialize) -> Self {
        Self {
            json: to_json(&value),
            name: truncated(name.into(), Self::MAX_NAME),
            visibility: Visibility::Public,
        }
    }

    /// The same for [development](Visibility::Development) only.
    #[must_use]
    pub fn development(name: impl Into<Cow<'static, str>>, value: impl Serialize) -> Self {
        Self {
            visibility: Visibility::Development,
            ..Self::public(name, value)
        }
    }

    /// The same for [logs](Visibility::Internal) only.
    #[must_use]
    pub fn internal(name: impl Into<Cow<'static, str>>, value: impl Serialize) -> Self {
        Self {
            visibility: Visibility::Internal,
            ..Self::public(name, value)
        }
    }

    /// The name on the wire.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the name is a constant of the program, and so does not come from outside.
    pub(crate) const fn has_static_name(&self) -> bool {
        matches!(self.name, Cow::Borrowed(_))
    }

    /// The value as JSON.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Who may see it.
    #[must_use]
    pub const fn visibility(&self) -> Visibility {
        self.visibility
    }
}

/// The details that nobody outside may see, as a line for logs.
pub(super) struct Internal<'a>(&'a Problem);

impl<'a> Internal<'a> {
    /// `None` if the problem has none.
    pub(super) fn new(problem: &'a Problem) -> Option<Self> {
        let internal = Self(problem);
        let has_any = internal.details().next().is_some();
        has_any.then_some(internal)
    }

    fn details(&self) -> impl Iterator<Item = &'a Detail> {
        let row = self.0.definition();
        self.0.details().iter().filter(move |detail| {
            let by_row = row.map(|row| row.visibility(&detail.name));
            detail.visibility == Visibility::Internal || by_row == Some(Visibility::Internal)
        })
    }
}

impl fmt::Display for Internal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_line(f, |line| {
            let mut separator = "";
            for detail in self.details() {
                write!(line, "{separator}{}={}", detail.name, detail.json)?;
                separator = ", ";
            }
            Ok(())
        })
    }
}

fn to_json(value: &impl Serialize) -> String {
    let mut out = Bounded(Vec::with_capacity(TYPICAL_LENGTH));
    let written = serde_json::to_writer(&mut out, value);
    let Bounded(mut json) = out;
    match written {
        Ok(()) => {}
        Err(error) if !error.is_io() => json = r#""unserializable""#.into(),
        Err(_) if json.starts_with(b"\"") => close_text(&mut json),
        Err(_) => json = r#""too large""#.into(),
    }
    String::from_utf8(json).unwrap_or_default()
}

/// Ends a truncated text after its last whole character.
fn close_text(json: &mut Vec<u8>) {
    json.push(b'"');
    while json.len() > 2 && serde_json::from_slice::<String>(json).is_err() {
        json.pop();
        json.pop();
        json.push(b'"');
    }
}

/// Takes as many bytes as a value may have, then fails.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = Detail::MAX_JSON - "\"".len() - self.0.len();
        let taken = bytes.len().min(room);
        self.0.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const TYPICAL_LENGTH: usize = 32;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serializer;
    use serde::ser::{Error, SerializeStruct};

    use super::*;
    use crate::{Definition, DetailDefinition, DetailType, Kind};

    fn json(value: impl Serialize) -> String {
        Detail::public("a", value).json
    }

    struct Unordered;

    impl Serialize for Unordered {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut members = serializer.serialize_struct("Unordered", 3)?;
            members.serialize_field("z\"", &[Some(true), None])?;
            members.serialize_field("a", &u64::MAX)?;
            members.serialize_field("m", &(-1, 1.5))?;
            members.end()
        }
    }

    struct Broken;

    impl Serialize for Broken {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(S::Error::custom("password=hunter2"))
        }
    }

    #[test]
    fn a_value_is_whatever_serde_serializes() {
        let left: &usize = &3;

        assert_eq!(json(-7), "-7");
        assert_eq!(json(*left), "3");
        assert_eq!(json(left), "3");
        assert_eq!(json(None::<u8>), "null");
        assert_eq!(json("a\"\n"), r#""a\"\n""#);
        assert_eq!(json(String::from("ü")), "\"ü\"");
        assert_eq!(json([1.5, f64::NAN]), "[1.5,null]");
    }

    #[test]
    fn members_keep_their_order_and_numbers_their_value() {
        let expected = r#"{"z\"":[true,null],"a":18446744073709551615,"m":[-1,1.5]}"#;

        assert_eq!(json(Unordered), expected);
    }

    #[test]
    fn what_cannot_be_serialized_is_a_fixed_text() {
        assert_eq!(json(Broken), r#""unserializable""#);
        assert_eq!(json([Broken]), r#""unserializable""#);
        // The names of an object's members have to be text.
        assert_eq!(json(BTreeMap::from([((), 1)])), r#""unserializable""#);
    }

    #[test]
    fn a_long_text_is_cut_at_a_whole_character() {
        for (part, start) in [
            ("x", ""),
            ("ü", ""),
            ("ü", "x"),
            ("\"", ""),
            ("\"", "x"),
            ("\u{1}", ""),
            ("\u{1}", "xxx"),
        ] {
            let text = format!("{start}{}", part.repeat(9999));

            let json = json(&text);

            let cut: String = serde_json::from_str(&json).unwrap();
            assert!(text.starts_with(&cut));
            assert!(
                (Detail::MAX_JSON - 6..=Detail::MAX_JSON).contains(&json.len()),
                "{}",
                json.len()
            );
        }
    }

    #[test]
    fn what_is_for_logs_is_one_line_of_limited_length() {
        static ROW: Definition = Definition::new("row", Kind::Internal)
            .with_details(&[DetailDefinition::new("d", DetailType::Integer)
                .with_visibility(Visibility::Internal)]);
        let problem = || Problem::from(&ROW).with_development_detail("c", 1);
        let line = |problem: Problem| problem.internal_details().map(|line| line.to_string());

        let both = line(
            problem()
                .with_internal_detail("a\n", "b\u{9b}")
                .with_detail("d", 2),
        );
        let long = line(problem().with_internal_detail("a", "ü".repeat(9999)));

        assert_eq!(both.as_deref(), Some("a\\n=\"b\\u{9b}\", d=2"));
        assert!(long.is_some_and(|line| line.len() < 4200 && line.ends_with('…')));
        assert_eq!(line(problem()), None);
    }

    #[test]
    fn a_long_list_is_left_out() {
        let detail = Detail::development("n".repeat(9999), vec![0_i64; 9999]);

        assert_eq!(detail.json(), r#""too large""#);
        assert_eq!(detail.name().len(), Detail::MAX_NAME);
        assert_eq!(detail.visibility(), Visibility::Development);
    }
}
