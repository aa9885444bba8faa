//! What the tests need beyond cargo.
//!
//! A machine without any linker cannot build this program either, so `.ci/run` looks for `cc` before it calls a task.
//! It is listed all the same, for a machine that is set up to link this program by another name.

use std::process::{Command, Stdio};

use crate::apt;
use crate::command::on_path;
use crate::failure::Failure;

/// One program that must be on the `PATH`.
#[derive(Debug)]
pub(crate) struct Need {
    tool: &'static str,
    packages: &'static [&'static str],
    purpose: &'static str,
}

/// The whole list; a new need is a new row.
const NEEDS: &[Need] = &[
    Need {
        tool: "cc",
        packages: &["gcc", "libc6-dev"],
        purpose: "link every test",
    },
    Need {
        tool: "valgrind",
        packages: &["valgrind"],
        purpose: "count the instructions of a request",
    },
    Need {
        tool: "node",
        packages: &["nodejs"],
        purpose: "run the documents' JavaScript clients",
    },
    Need {
        tool: PYTHON,
        packages: &["python3", "python3-requests"],
        purpose: "run the documents' Python clients",
    },
    Need {
        tool: "redis-server",
        packages: &["redis-server"],
        purpose: "count limits that machines share",
    },
];

const PYTHON: &str = "python3 with requests";

/// What fuzzing needs besides.
const FUZZ: &[Need] = &[Need {
    tool: "c++",
    packages: &["g++"],
    purpose: "build libFuzzer",
}];

/// What loading a server needs besides.
const LOAD: &[Need] = &[Need {
    tool: "wrk",
    packages: &["wrk"],
    purpose: "load the gateway",
}];

/// Installs what is missing; does nothing when all is there.
///
/// # Errors
///
/// When something is missing and this machine has no apt-get, or gives this user no right to use it, or when the
/// installation fails.
pub(crate) fn meet() -> Result<(), Failure> {
    meet_all(NEEDS)
}

/// The same for `cargo xtask fuzz`.
///
/// # Errors
///
/// As above.
pub(crate) fn meet_for_fuzz() -> Result<(), Failure> {
    meet_all(FUZZ)
}

/// The same for `cargo xtask load`.
///
/// # Errors
///
/// As above.
pub(crate) fn meet_for_load() -> Result<(), Failure> {
    meet_all(LOAD)
}

fn meet_all(needs: &'static [Need]) -> Result<(), Failure> {
    let missing = missing(needs, is_there);
    if missing.is_empty() {
        return Ok(());
    }
    if !apt::install(&packages(&missing))? {
        return Err(Failure::Needs { missing });
    }

    let missing = self::missing(needs, is_there);
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Failure::Needs { missing })
    }
}

/// Says what to install, for whom this program cannot do it.
pub(crate) fn advice(missing: &[&Need]) -> String {
    let mut advice = String::from("install what is missing, then try again");
    for Need {
        tool,
        packages,
        purpose,
    } in missing
    {
        let packages = packages.join(" ");
        advice += &format!("\n  {tool}, to {purpose} (Debian, Ubuntu: apt-get install {packages})");
    }
    advice
}

fn missing(needs: &[Need], is_there: impl Fn(&str) -> bool) -> Vec<&Need> {
    needs.iter().filter(|need| !is_there(need.tool)).collect()
}

fn is_there(tool: &str) -> bool {
    if tool == PYTHON {
        // The machine's own stands last: that is the one that apt-get gives the module to.
        ["python3", "/usr/bin/python3"]
            .into_iter()
            .any(has_requests)
    } else {
        on_path(tool)
    }
}

fn has_requests(python: &str) -> bool {
    Command::new(python)
        .args(["-c", "import requests"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn packages(missing: &[&Need]) -> Vec<&'static str> {
    let mut packages: Vec<_> = missing
        .iter()
        .flat_map(|need| need.packages)
        .copied()
        .collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[Need] = &[
        Need {
            tool: "cc",
            packages: &["gcc", "libc6-dev"],
            purpose: "link",
        },
        Need {
            tool: "valgrind",
            packages: &["valgrind", "libc6-dev"],
            purpose: "count",
        },
    ];

    #[test]
    fn lists_only_what_is_not_there() {
        let missing = missing(TWO, |tool| tool == "cc");

        assert_eq!(
            missing.iter().map(|need| need.tool).collect::<Vec<_>>(),
            ["valgrind"]
        );
    }

    #[test]
    fn lists_nothing_when_all_is_there() {
        assert!(missing(TWO, |_| true).is_empty());
    }

    #[test]
    fn asks_for_a_package_once_though_two_tools_need_it() {
        assert_eq!(
            packages(&missing(TWO, |_| false)),
            ["gcc", "libc6-dev", "valgrind"]
        );
    }

    #[test]
    fn advises_on_each_tool_with_its_packages_and_purpose() {
        let advice = advice(&missing(TWO, |tool| tool == "valgrind"));

        assert_eq!(
            advice.lines().skip(1).collect::<Vec<_>>(),
            ["  cc, to link (Debian, Ubuntu: apt-get install gcc libc6-dev)"]
        );
    }
}
