use serde_json::Value;

use crate::failure::Failure;

/// The gates of `benches/gates.json`.
#[derive(Debug)]
pub(super) struct Gates {
    pub(super) limits: Vec<Limit>,
    pub(super) ratios: Vec<Ratio>,
}

/// How much a scenario may cost over another.
#[derive(Debug, PartialEq)]
pub(super) struct Limit {
    pub(super) scenario: String,
    pub(super) over: String,
    pub(super) instructions: i64,
    pub(super) allocations: i64,
}

/// How much of what a peer costs a scenario may cost.
#[derive(Debug, PartialEq)]
pub(super) struct Ratio {
    pub(super) ours: (String, String),
    pub(super) theirs: (String, String),
    pub(super) instructions: f64,
    pub(super) allocations: f64,
}

impl Gates {
    /// # Errors
    ///
    /// When the text is not the JSON of gates.
    pub(super) fn parse(json: &[u8]) -> Result<Self, Failure> {
        let value: Value = serde_json::from_slice(json).map_err(Failure::Gates)?;
        let list = |name: &str| value[name].as_array().cloned().unwrap_or_default();
        let limits = list("limits").iter().map(limit).collect::<Option<_>>();
        let ratios = list("ratios").iter().map(ratio).collect::<Option<_>>();
        match (limits, ratios) {
            (Some(limits), Some(ratios)) => Ok(Self { limits, ratios }),
            _ => Err(Failure::GateFields),
        }
    }
}

fn limit(value: &Value) -> Option<Limit> {
    Some(Limit {
        scenario: text(&value["scenario"])?,
        over: text(&value["over"])?,
        instructions: value["instructions"].as_i64()?,
        allocations: value["allocations"].as_i64()?,
    })
}

fn ratio(value: &Value) -> Option<Ratio> {
    let pair = |pair: &Value| Some((text(&pair[0])?, text(&pair[1])?));
    Some(Ratio {
        ours: pair(&value["ours"])?,
        theirs: pair(&value["theirs"])?,
        instructions: value["instructions"].as_f64()?,
        allocations: value["allocations"].as_f64()?,
    })
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_limits_and_ratios() {
        let gates = Gates::parse(
            br#"{"limits": [{"scenario": "full", "over": "bare", "instructions": 7, "allocations": 2, "why": "x"}],
                 "ratios": [{"ours": ["a", "b"], "theirs": ["c", "d"], "instructions": 0.5, "allocations": 0.1}]}"#,
        )
        .unwrap();

        assert_eq!(
            (
                gates.limits[0].scenario.as_str(),
                gates.limits[0].instructions
            ),
            ("full", 7)
        );
        assert_eq!(gates.ratios[0].theirs, ("c".to_owned(), "d".to_owned()));
    }

    #[test]
    fn refuses_a_gate_that_lacks_a_number() {
        let gates = Gates::parse(
            br#"{"limits": [{"scenario": "full", "over": "bare", "instructions": 7}]}"#,
        );

        assert!(gates.is_err());
    }

    #[test]
    fn the_gates_of_the_project_can_be_read() {
        let json = std::fs::read(crate::command::root().join("benches/gates.json")).unwrap();

        assert!(!Gates::parse(&json).unwrap().limits.is_empty());
    }
}
