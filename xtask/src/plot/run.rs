use std::fs;

use super::figures::Figures;
use super::{cost, memory, readme};
use crate::command::root;
use crate::failure::Failure;
use crate::{measure, prerequisites};

/// Measures, draws, and puts the figures into the README.
///
/// # Errors
///
/// When something cannot be measured or written.
pub(crate) fn run() -> Result<(), Failure> {
    prerequisites::install()?;
    let program = measure::build()?;
    let figures = Figures::of(&measure::costs(&program)?, &measure::times(&program)?)
        .ok_or(Failure::Measurement)?;
    let keys = measure::memory(&program)?;
    write("benches/plots/cost.svg", &cost::svg(&figures)?)?;
    write("benches/plots/memory.svg", &memory::svg(&keys)?)?;
    let readme = fs::read_to_string(root().join(README)).map_err(|cause| Failure::Read {
        path: README.to_owned(),
        cause,
    })?;
    write(README, &readme::with_figures(&readme, &figures)?)
}

fn write(path: &str, text: &str) -> Result<(), Failure> {
    println!("--> {path}");
    fs::write(root().join(path), text).map_err(|cause| Failure::Write {
        path: path.to_owned(),
        cause,
    })
}

const README: &str = "README.md";
