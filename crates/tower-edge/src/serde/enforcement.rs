use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::{Enforcement, Percent};

/// `"enforce"`, `"dry_run"` or a percentage.
impl<'de> Deserialize<'de> for Enforcement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let invalid = |value: &dyn std::fmt::Debug| {
            D::Error::custom(format_args!(
                r#"invalid enforcement {value:?}: expected "enforce", "dry_run" or a percentage from 0 to 100"#
            ))
        };
        match Value::deserialize(deserializer)? {
            Value::Percent(percent) => u8::try_from(percent)
                .ok()
                .and_then(|percent| Percent::new(percent).ok())
                .map(Self::Percent)
                .ok_or_else(|| invalid(&percent)),
            Value::Mode(mode) => match mode.as_str() {
                "enforce" => Ok(Self::Enforce),
                "dry_run" => Ok(Self::DryRun),
                _ => Err(invalid(&mode)),
            },
        }
    }
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = r#"invalid enforcement: expected "enforce", "dry_run" or a percentage from 0 to 100"#
)]
enum Value {
    Mode(String),
    Percent(i64),
}
