use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

/// A network to one server, with a fault that can be set.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    fault: watch::Sender<Fault>,
}

/// What becomes of replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// Each comes so much later.
    Latency(Duration),
    /// None comes. Connections are accepted.
    BlackHole,
    /// So many bytes come over each connection, and then it is closed.
    Cut(usize),
}

impl Proxy {
    /// Passes connections on to this address, without a fault, until the process ends.
    pub(crate) async fn start(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (sender, fault) = watch::channel(Fault::None);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // Each side may leave at any time.
                let fault = fault.clone();
                tokio::spawn(async move { pass_on(client, server, fault).await.ok() });
            }
        });
        Ok(Self {
            address,
            fault: sender,
        })
    }

    /// Sets the fault of all connections, those that are open too.
    pub(super) fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }
}

/// Passes on in both directions, until one side has ended.
async fn pass_on(
    client: TcpStream,
    server: SocketAddr,
    mut fault: watch::Receiver<Fault>,
) -> io::Result<()> {
    lose(&mut fault).await;
    let server = TcpStream::connect(server).await?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let (mut requests, to_client) = client.into_split();
    let (replies, mut to_server) = server.into_split();
    let requests = async move {
        copy(&mut requests, &mut to_server).await?;
        to_server.shutdown().await?;
        // The reply is still to come.
        std::future::pending().await
    };
    tokio::select! {
        ended = requests => ended,
        ended = pass_replies(replies, to_client, fault) => ended,
    }
}

/// Waits while everything is lost.
async fn lose(fault: &mut watch::Receiver<Fault>) {
    // Nobody sets a fault any more when the process ends.
    let _ = fault.wait_for(|fault| *fault != Fault::BlackHole).await;
}

async fn pass_replies(
    mut replies: OwnedReadHalf,
    client: OwnedWriteHalf,
    fault: watch::Receiver<Fault>,
) -> io::Result<()> {
    let (queue, queued) = mpsc::channel(QUEUE);
    let read = async move {
        loop {
            let mut bytes = vec![0; 64 * 1024];
            let length = replies.read(&mut bytes).await?;
            bytes.truncate(length);
            if length == 0 || queue.send((Instant::now(), bytes)).await.is_err() {
                return io::Result::Ok(());
            }
        }
    };
    tokio::select! {
        ended = write(queued, client, fault) => ended,
        Err(error) = read => Err(error),
    }
}

/// Writes what was read, each part so long after it came as the fault says.
async fn write(
    mut queued: mpsc::Receiver<(Instant, Vec<u8>)>,
    mut client: OwnedWriteHalf,
    mut fault: watch::Receiver<Fault>,
) -> io::Result<()> {
    let mut passed = 0;
    while let Some((came, bytes)) = queued.recv().await {
        if fault.has_changed().unwrap_or_default() {
            passed = 0;
        }
        let current = *fault.borrow_and_update();
        match current {
            Fault::None => client.write_all(&bytes).await?,
            Fault::Latency(latency) => {
                sleep_until(came + latency).await;
                client.write_all(&bytes).await?;
            }
            Fault::BlackHole => {
                lose(&mut fault).await;
                return Ok(());
            }
            Fault::Cut(most) => {
                let part = bytes.len().min(most - passed);
                client.write_all(&bytes[..part]).await?;
                passed += part;
                if passed == most {
                    break;
                }
            }
        }
    }
    client.shutdown().await
}

/// Parts that are on their way.
const QUEUE: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that responds to each byte with `hello`, behind a proxy.
    async fn proxy() -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    while stream.read_u8().await.is_ok() {
                        stream.write_all(b"hello").await.unwrap();
                    }
                });
            }
        });
        Proxy::start(address).await.unwrap()
    }

    /// What comes over a new connection after one byte was sent, up to its end.
    async fn reply(proxy: &Proxy) -> Vec<u8> {
        let mut stream = TcpStream::connect(proxy.address).await.unwrap();
        stream.write_all(b"a").await.unwrap();
        stream.shutdown().await.unwrap();
        let mut read = Vec::new();
        stream.read_to_end(&mut read).await.unwrap();
        read
    }

    #[tokio::test]
    async fn passes_all_on_without_a_fault() {
        assert_eq!(reply(&proxy().await).await, b"hello");
    }

    #[tokio::test]
    async fn cuts_replies_and_passes_them_on_afterwards() {
        let proxy = proxy().await;

        proxy.set(Fault::Cut(2));
        assert_eq!(reply(&proxy).await, b"he");
        proxy.set(Fault::None);
        assert_eq!(reply(&proxy).await, b"hello");
    }

    #[tokio::test]
    async fn a_black_hole_swallows_the_reply_on_an_open_connection() {
        let proxy = proxy().await;
        let mut stream = TcpStream::connect(proxy.address).await.unwrap();
        stream.write_all(b"a").await.unwrap();
        let mut read = [0; 5];
        stream.read_exact(&mut read).await.unwrap();

        proxy.set(Fault::BlackHole);
        stream.write_all(b"a").await.unwrap();
        let reads = stream.read_exact(&mut read);
        let lost = tokio::time::timeout(Duration::from_millis(100), reads).await;

        assert!(lost.is_err());
    }

    #[tokio::test]
    async fn each_reply_is_late_by_its_latency() {
        let proxy = proxy().await;
        let latency = Duration::from_millis(50);
        proxy.set(Fault::Latency(latency));
        let mut stream = TcpStream::connect(proxy.address).await.unwrap();

        for _ in 0..3 {
            let started = Instant::now();
            stream.write_all(b"a").await.unwrap();
            let mut read = [0; 5];
            stream.read_exact(&mut read).await.unwrap();

            assert!(started.elapsed() >= latency);
        }
    }
}
