//! The program of [`hyper_proxy`].

use std::process::ExitCode;

fn main() -> ExitCode {
    command_line::run(hyper_proxy::serve)
}
