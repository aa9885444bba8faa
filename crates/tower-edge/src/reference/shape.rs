//! The common shape of the values at one place of many bodies.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::samples::{FIELDS, UNDECLARED};

/// The types and the members that were seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    /// The only values that were seen. Empty if they vary, or are no texts, numbers or booleans.
    pub(super) constants: Vec<Value>,
    /// Whether an object has members whose names are those of fields.
    pub(super) is_map: bool,
    /// The items of arrays.
    pub(super) items: Option<Box<Self>>,
    pub(super) members: BTreeMap<String, Member>,
    /// The format that all texts have.
    pub(super) text_format: Option<TextFormat>,
    pub(super) types: BTreeSet<Type>,
}

/// A member of an object.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// Whether every object had it.
    pub(super) is_required: bool,
    pub(super) shape: Shape,
}

/// A type of JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Type {
    String,
    Integer,
    Number,
    Boolean,
    Object,
    Array,
    Null,
}

/// A format of text in JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextFormat {
    DateTime,
    Uri,
}

impl Shape {
    /// The common shape of these values. A text, a number or a boolean that is always the same is a constant.
    pub(super) fn of(values: &[&Value]) -> Self {
        let objects: Vec<_> = values
            .iter()
            .filter_map(|value| value.as_object())
            .collect();
        let arrays = values.iter().filter_map(|value| value.as_array());
        let items: Vec<_> = arrays.clone().flatten().collect();
        Self {
            constants: constant(values),
            is_map: objects
                .iter()
                .any(|object| FIELDS.iter().any(|name| object.contains_key(*name))),
            items: (arrays.count() > 0).then(|| Self::of(&items).into()),
            members: members(&objects),
            text_format: text_format(values),
            types: values.iter().map(|value| Type::of(value)).collect(),
        }
    }

    /// The common shape of both.
    pub(super) fn merge(&mut self, other: Self) {
        self.constants = match (self.has_scalars(), other.has_scalars()) {
            (true, true) if self.constants.is_empty() || other.constants.is_empty() => Vec::new(),
            _ => {
                let mut constants = self.constants.clone();
                constants.extend(
                    other
                        .constants
                        .iter()
                        .filter(|new| !self.constants.contains(new))
                        .cloned(),
                );
                constants
            }
        };
        if self.types.contains(&Type::String) && other.types.contains(&Type::String) {
            self.text_format = self
                .text_format
                .filter(|format| other.text_format == Some(*format));
        } else {
            self.text_format = self.text_format.or(other.text_format);
        }
        self.is_map |= other.is_map;
        match (&mut self.items, other.items) {
            (Some(items), Some(more)) => items.merge(*more),
            (items @ None, more) => *items = more,
            (Some(_), None) => {}
        }
        if other.types.contains(&Type::Object) {
            self.merge_members(other.members);
        }
        self.types.extend(other.types);
    }

    fn merge_members(&mut self, others: BTreeMap<String, Member>) {
        let had_objects = self.types.contains(&Type::Object);
        for (name, member) in &mut self.members {
            member.is_required &= others.contains_key(name);
        }
        for (name, mut other) in others {
            if let Some(member) = self.members.get_mut(&name) {
                member.is_required &= other.is_required;
                member.shape.merge(other.shape);
            } else {
                other.is_required &= !had_objects;
                self.members.insert(name, other);
            }
        }
    }

    /// The only value, if nothing else was seen.
    pub(super) fn constant(&self) -> Option<&Value> {
        match &*self.constants {
            [constant] if self.types.len() == 1 => Some(constant),
            _ => None,
        }
    }

    /// Whether values of every type were seen.
    pub(super) fn is_any(&self) -> bool {
        // Every integer is a number.
        ANY.iter().all(|of| self.types.contains(of))
    }

    /// The types. Integers are left out if there are other numbers.
    pub(super) fn types(&self) -> impl Iterator<Item = Type> {
        let has_numbers = self.types.contains(&Type::Number);
        let types = self.types.iter().copied();
        types.filter(move |of| !(has_numbers && *of == Type::Integer))
    }

    fn has_scalars(&self) -> bool {
        SCALARS.iter().any(|scalar| self.types.contains(scalar))
    }
}

impl Type {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number) if number.is_f64() => Self::Number,
            Value::Number(_) => Self::Integer,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }

    /// The name in JSON Schema.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Object => "object",
            Self::Array => "array",
            Self::Null => "null",
        }
    }
}

