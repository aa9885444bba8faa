use std::fs;

use super::data::Gates;
use super::noise::settled;
use super::{dependencies, table};
use crate::command::root;
use crate::failure::Failure;
use crate::{measure, prerequisites};

/// Measures all scenarios and prints each gate beside them.
///
/// # Errors
///
/// When a gate does not hold, or something cannot be measured.
pub(crate) fn run() -> Result<(), Failure> {
    prerequisites::install()?;
    let json = fs::read(root().join(FILE)).map_err(|cause| Failure::Read {
        path: FILE.to_owned(),
        cause,
    })?;
    let gates = Gates::parse(&json)?;
    let program = measure::build()?;
    let costs = measure::costs(&program)?;
    let limits = gates.limits.iter().map(|gate| table::limit(gate, &costs));
    let mut rows: Vec<_> = limits
        .chain(gates.ratios.iter().map(|gate| table::ratio(gate, &costs)))
        .collect();
    rows.extend(settled(|| {
        let times = measure::times(&program)?;
        let gates = gates.times.iter();
        Ok(gates.map(|gate| table::time(gate, &times)).collect())
    })?);
    rows.extend(settled(|| dependencies::rows(&gates.dependencies))?);
    for row in &rows {
        println!(
            "{}  {}",
            row.text,
            if row.holds { "ok" } else { "TOO MUCH" }
        );
    }
    match rows.iter().filter(|row| !row.holds).count() {
        0 => Ok(()),
        failed => Err(Failure::GatesFailed { failed }),
    }
}

const FILE: &str = "benches/gates.json";
