use std::borrow::Cow;

use super::message::truncated;
use crate::Visibility;

/// A named value that describes a problem further.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    name: Cow<'static, str>,
    value: Value,
    visibility: Visibility,
}

impl Detail {
    /// The maximum depth of lists and objects in a value. Deeper values become `null`.
    pub const MAX_DEPTH: usize = 8;
    /// The maximum number of items in each list and object of a value.
    pub const MAX_ITEMS: usize = 100;
    /// The maximum number of bytes in the name, and in each text of a value.
    pub const MAX_TEXT: usize = 4096;

    /// A detail that every client may see, truncated to the limits above.
    #[must_use]
    pub fn public(name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        Self {
            name: truncated(name.into(), Self::MAX_TEXT),
            value: value.into().truncate(0),
            visibility: Visibility::Public,
        }
    }

    /// A detail for [development](Visibility::Development) only, truncated to the limits above.
    #[must_use]
    pub fn development(name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        Self {
            visibility: Visibility::Development,
            ..Self::public(name, value)
        }
    }

    /// The name on the wire.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.value
    }

    /// Who may see it.
    #[must_use]
    pub const fn visibility(&self) -> Visibility {
        self.visibility
    }
}

/// The value of a [`Detail`], in JSON's terms.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A number with a fraction. It is written as `null` when it is not finite.
    Float(f64),
    /// A whole number.
    Integer(i64),
    /// Values in order.
    List(Vec<Value>),
    /// No value.
    Null,
    /// Named values, in the order in which they are written.
    Object(Vec<(Cow<'static, str>, Value)>),
    /// Text.
    Text(Cow<'static, str>),
}

impl Value {
    /// Truncates a value that is this deep inside lists and objects.
    fn truncate(self, depth: usize) -> Self {
        match self {
            Self::List(_) | Self::Object(_) if depth >= Detail::MAX_DEPTH => Self::Null,
            Self::List(values) => {
                let values = values.into_iter().take(Detail::MAX_ITEMS);
                Self::List(values.map(|value| value.truncate(depth + 1)).collect())
            }
            Self::Object(members) => {
                let members = members.into_iter().take(Detail::MAX_ITEMS);
                let truncate = |(name, value): (_, Self)| {
                    (truncated(name, Detail::MAX_TEXT), value.truncate(depth + 1))
                };
                Self::Object(members.map(truncate).collect())
            }
            Self::Text(text) => Self::Text(truncated(text, Detail::MAX_TEXT)),
            value => value,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

/// An integer without a suffix is an `i32` in Rust.
impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<&'static str> for Value {
    fn from(value: &'static str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Cow::Owned(value))
    }
}

impl<V: Into<Self>> From<Vec<V>> for Value {
    fn from(values: Vec<V>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl<V: Into<Self>, const N: usize> From<[V; N]> for Value {
    fn from(values: [V; N]) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(value: &Value) -> usize {
        match value {
            Value::List(values) => 1 + values.iter().map(depth).max().unwrap_or_default(),
            Value::Object(members) => {
                1 + members
                    .iter()
                    .map(|(_, value)| depth(value))
                    .max()
                    .unwrap_or_default()
            }
            _ => 0,
        }
    }

    #[test]
    fn a_number_without_a_suffix_is_a_value() {
        assert_eq!(Value::from(-7), Value::Integer(-7));
        assert_eq!(Value::from([1, 2]), Value::List(vec![1.into(), 2.into()]));
    }

    #[test]
    fn a_long_text_is_cut_wherever_it_stands() {
        let long = || Value::from("x".repeat(9999));
        let object = Value::Object(vec![("n".repeat(9999).into(), long())]);

        let detail = Detail::public("a", vec![long(), object]);

        let Value::List(values) = detail.value() else {
            panic!("{detail:?}")
        };
        let cut = "x".repeat(Detail::MAX_TEXT);
        assert_eq!(values[0], Value::from(cut.clone()));
        let name = "n".repeat(Detail::MAX_TEXT).into();
        assert_eq!(values[1], Value::Object(vec![(name, Value::from(cut))]));
    }

    #[test]
    fn a_long_list_is_cut() {
        let detail = Detail::development("a", vec![0_i64; 9999]);

        assert_eq!(detail.value(), &Value::from(vec![0_i64; Detail::MAX_ITEMS]));
        assert_eq!(detail.visibility(), Visibility::Development);
    }

    #[test]
    fn what_is_too_deep_is_null() {
        let mut value = Value::from("deep");
        for level in 0..100 {
            value = match level % 2 {
                0 => Value::List(vec![value]),
                _ => Value::Object(vec![("o".into(), value)]),
            };
        }

        assert_eq!(depth(Detail::public("a", value).value()), Detail::MAX_DEPTH);
    }
}
