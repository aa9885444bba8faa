//! Starts other programs at the root of the workspace.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, io};

use crate::failure::Failure;

/// The workspace's root, wherever the task was called from.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The very cargo that runs this task, so that a `+toolchain` holds for its steps too.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    command
}

/// Whether a program of this name would be found.
pub(crate) fn on_path(tool: &str) -> bool {
    env::var_os("PATH")
        .is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(tool).is_file()))
}

/// Announces the step, runs it with this process's own streams, and waits.
///
/// # Errors
///
/// When the program cannot be started or does not succeed.
pub(crate) fn step(name: &str, command: &mut Command) -> Result<(), Failure> {
    println!("--> {name}");
    let status = command
        .status()
        .map_err(|cause| not_started(command, cause))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::Step {
            name: name.to_owned(),
            status,
        })
    }
}

/// Builds these packages as they are released, and names where their programs are put. Further arguments of cargo may
/// stand among them.
///
/// # Errors
///
/// When they cannot be built.
pub(crate) fn build_release(name: &str, packages: &[&str]) -> Result<PathBuf, Failure> {
    build(name, "release", packages)
}

/// Builds these packages by this profile, all at once so that they share what they are built from, and names where their
/// programs are put.
///
/// # Errors
///
/// When they cannot be built.
pub(crate) fn build(name: &str, profile: &str, packages: &[&str]) -> Result<PathBuf, Failure> {
    let mut build = cargo(&["build", "--profile", profile, "--locked"]);
    step(name, build.args(packages))?;
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    Ok(target.join(profile))
}

/// Runs a program for what it prints; its complaints go to this process's stderr.
///
/// # Errors
///
/// When the program cannot be started or does not succeed.
pub(crate) fn output(name: &str, command: &mut Command) -> Result<Vec<u8>, Failure> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|cause| not_started(command, cause))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(Failure::Step {
            name: name.to_owned(),
            status: output.status,
        })
    }
}

fn not_started(command: &Command, cause: io::Error) -> Failure {
    Failure::Start {
        program: command.get_program().to_string_lossy().into_owned(),
        cause,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_root_by_its_manifest() {
        assert!(root().join("Cargo.toml").is_file());
        assert!(root().join("xtask").join("Cargo.toml").is_file());
    }

    #[test]
    fn finds_the_tools_of_the_path_and_no_others() {
        assert!(on_path("cargo"));
        assert!(!on_path("no-such-tool"));
    }

    #[test]
    fn names_a_failing_step_and_keeps_its_status() {
        let mut command = cargo(&["run", "--no-such-flag"]);
        command.stderr(Stdio::null());

        let failure = step("an unknown flag", &mut command).unwrap_err();

        assert_eq!(failure.exit_code(), 1);
        assert!(
            failure
                .to_string()
                .starts_with("step failed: an unknown flag"),
            "{failure}"
        );
    }

    #[test]
    fn names_a_program_that_is_not_there() {
        let failure = output("nothing", &mut Command::new("no-such-program")).unwrap_err();

        assert_eq!(failure.to_string(), "cannot run no-such-program");
    }
}
