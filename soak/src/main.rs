//! Clients that a gateway has to outlast: `soak GATEWAY SECONDS`, which `cargo xtask soak` builds and runs.
//!
//! It starts the program GATEWAY three times: with a limit that nobody reaches, with one that has been spent, and with an
//! upstream whose responses are large. It asks for all that there is to ask, and holds each response against what was
//! asked. It exits with 1 when something is
//! wrong. It needs Linux, whose `/proc` says what a process holds.

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a command line tool speaks on its standard streams"
)]

mod cases;
mod client;
mod gateway;
mod judge;
mod memory;
mod message;
mod proc_files;
mod report;
mod run;
mod soak;
mod traffic;
mod upstream;
mod watched;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<_> = env::args().skip(1).collect();
    let [program, seconds] = &words[..] else {
        eprintln!("usage: soak GATEWAY SECONDS");
        return ExitCode::from(2);
    };
    let Ok(seconds @ 1..) = seconds.parse() else {
        eprintln!("soak: {seconds} is no number of seconds");
        return ExitCode::from(2);
    };
    match run::run(&PathBuf::from(program), Duration::from_secs(seconds)).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}
