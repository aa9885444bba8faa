//! Runs the project's own tasks as `cargo xtask TASK`, with the same result in every checkout.
//!
//! `test` is the one command that a fresh Debian or Ubuntu machine needs after cargo: it installs what is missing and
//! runs every test. What a well-kept tool does is not here: `.ci/run` calls those.
//!
//! A task stops at its first failing step, names that step, and exits with its status.

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a command line tool speaks on its standard streams"
)]

mod budget;
mod command;
mod failure;
mod fuzz;
mod load;
mod mutants;
mod packages;
mod pinned;
mod plot;
mod prerequisites;
mod servers;
mod soak;
mod test;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use crate::failure::Failure;

fn main() -> ExitCode {
    let words: Vec<String> = env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    match run(&words.join(" ")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(task: &str) -> Result<(), Failure> {
    let minutes = task
        .strip_prefix("fuzz ")
        .and_then(|text| text.parse().ok());
    if let Some(minutes) = minutes {
        return fuzz::run(minutes);
    }
    if let Some(revision) = task.strip_prefix("mutants ") {
        return mutants::run(revision);
    }
    match task {
        "" | "help" | "-h" | "--help" => {
            print!("{USAGE}");
            Ok(())
        }
        "budget" => budget::run(),
        "load" => load::run(),
        "plot" => plot::run(),
        "soak" => soak::run(None),
        "test" => test::run(false),
        "test --long" => test::run(true),
        other => match other.strip_prefix("soak ") {
            Some(seconds) if seconds.parse::<u32>().is_ok() => soak::run(Some(seconds)),
            _ => Err(Failure::UnknownTask {
                task: other.to_owned(),
            }),
        },
    }
}

/// Prints the failure and what caused it, each level once.
fn report(failure: &Failure) {
    eprint!("xtask: {failure}");
    let mut cause = failure.source();
    while let Some(error) = cause {
        eprint!(": {error}");
        cause = error.source();
    }
    eprintln!();
}

const USAGE: &str = "\
usage: cargo xtask TASK

  test         install what the tests need, run every test and doctest, check the benches
  test --long  the same, and then those that find more the longer they run
  budget       count what a request costs, and compare it with its limits
  fuzz MINUTES run every fuzz target, all of them within that time
  mutants REV  change the code that differs from a revision, in one place at a time, and expect a test to fail
  load         load the gateway with its layers and without, and compare
  soak SECONDS load the examples with well-behaved and hostile clients, and let fail what is behind them; 60 by default
  plot         draw what a request and a key cost, and put the figures into the README
  help         print this text
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_task_is_one_line_and_status_2() {
        for task in [
            "tests",
            "test --release",
            "test features",
            "fuzz long",
            "soak 1m",
        ] {
            let failure = run(task).unwrap_err();

            assert_eq!(failure.exit_code(), 2, "{task}");
            assert_eq!(failure.to_string().lines().count(), 1, "{task}");
            assert!(failure.to_string().contains(task), "{failure}");
        }
    }

    #[test]
    fn prints_its_usage_without_a_task() {
        assert!(run("").is_ok());
        assert!(run("help").is_ok());
    }
}
