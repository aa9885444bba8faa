//! Loads the examples with well-behaved and hostile clients at once: `cargo xtask soak 15` for fifteen seconds, or for a
//! minute without a number. Then, for as long again, lets fail what is behind them.
//!
//! It starts the gateway with a limit that nobody reaches, with a spent limit, and with an upstream whose responses are
//! large. Two gateways share a limit by Redis, which is killed, stopped and cut off. One has an upstream behind a network
//! that is slow, loses all, or breaks off. tonic-service has clients of gRPC. Each response is compared with its request,
//! and the program exits with 1 if anything is wrong. It needs Linux, whose `/proc` shows what a process holds, and
//! redis-server.

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a command line tool speaks on its standard streams"
)]

mod cases;
mod checks;
mod client;
mod faults;
mod grpc;
mod memory;
mod message;
mod proc_files;
mod report;
mod run;
mod server;
mod soak;
mod traffic;
mod upstream;
mod watched;

use std::process::ExitCode;
use std::time::Duration;
use std::{env, io};

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<_> = env::args().skip(1).collect();
    let Some(time) = time(&words) else {
        eprintln!("usage: soak [SECONDS]");
        return ExitCode::from(2);
    };
    match soak(time).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn soak(time: Duration) -> io::Result<bool> {
    run::run(time).await
}

/// How long to load the gateway; `None` if the arguments are no number of seconds.
fn time(words: &[String]) -> Option<Duration> {
    match words {
        [] => Some(DEFAULT_TIME),
        [seconds] => match seconds.parse() {
            Ok(seconds @ 1..) => Some(Duration::from_secs(seconds)),
            _ => None,
        },
        _ => None,
    }
}

/// Long enough for a leak to show, and for a server to end the clients that read nothing.
const DEFAULT_TIME: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    fn time_of(words: &[&str]) -> Option<Duration> {
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        time(&words)
    }

    #[test]
    fn takes_a_minute_unless_a_number_is_named() {
        assert_eq!(time_of(&[]), Some(Duration::from_secs(60)));
        assert_eq!(time_of(&["5"]), Some(Duration::from_secs(5)));
    }

    #[test]
    fn refuses_what_is_no_number_of_seconds() {
        for words in [&["0"][..], &["-1"], &["5s"], &[""], &["5", "6"]] {
            assert_eq!(time_of(words), None, "{words:?}");
        }
    }
}
