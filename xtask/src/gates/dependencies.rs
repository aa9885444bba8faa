//! What a user of the layers builds with them: how many crates, how many of them twice, and for how
//! long.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::data::Dependencies;
use super::table::Row;
use crate::command::{cargo_in, output, root};
use crate::failure::Failure;
use crate::rustc::build_costs;

/// # Errors
///
/// When something cannot be built or listed.
pub(super) fn rows(gate: &Dependencies) -> Result<Vec<Row>, Failure> {
    let ours = project(
        "ours",
        &format!(
            "tower-edge = {{ path = {:?} }}",
            root().join("crates/tower-edge")
        ),
    )?;
    let theirs = project("theirs", &gate.peer)?;
    let apart: Vec<_> = gate.apart.iter().map(String::as_str).collect();
    Ok(vec![
        count(&ours, &apart, gate.crates)?,
        duplicates(&ours)?,
        build(&ours, &theirs, gate)?,
    ])
}

fn count(project: &Path, apart: &[&str], at_most: usize) -> Result<Row, Failure> {
    let crates = tree(project, apart)?.len();
    Ok(Row {
        text: format!(
            "crates of tower-edge, apart from those of {}: {crates} of {at_most}",
            apart.join(" and ")
        ),
        holds: crates <= at_most,
    })
}

fn duplicates(project: &Path) -> Result<Row, Failure> {
    let listed = cargo_in(
        project,
        &["tree", "--duplicates", "--edges", "normal,build"],
    )
    .output();
    let listed = listed.map_err(|cause| Failure::Start {
        program: "cargo tree".to_owned(),
        cause,
    })?;
    let listed = String::from_utf8_lossy(&listed.stdout);
    let twice: BTreeSet<_> = listed
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_alphanumeric()))
        .collect();
    Ok(Row {
        text: format!("crates of tower-edge in two versions: {}", twice.len()),
        holds: twice.is_empty(),
    })
}

/// governor's crates are those that it brings: neither ours, nor the rest's.
fn build(ours: &Path, theirs: &Path, gate: &Dependencies) -> Result<Row, Failure> {
    let apart: Vec<_> = gate.built_apart.iter().map(String::as_str).collect();
    let counted = tree(ours, &apart)?;
    let costs = build_costs(ours)?;
    let (mut edge, mut rest) = (0.0, 0.0);
    for (name, seconds) in &costs {
        // A build script is part of what its crate costs, and has no name of its own.
        if counted.contains(name) || name == "build_script_build" || name == "cost" {
            edge += seconds;
        } else {
            rest += seconds;
        }
    }
    let peer: f64 = build_costs(theirs)?.values().sum();
    let ratio = edge / peer.max(0.01);
    Ok(Row {
        text: format!(
            "CPU seconds to build tower-edge: {edge:.1} (and {rest:.1} for {}), of tower-http's {peer:.1}: {ratio:.2} of {:.2}",
            apart.join(" and "),
            gate.build
        ),
        holds: ratio <= gate.build,
    })
}

/// The names of the crates in the tree, as rustc has them, without what hangs on those apart.
fn tree(project: &Path, apart: &[&str]) -> Result<BTreeSet<String>, Failure> {
    let mut arguments = vec!["tree", "--edges", "normal,build", "--prefix", "none"];
    for apart in apart {
        arguments.extend(["--prune", apart]);
    }
    let listed = output("list the crates", &mut cargo_in(project, &arguments))?;
    let listed = String::from_utf8_lossy(&listed);
    let names = listed.lines().filter_map(|line| line.split(' ').next());
    Ok(names
        .filter(|name| *name != "cost")
        .map(|name| name.replace('-', "_"))
        .collect())
}

/// An empty crate with this dependency, in the versions of the workspace.
fn project(name: &str, dependency: &str) -> Result<PathBuf, Failure> {
    let project = root().join("target").join("dependencies").join(name);
    let manifest = format!(
        "[package]\nname = \"cost\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{dependency}\n"
    );
    let failure = |cause| Failure::Read {
        path: project.display().to_string(),
        cause,
    };
    fs::create_dir_all(project.join("src")).map_err(failure)?;
    fs::write(project.join("Cargo.toml"), manifest).map_err(failure)?;
    fs::write(project.join("src").join("lib.rs"), "").map_err(failure)?;
    fs::copy(root().join("Cargo.lock"), project.join("Cargo.lock")).map_err(failure)?;
    Ok(project)
}
