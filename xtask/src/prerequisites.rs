//! The programs that tasks need beyond cargo, and how Debian and Ubuntu install them.
//!
//! Nothing is installed where all of them are found. What is missing is listed before apt-get runs, and no service is
//! started: each test starts its own server.
//!
//! A machine without any linker cannot build this program, so `.ci/run` looks for `cc` first. The list has it all the
//! same, for a machine that links this program by another name.

use std::fmt::Write;
use std::process::{Command, Stdio};

use crate::command::{on_path, output, step};
use crate::failure::Failure;

/// A program that must be on the `PATH`.
#[derive(Debug)]
pub(crate) struct Prerequisite {
    program: &'static str,
    packages: &'static [&'static str],
    purpose: &'static str,
}

/// What the tests need. Whatever needs another program gets another row.
const TESTS: &[Prerequisite] = &[
    Prerequisite {
        program: "cc",
        packages: &["gcc", "libc6-dev"],
        purpose: "link every test",
    },
    Prerequisite {
        program: "chromium",
        packages: &["chromium"],
        purpose: "open the page of an error reference",
    },
    Prerequisite {
        program: "faketime",
        packages: &["faketime"],
        purpose: "set the clock of a server wrong",
    },
    Prerequisite {
        program: "node",
        packages: &["nodejs"],
        purpose: "run the JavaScript clients, and the compiler of TypeScript",
    },
    Prerequisite {
        program: "npm",
        packages: &["npm"],
        purpose: "install the SDK of MCP for TypeScript, its compiler, and what drives a browser",
    },
    Prerequisite {
        program: "prometheus",
        packages: &["prometheus"],
        purpose: "scrape the gateway, and test the alerts with its promtool",
    },
    Prerequisite {
        program: PYTHON,
        packages: &["python3", "python3-requests"],
        purpose: "run the Python clients",
    },
    Prerequisite {
        program: PIP,
        packages: &["python3-pip"],
        purpose: "install other releases of Redis, Valkey, the SDK of MCP for Python, and what reads OpenAPI",
    },
    REDIS,
];

/// What `cargo xtask budget` and `plot` need.
const BUDGET: &[Prerequisite] = &[Prerequisite {
    program: "valgrind",
    packages: &["valgrind"],
    purpose: "count the instructions of a request",
}];

/// What `cargo xtask load` needs.
const LOAD: &[Prerequisite] = &[Prerequisite {
    program: "wrk",
    packages: &["wrk"],
    purpose: "load the gateway",
}];

/// What `cargo xtask soak` needs.
const SOAK: &[Prerequisite] = &[REDIS];

const REDIS: Prerequisite = Prerequisite {
    program: "redis-server",
    packages: &["redis-server"],
    purpose: "test limits that processes share",
};
const PIP: &str = "python3 with pip";
const PYTHON: &str = "python3 with requests";
/// apt-get gives modules to the system's own python3, which another one may hide.
const PYTHONS: [&str; 2] = ["python3", "/usr/bin/python3"];

/// Installs what the tests need and this machine lacks.
///
/// # Errors
///
/// If something is missing, and apt-get is not there, fails, or may not be used by this user.
pub(crate) fn install() -> Result<(), Failure> {
    install_missing(TESTS)
}

/// Installs what `cargo xtask budget` and `plot` need and this machine lacks.
///
/// # Errors
///
/// As [`install`].
pub(crate) fn install_for_budget() -> Result<(), Failure> {
    install_missing(BUDGET)
}

/// Installs what `cargo xtask load` needs and this machine lacks.
///
/// # Errors
///
/// As [`install`].
pub(crate) fn install_for_load() -> Result<(), Failure> {
    install_missing(LOAD)
}

/// Installs what `cargo xtask soak` needs and this machine lacks.
///
/// # Errors
///
/// As [`install`].
pub(crate) fn install_for_soak() -> Result<(), Failure> {
    install_missing(SOAK)
}

/// pip, where it [is installed](install).
///
/// # Errors
///
/// If it is missing.
pub(crate) fn pip() -> Result<Command, Failure> {
    let Some(python) = python_with("pip") else {
        let missing = missing(TESTS, |program| program != PIP);
        return Err(Failure::Prerequisites { missing });
    };
    let mut pip = Command::new(python);
    pip.args(["-m", "pip"]);
    Ok(pip)
}

