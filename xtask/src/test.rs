//! `cargo xtask test`: sets the machine up, then runs every test once.

use crate::command::{cargo, step};
use crate::failure::Failure;
use crate::{prerequisites, servers};

/// Installs what is missing and runs the steps in order, up to the first that fails.
///
/// # Errors
///
/// When something cannot be installed or a step fails.
pub(crate) fn run() -> Result<(), Failure> {
    prerequisites::install()?;
    servers::install()?;
    for (name, args) in STEPS {
        step(name, &mut cargo(args))?;
    }
    for (release, program) in servers::SERVERS {
        let mut tests = cargo(&SHARED_LIMITS);
        tests.env("EDGE_REDIS_SERVER", servers::path(program));
        step(&format!("shared limits on {release}"), &mut tests)?;
    }
    Ok(())
}

/// Plain `cargo test` would run the doctests in the first step; `--tests` leaves them to the second. Benches are
/// checked, not built: their time is spent by who measures.
const STEPS: [(&str, &[&str]); 3] = [
    (
        "unit, integration and example tests",
        &[
            "test",
            "--workspace",
            "--all-features",
            "--tests",
            "--examples",
        ],
    ),
    (
        "documentation tests",
        &["test", "--workspace", "--all-features", "--doc"],
    ),
    (
        "benches compile",
        &["check", "--workspace", "--all-features", "--benches"],
    ),
];

/// What depends on the server: what its scripts decide, what it refuses and how, clusters, and clocks. The first step
/// has run all of them on the `redis-server` of the `PATH`.
const SHARED_LIMITS: [&str; 16] = [
    "test",
    "--workspace",
    "--all-features",
    "--test=redis",
    "--test=stores",
    "--",
    "redis::exact",
    "redis::clustered::requests",
    "clock_steps::",
    "clocks::",
    "cluster::",
    "failover::",
    "refusals::",
    "resets::",
    // These ask the server for long, and others for the same.
    "--skip=a_client_that_sends_more",
    "--skip=a_password_that_was_wrong",
];
