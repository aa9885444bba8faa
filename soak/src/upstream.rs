//! What is behind the third gateway: responses that are larger than what sockets hold.

use std::io;
use std::net::SocketAddr;
use std::sync::LazyLock;

use bytes::Bytes;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What `/ok` responds with: as much JSON as the gateway collects, nearly.
pub(crate) static JSON: LazyLock<Bytes> =
    LazyLock::new(|| Bytes::from(format!("{{\"text\":\"{}\"}}", "soak ".repeat(180_000))));

/// What `/stream` responds with: more than Linux buffers of a connection, of which each part differs from its neighbours.
pub(crate) static STREAM: LazyLock<Bytes> = LazyLock::new(|| {
    let text: String = (0..1_000_000).map(|n| format!("{n:07}\n")).collect();
    Bytes::from(text)
});

/// Serves until the process ends.
pub(crate) async fn start() -> io::Result<SocketAddr> {
    // The first client would wait for them.
    for body in [&JSON, &STREAM] {
        LazyLock::force(body);
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A gateway may leave before the end, as its client did.
            tokio::spawn(async move { serve(stream).await.ok() });
        }
    });
    Ok(address)
}

/// One request, and then the end.
async fn serve(stream: TcpStream) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let body = if line.contains("/stream ") {
        &*STREAM
    } else {
        &*JSON
    };
    while line != "\r\n" {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
    }
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    stream.shutdown().await
}
