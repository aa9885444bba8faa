//! Why the proxy did not start.

use std::error::Error;
use std::net::SocketAddr;
use std::{fmt, io};

/// Why the proxy did not start.
#[derive(Debug)]
#[non_exhaustive]
pub(crate) enum StartError {
    /// The address is in use, or is none of this machine.
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
    /// The signals that stop the proxy cannot be caught.
    Signals(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { address, .. } => write!(f, "cannot listen on {address}"),
            Self::Signals(_) => f.write_str("cannot catch signals"),
        }
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Listen { cause, .. } | Self::Signals(cause) => Some(cause),
        }
    }
}
