use std::error::Error;
use std::{fmt, io};

#[cfg(any(feature = "server", feature = "timeout"))]
use tower_edge_core::BoxError;
use tower_edge_core::http_ext::error_chain;
use tower_edge_core::{Kind, Problem};

use super::classify::classify;

/// How a call of an upstream failed. It is more precise than the [`Kind`] of the problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UpstreamFailure {
    /// The upstream took too long: to connect, to respond, or to send its body.
    Timeout,
    /// No connection could be made.
    Unreachable,
    /// The name of the upstream has no address.
    Dns,
    /// The connection could not be secured, or its certificate is not trusted.
    Tls,
    /// The connection or the stream broke off.
    Reset,
    /// The upstream sent something other than HTTP.
    Protocol,
    /// The upstream refused the stream before it did anything: the call may be made again.
    Refused,
    /// This side gave the call up, for example since an idle connection had been closed.
    Cancelled,
}

impl UpstreamFailure {
    /// Classifies an error of an upstream's client by its type and by those of its causes. `None` means an error that
    /// is not about an upstream, or of an unknown type.
    ///
    /// ```
    /// use std::io;
    ///
    /// use tower_edge::UpstreamFailure;
    ///
    /// let reset = io::Error::from(io::ErrorKind::ConnectionReset);
    ///
    /// assert_eq!(UpstreamFailure::of(&reset), Some(UpstreamFailure::Reset));
    /// ```
    ///
    /// A timeout anywhere in the chain goes first, since a connection that took too long is reported as one that
    /// failed. Known errors are those of [`std::io`], and of the crates whose features are on.
    #[must_use]
    pub fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut connecting = None;
        let mut deepest = None;
        for error in error_chain(error) {
            match failure_of(error, connecting.is_some()) {
                Some(Self::Timeout) => return Some(Self::Timeout),
                Some(failure @ (Self::Unreachable | Self::Dns | Self::Tls)) => {
                    connecting = Some(failure);
                }
                // The deepest error is the closest to the cause.
                Some(failure) => deepest = Some(failure),
                None => {}
            }
        }
        connecting.or(deepest)
    }

    /// The kind of a problem with this failure.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Timeout => Kind::UpstreamTimeout,
            Self::Unreachable | Self::Dns | Self::Tls => Kind::UpstreamUnreachable,
            Self::Reset | Self::Protocol | Self::Cancelled => Kind::UpstreamError,
            Self::Refused => Kind::Unavailable,
        }
    }

    /// The name in lower snake case, such as `unreachable`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Dns => "dns",
            Self::Tls => "tls",
            Self::Reset => "reset",
            Self::Protocol => "protocol",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for UpstreamFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error of a request's body, for those who read the request. One of a connection is a bad request: the same type
/// comes from an upstream's connection, and nothing in it says which of the two failed.
#[cfg(any(feature = "server", feature = "timeout"))]
pub(crate) fn of_request_body(error: BoxError) -> BoxError {
    if error.is::<Problem>() || UpstreamFailure::of(&*error).is_none() {
        return error;
    }
    Problem::new(Kind::BadRequest).with_source(error).into()
}

/// Whether no connection was made, according to the client. Errors of the system do not show it, since an established
/// connection fails with them too.
#[cfg(feature = "client")]
pub(crate) fn is_of_connecting(error: &(dyn Error + 'static)) -> bool {
    error_chain(error)
        .filter_map(|error| classify(error)?.failure)
        .any(|failure| failure == UpstreamFailure::Unreachable)
}

fn failure_of(error: &(dyn Error + 'static), connecting: bool) -> Option<UpstreamFailure> {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        if connecting {
            of_connecting(error).or_else(|| of_io(error))
        } else {
            of_io(error)
        }
    } else if let Some(problem) = error.downcast_ref::<Problem>() {
        (problem.kind() == Kind::UpstreamTimeout).then_some(UpstreamFailure::Timeout)
    } else {
        classify(error)?.failure
    }
}

pub(crate) fn of_io(error: &io::Error) -> Option<UpstreamFailure> {
    use io::ErrorKind as E;
    match error.kind() {
        E::TimedOut => Some(UpstreamFailure::Timeout),
        E::AddrNotAvailable
        | E::ConnectionRefused
        | E::HostUnreachable
        | E::NetworkDown
        | E::NetworkUnreachable => Some(UpstreamFailure::Unreachable),
        E::BrokenPipe
        | E::ConnectionAborted
        | E::ConnectionReset
        | E::NotConnected
        | E::UnexpectedEof => Some(UpstreamFailure::Reset),
        _ => None,
    }
}

/// The failure of an error that occurs only while connecting. TCP has neither data nor an end yet, so both belong to a
/// handshake. An error of the resolver has a kind without a name, and no number.
fn of_connecting(error: &io::Error) -> Option<UpstreamFailure> {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => Some(UpstreamFailure::Tls),
        kind if kind == nameless() && error.raw_os_error().is_none() => Some(UpstreamFailure::Dns),
        _ => None,
    }
}

/// The kind of errors for which std has no name. It has no name itself.
fn nameless() -> io::ErrorKind {
    io::Error::from_raw_os_error(i32::MAX).kind()
}

#[cfg(feature = "envelope")]
#[cfg(test)]
mod tests;
