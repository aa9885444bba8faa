use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::{fs, io};

use crate::command::build_release;
use crate::failure::Failure;
use crate::proc_stat;

/// The gateway, serving on a port of its own until it is dropped. It logs nothing.
#[derive(Debug)]
pub(super) struct Gateway {
    child: Child,
    pub(super) address: String,
}

/// The program, built anew.
///
/// # Errors
///
/// When it cannot be built.
pub(super) fn build() -> Result<PathBuf, Failure> {
    let folder = build_release("build the gateway", &["--package", "gateway"])?;
    Ok(folder.join("gateway"))
}

impl Gateway {
    /// # Errors
    ///
    /// When it does not say where it listens.
    pub(super) fn start(program: &PathBuf, flags: &[&str]) -> Result<Self, Failure> {
        let failure = |cause| Failure::Start {
            program: "gateway".to_owned(),
            cause,
        };
        let mut child = Command::new(program)
            .args(["--listen", "127.0.0.1:0"])
            .args(flags)
            .env("RUST_LOG", "off")
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failure)?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout)
                .read_line(&mut line)
                .map_err(failure)?;
        }
        match line.trim().strip_prefix("listening on ") {
            Some(address) => Ok(Self {
                address: address.to_owned(),
                child,
            }),
            None => Err(failure(io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// The CPU seconds that it has taken so far.
    ///
    /// # Errors
    ///
    /// When this machine does not tell.
    pub(super) fn cpu_seconds(&self) -> Result<f64, Failure> {
        let path = format!("/proc/{}/stat", self.child.id());
        let stat = fs::read_to_string(&path).map_err(|cause| Failure::Read { path, cause })?;
        proc_stat::own_seconds(&stat).ok_or(Failure::Measurement)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
