//! Details of any type that serde serializes, and quotas as text.

use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::problem::Value;
use crate::rate_limit::Quota;

impl Value {
    /// The value as serde serializes it, with the members of structs in their order.
    ///
    /// A value that does not serialize becomes the text `unserializable`. The error is dropped, since it may hold
    /// what clients must not see.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    ///
    /// use tower_edge_core::problem::Value;
    ///
    /// assert_eq!(Value::from_serialize(&["a", "b"]), Value::from(["a", "b"]));
    /// // The names of an object's members have to be text.
    /// let unnamed = BTreeMap::from([((), 1)]);
    /// assert_eq!(Value::from_serialize(&unnamed), Value::from("unserializable"));
    /// ```
    #[must_use]
    pub fn from_serialize<T: Serialize + ?Sized>(value: &T) -> Self {
        let json = serde_json::to_vec(value);
        json.and_then(|json| serde_json::from_slice(&json))
            .map_or(Self::from("unserializable"), |Read(value)| value)
    }
}

/// A value as it is read: `serde_json`'s own sorts the members of objects.
struct Read(Value);

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    /// A number that is too large stays exact as text.
    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or_else(|_| value.to_string().into(), Value::from))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.to_owned().into())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Read(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some((name, Read(value))) = items.next_entry::<String, _>()? {
            members.push((name.into(), value));
        }
        Ok(Value::Object(members))
    }
}

/// As text, such as `login=5/1m`.
impl Serialize for Quota {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// From text, such as `login=5/1m`.
impl<'de> Deserialize<'de> for Quota {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(QuotaText)
    }
}

struct QuotaText;

impl Visitor<'_> for QuotaText {
    type Value = Quota;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a quota such as \"login=5/1m\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Quota, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde::ser::SerializeStruct;

    use super::*;

    struct Unordered;

    impl Serialize for Unordered {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut members = serializer.serialize_struct("Unordered", 3)?;
            members.serialize_field("z", &[Some(true), None])?;
            members.serialize_field("a", &u64::MAX)?;
            members.serialize_field("m", &(-1, 1.5))?;
            members.end()
        }
    }

    struct Broken;

    impl Serialize for Broken {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("password=hunter2"))
        }
    }

    #[test]
    fn members_keep_their_order_and_numbers_their_value() {
        let members = [
            ("z", Value::from(vec![Value::Bool(true), Value::Null])),
            ("a", "18446744073709551615".into()),
            ("m", vec![Value::Integer(-1), Value::Float(1.5)].into()),
        ];

        let expected = members.map(|(name, value)| (name.into(), value));
        assert_eq!(
            Value::from_serialize(&Unordered),
            Value::Object(expected.into())
        );
    }

    #[test]
    fn a_quota_is_its_text() {
        let json = "\"login=5/1m;burst=2\"";

        let quota: Quota = serde_json::from_str(json).unwrap();

        assert_eq!(quota, Quota::per_minute(5).with_burst(2).named("login"));
        assert_eq!(serde_json::to_string(&quota).unwrap(), json);
        for (bad, expected) in [
            ("5", "expected a quota such as \"login=5/1m\""),
            ("\"5\"", "invalid quota \"5\": expected [NAME=]COUNT/PERIOD"),
            ("\"0/1m\"", "invalid count 0: expected at least 1"),
        ] {
            let error = serde_json::from_str::<Quota>(bad).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn what_cannot_be_serialized_is_a_fixed_text() {
        assert_eq!(
            Value::from_serialize(&Broken),
            Value::from("unserializable")
        );
        assert_eq!(
            Value::from_serialize(&[Broken]),
            Value::from("unserializable")
        );
    }
}
