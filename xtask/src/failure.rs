//! Why a task did not succeed.

use std::error::Error;
use std::process::ExitStatus;
use std::{fmt, io};

use crate::prerequisites::{self, Prerequisite};

/// Ends a task; the first one met is the one reported.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line named no task.
    UnknownTask { task: String },
    /// A program could not be started, or its output not be read.
    Start { program: String, cause: io::Error },
    /// A step ran and failed.
    Step { name: String, status: ExitStatus },
    /// Tools are missing and could not be installed.
    Prerequisites { missing: Vec<&'static Prerequisite> },
    /// A source file could not be read.
    Read { path: String, cause: io::Error },
    /// A file could not be written.
    Write { path: String, cause: io::Error },
    /// A picture could not be drawn.
    Drawing(String),
    /// The README lacks the marks that the figures go between.
    Marks,
    /// A measurement printed what cannot be understood.
    Measurement,
}

impl Failure {
    /// A picture could not be drawn; its error holds a borrow, so its text is kept.
    pub(crate) fn drawing(cause: impl Error) -> Self {
        Self::Drawing(cause.to_string())
    }

    /// The status to exit with: the failing step's own where there is one.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::UnknownTask { .. } => 2,
            Self::Step { status, .. } => status
                .code()
                .and_then(|code| u8::try_from(code).ok())
                .unwrap_or(1),
            _ => 1,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownTask { task } => {
                write!(f, "no task `{task}`; `cargo xtask help` lists them")
            }
            Self::Start { program, .. } => write!(f, "cannot run {program}"),
            Self::Step { name, status } => write!(f, "step failed: {name} ({status})"),
            Self::Prerequisites { missing } => f.write_str(&prerequisites::advice(missing)),
            Self::Read { path, .. } => write!(f, "cannot read {path}"),
            Self::Write { path, .. } => write!(f, "cannot write {path}"),
            Self::Drawing(cause) => write!(f, "cannot draw: {cause}"),
            Self::Marks => f.write_str("README.md lacks the marks that figures go between"),
            Self::Measurement => f.write_str("cannot understand what was measured"),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Start { cause, .. } | Self::Read { cause, .. } | Self::Write { cause, .. } => {
                Some(cause)
            }
            _ => None,
        }
    }
}
