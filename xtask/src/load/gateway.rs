use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::{fs, io};

use crate::command::build_release;
use crate::failure::Failure;

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
    /// When this machine does not report it.
    pub(super) fn cpu_seconds(&self) -> Result<f64, Failure> {
        let path = format!("/proc/{}/stat", self.child.id());
        let stat = fs::read_to_string(&path).map_err(|cause| Failure::Read { path, cause })?;
        own_seconds(&stat).ok_or(Failure::Measurement)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The CPU seconds of the process itself, by Linux'
/// [`/proc/PID/stat`](https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html): the 14th and 15th field, in hundredths.
fn own_seconds(stat: &str) -> Option<f64> {
    // The second field is a name in parentheses, and may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(14 - 3);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_process_took() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 1 2 3 4 50 60 150 25 20 0 1 0 1 1 1";

        assert_eq!(own_seconds(stat), Some(1.1));
        assert_eq!(own_seconds("7 (a) S 1"), None);
    }
}