fn install_missing(list: &'static [Prerequisite]) -> Result<(), Failure> {
    let missing = missing(list, is_installed);
    if missing.is_empty() {
        return Ok(());
    }
    let Some(mut apt) = as_root().filter(|_| on_path("apt-get")) else {
        return Err(Failure::Prerequisites { missing });
    };

    let packages = packages(&missing);
    let names = packages.join(" ");
    println!("missing:{}", listed(&missing));
    println!("installing {names}; no service of theirs is started before the next boot");
    let install = apt.args(["sh", "-c", INSTALL, "sh"]).args(packages);
    step(&format!("apt-get install {names}"), install)?;

    let missing = self::missing(list, is_installed);
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Failure::Prerequisites { missing })
    }
}

/// Refreshes the package lists and installs the arguments. Asks nothing, and waits while another installation runs.
///
/// Debian asks `policy-rc.d` whether a package may start its service; 101 forbids it. A machine that has such a policy
/// keeps its own.
const INSTALL: &str = "\
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap 'rm -f $policy' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\\nexit 101\\n' >$policy
    chmod 755 $policy
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -o DPkg::Lock::Timeout=120 update -qq
apt-get -o DPkg::Lock::Timeout=120 install -qq --yes --no-install-recommends \"$@\"
";

/// Says what to install, where this program cannot do it.
pub(crate) fn advice(missing: &[&Prerequisite]) -> String {
    format!("install what is missing, then try again{}", listed(missing))
}

fn listed(missing: &[&Prerequisite]) -> String {
    missing.iter().fold(String::new(), |mut list, missing| {
        let Prerequisite {
            program, purpose, ..
        } = missing;
        let packages = missing.packages.join(" ");
        let _ = write!(
            list,
            "\n  {program}, to {purpose} (Debian, Ubuntu: apt-get install {packages})"
        );
        list
    })
}

fn missing(list: &[Prerequisite], is_installed: impl Fn(&str) -> bool) -> Vec<&Prerequisite> {
    list.iter()
        .filter(|prerequisite| !is_installed(prerequisite.program))
        .collect()
}

fn packages(missing: &[&Prerequisite]) -> Vec<&'static str> {
    let mut packages: Vec<_> = missing
        .iter()
        .flat_map(|missing| missing.packages)
        .copied()
        .collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

fn is_installed(program: &str) -> bool {
    match program {
        PIP => python_with("pip").is_some(),
        PYTHON => python_with("requests").is_some(),
        program => on_path(program),
    }
}

fn python_with(module: &str) -> Option<&'static str> {
    let import = format!("import {module}");
    PYTHONS
        .into_iter()
        .find(|python| succeeds(python, &["-c", &import]))
}

/// Runs what follows as root; `None` where that would ask for a password.
fn as_root() -> Option<Command> {
    let is_root =
        output("id -u", Command::new("id").arg("-u")).is_ok_and(|id| id.trim_ascii() == b"0");
    let mut command = Command::new(if is_root { "env" } else { "sudo" });
    if !is_root {
        succeeds("sudo", &["--non-interactive", "true"]).then_some(())?;
        command.arg("--non-interactive");
    }
    command.stdin(Stdio::null());
    Some(command)
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[Prerequisite] = &[
        Prerequisite {
            program: "cc",
            packages: &["gcc", "libc6-dev"],
            purpose: "link",
        },
        Prerequisite {
            program: "valgrind",
            packages: &["valgrind", "libc6-dev"],
            purpose: "count",
        },
    ];

    #[test]
    fn lists_only_what_is_missing() {
        let missing = missing(TWO, |program| program == "cc");

        assert_eq!(packages(&missing), ["libc6-dev", "valgrind"]);
    }

    #[test]
    fn a_machine_that_has_all_of_it_installs_nothing() {
        assert!(missing(TWO, |_| true).is_empty());
    }

    #[test]
    fn names_a_package_once_though_two_programs_need_it() {
        assert_eq!(
            packages(&missing(TWO, |_| false)),
            ["gcc", "libc6-dev", "valgrind"]
        );
    }

    #[test]
    fn advises_on_each_program_with_its_packages_and_purpose() {
        let advice = advice(&missing(TWO, |program| program == "valgrind"));

        assert_eq!(
            advice.lines().skip(1).collect::<Vec<_>>(),
            ["  cc, to link (Debian, Ubuntu: apt-get install gcc libc6-dev)"]
        );
    }
}
