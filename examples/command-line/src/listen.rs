use std::io;
use std::io::Write;
use std::net::SocketAddr;

use tokio::net::TcpListener;
use tower_edge::BoxError;

use crate::cannot;

/// Binds the port that a server listens on.
///
/// # Errors
///
/// When the address is in use, or is none of this machine.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BoxError> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(cannot(format!("listen on {address}")))
}

/// Prints on stdout where a server listens.
///
/// Call [`shutdown_signal`](tower_edge::server::shutdown_signal) first: whoever reads the line may send SIGTERM.
pub fn announce(listener: &TcpListener) {
    // Whoever started the program may have closed the pipe; it serves all the same.
    let _ = listener
        .local_addr()
        .and_then(|address| writeln!(io::stdout(), "listening on http://{address}"));
}
