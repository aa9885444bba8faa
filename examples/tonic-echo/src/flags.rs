//! The command line.

use std::io;
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;

/// A gRPC service with the five layers of tower-edge.
#[derive(Debug, Parser)]
pub(crate) struct Flags {
    /// Where to listen; port 0 is any that is free
    #[arg(
        long,
        value_name = "ADDR:PORT",
        value_parser = address,
        default_value = "127.0.0.1:50051",
        allow_hyphen_values = true
    )]
    pub(crate) listen: SocketAddr,
}

impl Flags {
    /// The flags that the program was started with.
    ///
    /// # Errors
    ///
    /// When it is over before it began: 2 for a flag that is not valid, which a line on stderr tells,
    /// and success for `--help`.
    pub(crate) fn from_command_line() -> Result<Self, ExitCode> {
        Self::try_parse().map_err(|error| {
            if error.use_stderr() {
                let _ = writeln!(io::stderr(), "{}", one_line(&error.to_string()));
                ExitCode::from(2)
            } else {
                let _ = error.print();
                ExitCode::SUCCESS
            }
        })
    }
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "an address and a port are valid, as in 127.0.0.1:50051 or [::1]:0")
}

/// An error as clap words it, less the pointer to `--help`; its paragraphs are parted by semicolons.
fn one_line(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| {
        let words: Vec<_> = paragraph.split_whitespace().collect();
        words.join(" ")
    });
    let told: Vec<_> = paragraphs
        .filter(|paragraph| !paragraph.is_empty() && !paragraph.starts_with("For more information"))
        .collect();
    told.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_one_line() {
        for mistake in [
            &["--listen", "a\n\nb"][..],
            &["--listen"],
            &["--lisen", "x"],
            &["stray"],
        ] {
            let flags = ["tonic-echo"].iter().chain(mistake);
            let error = Flags::try_parse_from(flags).unwrap_err();

            let line = one_line(&error.to_string());

            assert_eq!(line.lines().count(), 1, "{line}");
            assert!(line.contains(mistake[0]), "{line}");
        }
    }
}
