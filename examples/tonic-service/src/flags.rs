//! The command line.

use std::io;
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use tonic::transport::Endpoint;

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

    /// Where edge.Upstream is; by default inside of this process
    #[arg(long, value_name = "URL", value_parser = endpoint, allow_hyphen_values = true)]
    pub(crate) upstream: Option<Endpoint>,
}

impl Flags {
    /// The flags that the program was started with.
    ///
    /// # Errors
    ///
    /// The exit status: 2 for an invalid flag, with one line on stderr, and success for `--help`.
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
        .map_err(|_| "expected an address and a port, such as 127.0.0.1:50051 or [::1]:0")
}

fn endpoint(text: &str) -> Result<Endpoint, &'static str> {
    let endpoint: Option<Endpoint> = text.parse().ok();
    endpoint
        .filter(|endpoint| endpoint.uri().scheme_str() == Some("http"))
        .ok_or("expected an http URL, such as http://127.0.0.1:50052")
}

/// An error of clap without its last paragraph, which points to `--help`. Semicolons separate the others.
fn one_line(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| {
        let words: Vec<_> = paragraph.split_whitespace().collect();
        words.join(" ")
    });
    let kept: Vec<_> = paragraphs
        .filter(|paragraph| !paragraph.is_empty() && !paragraph.starts_with("For more information"))
        .collect();
    kept.join("; ")
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
            &["--upstream", "127.0.0.1:1"],
            &["stray"],
        ] {
            let flags = ["tonic-service"].iter().chain(mistake);
            let error = Flags::try_parse_from(flags).unwrap_err();

            let line = one_line(&error.to_string());

            assert_eq!(line.lines().count(), 1, "{line}");
            assert!(line.contains(mistake[0]), "{line}");
        }
    }
}
