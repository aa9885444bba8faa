//! The signals that stop the server.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Resolves at SIGTERM or Ctrl-C, which are caught from now on and not only from the first poll on.
///
/// # Errors
///
/// When the system lets no signal be caught.
pub(crate) fn stop() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
