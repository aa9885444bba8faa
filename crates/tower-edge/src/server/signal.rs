use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Resolves at SIGTERM or Ctrl-C. Both are caught from now on and not only from the first poll, so that a
/// process that has just said where it listens can be stopped at once.
///
/// # Errors
///
/// When the system lets no signal be caught.
pub fn shutdown_signal() -> io::Result<impl Future<Output = ()> + Send> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(std::future::poll_fn(move |cx| {
        let interrupted = interrupt.poll_recv(cx).is_ready();
        let terminated = terminate.poll_recv(cx).is_ready();
        if interrupted || terminated {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    }))
}
