//! Runs the project's chores as `cargo xtask TASK`, with the same result in every checkout.
//!
//! `test` is the one command that a fresh Debian or Ubuntu machine needs after cargo: it installs what is missing and
//! runs every test. `features` holds what neither the compiler nor the tests would notice. The linters are in `.ci/run`,
//! which calls these tasks too.
//!
//! A task stops at its first failing step, says which one that was, and exits with that step's status.

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a command line tool speaks on its standard streams"
)]

mod command;
mod failure;
mod features;
mod fuzz;
mod gates;
mod load;
mod measure;
mod plot;
mod prerequisites;
mod proc_stat;
mod rustc;
mod soak;
mod test;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use crate::failure::Failure;

fn main() -> ExitCode {
    if rustc::is_wanted() {
        let arguments: Vec<_> = env::args_os().skip(1).collect();
        return ended(rustc::run(&arguments));
    }
    let words: Vec<String> = env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    ended(run(&words.join(" ")))
}

fn ended(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(task: &str) -> Result<(), Failure> {
    match task {
        "" | "help" | "-h" | "--help" => {
            print!("{USAGE}");
            Ok(())
        }
        "features" => features::run(),
        "fuzz" => fuzz::run(),
        "gates" => gates::run(),
        "load" => load::run(),
        "plot" => plot::run(),
        "test" => test::run(),
        other => match soak::seconds(other) {
            Some(seconds) => soak::run(seconds),
            None => Err(Failure::UnknownTask {
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

  test      install what the tests need, run every test and doctest, check the benches
  features  lint each published crate without features, with each one alone, and with all
  fuzz      feed every parser of what clients send with what none should send, for ten seconds each
  gates     count what a request costs, and compare with what it may cost
  load      load the gateway with its layers and without, and compare
  plot      draw what a request and a key cost, and put the figures into the README
  soak      ask the gateway for everything at once, for 60 seconds or for as many as are named: soak 5
  help      print this text
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_an_unknown_task_with_one_line_and_status_2() {
        for task in ["tests", "test --release", "test features", "soak for ever"] {
            let failure = run(task).unwrap_err();

            assert_eq!(failure.exit_code(), 2, "{task}");
            assert_eq!(failure.to_string().lines().count(), 1, "{task}");
            assert!(failure.to_string().contains(task), "{failure}");
        }
    }

    #[test]
    fn prints_its_usage_when_asked_for_nothing() {
        assert!(run("").is_ok());
        assert!(run("help").is_ok());
    }
}
