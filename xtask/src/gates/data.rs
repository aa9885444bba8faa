use serde::Deserialize;

use crate::failure::Failure;

/// The gates of `benches/gates.json`. Other members say why, for who reads the file.
#[derive(Debug, Deserialize)]
pub(super) struct Gates {
    pub(super) dependencies: Dependencies,
    pub(super) limits: Vec<Limit>,
    pub(super) ratios: Vec<Ratio>,
    pub(super) times: Vec<Time>,
}

/// How much a scenario may cost over another.
#[derive(Debug, Deserialize, PartialEq)]
pub(super) struct Limit {
    pub(super) scenario: String,
    pub(super) over: String,
    pub(super) instructions: i64,
    pub(super) allocations: i64,
}

/// How much of what a peer costs a scenario may cost, each over what it stands in front of.
#[derive(Debug, Deserialize, PartialEq)]
pub(super) struct Ratio {
    pub(super) ours: (String, String),
    pub(super) theirs: (String, String),
    pub(super) instructions: f64,
    pub(super) allocations: f64,
}

/// How much of the time of another scenario one may take, both over a third, all in one run.
#[derive(Debug, Deserialize, PartialEq)]
pub(super) struct Time {
    pub(super) scenario: String,
    pub(super) of: String,
    pub(super) over: String,
    pub(super) at_most: f64,
}

/// How much a user of the layers may have to build.
#[derive(Debug, Deserialize, PartialEq)]
pub(super) struct Dependencies {
    /// Crates, apart from those that only these bring.
    pub(super) crates: usize,
    pub(super) apart: Vec<String>,
    /// CPU seconds over those of the peer, apart from what these bring.
    pub(super) build: f64,
    pub(super) built_apart: Vec<String>,
    /// As in the `[dependencies]` of a manifest.
    pub(super) peer: String,
}

impl Gates {
    /// # Errors
    ///
    /// When the text is not the JSON of gates.
    pub(super) fn parse(json: &[u8]) -> Result<Self, Failure> {
        serde_json::from_slice(json).map_err(Failure::Gates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_gate_that_lacks_a_number() {
        let limits = br#"{"limits": [{"scenario": "full", "over": "bare", "instructions": 7}]}"#;

        assert!(Gates::parse(limits).is_err());
    }

    #[test]
    fn the_gates_of_the_project_can_be_read() {
        let json = std::fs::read(crate::command::root().join("benches/gates.json")).unwrap();

        assert!(!Gates::parse(&json).unwrap().limits.is_empty());
    }
}
