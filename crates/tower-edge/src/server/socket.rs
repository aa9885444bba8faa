use tokio::net::TcpStream;

/// Sets what a server wants of a socket. One that refuses is slower, or is seen to be slow later.
pub(super) fn prepare(stream: &TcpStream) {
    // Small responses should not wait for more to come.
    let _ = stream.set_nodelay(true);
    limit_unsent(stream);
}

/// The system takes no more than this before the client has made room, so that the few bytes that a slow client takes
/// are seen. Without, it would take megabytes, and ask for more when a third of them has left.
#[cfg(any(target_os = "android", target_os = "linux"))]
fn limit_unsent(stream: &TcpStream) {
    let _ = socket2::SockRef::from(stream).set_tcp_notsent_lowat(UNSENT);
}

#[cfg(not(any(target_os = "android", target_os = "linux")))]
fn limit_unsent(_: &TcpStream) {}

#[cfg(any(target_os = "android", target_os = "linux"))]
const UNSENT: u32 = 64 * 1024;
