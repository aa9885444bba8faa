//! `cargo xtask test`: sets the machine up, then runs every test once; with `--long`, then for longer what finds more the
//! longer it runs.

use crate::command::{cargo, step};
use crate::failure::Failure;
use crate::{packages, prerequisites, servers};

/// Installs what is missing and runs the steps in order, up to the first that fails.
///
/// # Errors
///
/// When something cannot be installed or a step fails.
pub(crate) fn run(is_long: bool) -> Result<(), Failure> {
    prerequisites::install()?;
    servers::install()?;
    packages::install()?;
    for (name, args) in STEPS {
        step(name, &mut cargo(args))?;
    }
    for (release, program) in servers::SERVERS {
        let mut tests = cargo(&SHARED_LIMITS);
        tests.env("EDGE_REDIS_SERVER", servers::path(program));
        step(&format!("shared limits on {release}"), &mut tests)?;
    }
    schedules(2000)?;
    if is_long {
        schedules(100_000)?;
        let mut histories = cargo(&HISTORIES);
        histories.env("EDGE_HISTORY_RUNS", "1000");
        let name = "1,000 histories of machines and a Redis that fail";
        step(name, &mut histories)?;
        let mut balance = cargo(&BALANCE);
        balance.env("EDGE_BALANCE_REQUESTS", "100000");
        step("100,000 requests of each kind leave nothing", &mut balance)?;
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
const SHARED_LIMITS: [&str; 17] = [
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
    // Redis 6.2 replies too seldom while it loads.
    "--skip=a_primary_that_loads_its_data",
    // These ask the server for long, and others for the same.
    "--skip=a_client_that_sends_more",
    "--skip=a_password_that_was_wrong",
];

/// What threads of a store share, under schedules that shuttle draws. It is another build of the crate, in a folder of its
/// own, and optimized, as each schedule runs it anew.
fn schedules(count: u32) -> Result<(), Failure> {
    let mut tests = cargo(&SCHEDULES);
    tests.env("RUSTFLAGS", "--cfg shuttle");
    tests.env("CARGO_PROFILE_TEST_OPT_LEVEL", "2");
    tests.env("SCHEDULES", count.to_string());
    step(
        &format!("{count} schedules of each shared part"),
        &mut tests,
    )
}

const SCHEDULES: [&str; 6] = [
    "test",
    "--package=tower-edge-redis",
    "--lib",
    "--target-dir=target/shuttle",
    "--",
    "schedules::",
];

/// Optimized, as these are three million requests.
const BALANCE: [&str; 4] = [
    "test",
    "--profile=soak",
    "--package=tower-edge-tests",
    "--test=balance",
];

const HISTORIES: [&str; 5] = [
    "test",
    "--package=tower-edge-tests",
    "--test=history",
    "--",
    "--nocapture",
];
