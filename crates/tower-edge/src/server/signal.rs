use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Resolves at SIGTERM or Ctrl-C. The process catches both from now on, not only from the first poll, so that it can
/// be stopped as soon as it has logged its address.
///
/// # Errors
///
/// When the system allows no signal to be caught.
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
