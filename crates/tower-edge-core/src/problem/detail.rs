use std::borrow::Cow;

use crate::Visibility;

/// A named value that says more about a problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    name: Cow<'static, str>,
    value: Value,
    visibility: Visibility,
}

impl Detail {
    /// A detail that every client may see.
    #[must_use]
    pub fn public(name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            visibility: Visibility::Public,
        }
    }

    /// A detail that leaves only a service that is being developed.
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
    /// A number with a fraction; written as `null` when it is not finite.
    Float(f64),
    /// A whole number.
    Integer(i64),
    /// Values in order.
    List(Vec<Value>),
    /// Nothing.
    Null,
    /// Named values, in the order in which they are written.
    Object(Vec<(Cow<'static, str>, Value)>),
    /// Text.
    Text(Cow<'static, str>),
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