impl TextFormat {
    fn of(text: &str) -> Option<Self> {
        if text.starts_with("https://") || text.starts_with("http://") {
            Some(Self::Uri)
        } else if is_date_time(text) {
            Some(Self::DateTime)
        } else {
            None
        }
    }

    /// The name in JSON Schema.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::DateTime => "date-time",
            Self::Uri => "uri",
        }
    }
}

/// Whether it begins with a date and a time in UTC, like those of samples.
fn is_date_time(text: &str) -> bool {
    let mark = |at: usize, mark: u8| text.as_bytes().get(at) == Some(&mark);
    mark(4, b'-') && mark(7, b'-') && mark(10, b'T') && mark(13, b':') && text.ends_with('Z')
}

fn constant(values: &[&Value]) -> Vec<Value> {
    let mut scalars = values
        .iter()
        .filter(|value| SCALARS.contains(&Type::of(value)));
    match scalars.next() {
        Some(first) if scalars.all(|value| value == first) => vec![(*first).clone()],
        _ => Vec::new(),
    }
}

fn text_format(values: &[&Value]) -> Option<TextFormat> {
    let mut formats = values
        .iter()
        .filter_map(|value| value.as_str())
        .map(TextFormat::of);
    let first = formats.next()?;
    formats.all(|format| format == first).then_some(first)?
}

fn members(objects: &[&Map<String, Value>]) -> BTreeMap<String, Member> {
    let mut values: BTreeMap<&String, Vec<&Value>> = BTreeMap::new();
    for (name, value) in objects.iter().copied().flatten() {
        if !FIELDS.contains(&&**name) && name != UNDECLARED {
            values.entry(name).or_default().push(value);
        }
    }
    let member = |values: Vec<&Value>| Member {
        is_required: values.len() == objects.len(),
        shape: Shape::of(&values),
    };
    let members = values.into_iter();
    members
        .map(|(name, values)| (name.clone(), member(values)))
        .collect()
}

const ANY: [Type; 6] = [
    Type::String,
    Type::Number,
    Type::Boolean,
    Type::Object,
    Type::Array,
    Type::Null,
];
const SCALARS: [Type; 4] = [Type::String, Type::Integer, Type::Number, Type::Boolean];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shape(values: &[Value]) -> Shape {
        Shape::of(&values.iter().collect::<Vec<_>>())
    }

    #[test]
    fn what_never_varies_is_a_constant_and_what_all_have_is_required() {
        let shape = shape(&[
            json!({"code": "a", "message": "x", "wait": 1}),
            json!({"code": "a", "message": "y"}),
        ]);

        assert_eq!(shape.members["code"].shape.constant(), Some(&json!("a")));
        assert_eq!(shape.members["message"].shape.constant(), None);
        assert!(shape.members["message"].is_required);
        assert!(!shape.members["wait"].is_required);
    }

    #[test]
    fn a_text_that_is_always_a_time_or_a_uri_has_that_format() {
        let shape = shape(&[
            json!({"at": "2026-01-31T12:00:00Z", "link": "https://a.example", "text": "https://a.example"}),
            json!({"at": "2026-02-01T00:00:00Z", "link": "http://b.example", "text": "b.example"}),
        ]);

        let format = |name| shape.members[name].shape.text_format.map(TextFormat::name);
        assert_eq!(
            ["at", "link", "text"].map(format),
            [Some("date-time"), Some("uri"), None]
        );
    }

    #[test]
    fn what_is_a_map_in_one_body_is_a_map() {
        let map = || shape(&[json!({FIELDS[0]: "is required"})]);
        let object = || shape(&[json!({"left": 1})]);

        for (mut merged, other) in [(map(), object()), (object(), map())] {
            merged.merge(other);

            assert!(merged.is_map);
        }
    }

    #[test]
    fn shapes_with_different_constants_have_both() {
        let mut merged = shape(&[json!({"title": "a", "left": 1})]);
        merged.merge(shape(&[json!({"title": "b"})]));

        assert_eq!(
            merged.members["title"].shape.constants,
            [json!("a"), json!("b")]
        );
        assert!(merged.members["title"].is_required);
        assert!(!merged.members["left"].is_required);

        merged.merge(shape(&[json!({"title": "c"}), json!({"title": "d"})]));
        assert!(merged.members["title"].shape.constants.is_empty());
    }
}
