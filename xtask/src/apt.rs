//! Installs packages on Debian and Ubuntu, without a question.

use std::process::{Command, Stdio};

use crate::command::{on_path, output, step};
use crate::failure::Failure;

/// Installs the packages; false when this machine has no apt-get, or this user no right to use it.
///
/// # Errors
///
/// When apt-get fails.
pub(crate) fn install(packages: &[&str]) -> Result<bool, Failure> {
    let Some(rights) = Rights::find() else {
        return Ok(false);
    };
    step("apt-get update", rights.apt_get().args(["update", "-qq"]))?;
    step(
        &format!("apt-get install {}", packages.join(" ")),
        rights
            .apt_get()
            .args(["install", "-qq", "--yes", "--no-install-recommends"])
            .args(packages),
    )?;
    for server in packages.iter().filter(|package| SERVERS.contains(package)) {
        rights.stop(server)?;
    }
    Ok(true)
}

/// By which right packages may be installed.
#[derive(Clone, Copy, Debug)]
enum Rights {
    Root,
    Sudo,
}

impl Rights {
    fn find() -> Option<Self> {
        if !on_path("apt-get") {
            None
        } else if is_root() {
            Some(Self::Root)
        } else if sudo_asks_for_nothing() {
            Some(Self::Sudo)
        } else {
            None
        }
    }

    /// Asks nothing, and waits for another installation rather than failing beside it.
    fn apt_get(self) -> Command {
        let mut command = self.env();
        command.args([
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "-oDPkg::Lock::Timeout=120",
        ]);
        command
    }

    /// Stops what a package has started, for now and after the next start of the machine.
    fn stop(self, server: &str) -> Result<(), Failure> {
        step(
            &format!("stop {server}, which its package has started"),
            self.env().args(["sh", "-c", STOP, "sh", server]),
        )
    }

    fn env(self) -> Command {
        let mut command = match self {
            Self::Root => Command::new("env"),
            Self::Sudo => {
                let mut sudo = Command::new("sudo");
                sudo.args(["--non-interactive", "env"]);
                sudo
            }
        };
        command.stdin(Stdio::null());
        command
    }
}

fn is_root() -> bool {
    output("id -u", Command::new("id").arg("-u")).is_ok_and(|id| id.trim_ascii() == b"0")
}

fn sudo_asks_for_nothing() -> bool {
    Command::new("sudo")
        .args(["--non-interactive", "true"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Packages that start a server of their own name, while each test starts its own.
const SERVERS: &[&str] = &["redis-server"];
/// A container has no services to stop, which is as well.
const STOP: &str = r#"service "$1" stop; update-rc.d "$1" disable; true"#;
