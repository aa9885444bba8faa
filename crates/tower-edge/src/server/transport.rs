use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::activity::Activity;

/// The bytes of a connection. A write fails when the client takes nothing for too long. After closing, the server
/// reads for a moment longer.
#[derive(Debug)]
pub(super) struct Transport<T> {
    io: T,
    linger: Option<Linger>,
    stall: Stall,
}

impl<T> Transport<T> {
    pub(super) const fn new(io: T, write_timeout: Duration, activity: Arc<Activity>) -> Self {
        Self {
            io,
            linger: None,
            stall: Stall {
                activity,
                is_waiting: false,
                limit: write_timeout,
                timer: None,
            },
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Transport<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Transport<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let written = Pin::new(&mut this.io).poll_write(cx, buf);
        this.stall.limit(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let written = Pin::new(&mut this.io).poll_write_vectored(cx, bufs);
        this.stall.limit(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let flushed = Pin::new(&mut this.io).poll_flush(cx);
        this.stall.limit(flushed, cx)
    }

    /// Closes the sending side, then reads until the client has closed its own.
    ///
    /// Closing a socket with unread bytes resets the connection, and the client may lose the response ([RFC 9112,
    /// section 9.6](https://www.rfc-editor.org/rfc/rfc9112#section-9.6)).
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.linger.is_none() {
            let closed = Pin::new(&mut this.io).poll_shutdown(cx);
            ready!(this.stall.limit(closed, cx))?;
        }
        let linger = this.linger.get_or_insert_with(Linger::new);
        linger.poll(Pin::new(&mut this.io), cx).map(Ok)
    }
}

/// How long the client has taken nothing.
#[derive(Debug)]
struct Stall {
    activity: Arc<Activity>,
    is_waiting: bool,
    limit: Duration,
    /// Made at the first wait, and kept for later ones.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Stall {
    /// Returns the polled result, or an error when it was pending for too long.
    fn limit<R>(
        &mut self,
        polled: Poll<io::Result<R>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<R>> {
        if polled.is_ready() {
            if self.is_waiting {
                self.is_waiting = false;
                self.activity.set_blocked(false);
            }
            return polled;
        }
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(self.limit)));
        if !self.is_waiting {
            self.is_waiting = true;
            self.activity.set_blocked(true);
            timer.as_mut().reset(Instant::now() + self.limit);
        }
        ready!(timer.as_mut().poll(cx));
        let error = io::Error::new(io::ErrorKind::TimedOut, "the client takes no bytes");
        Poll::Ready(Err(error))
    }
}

/// The end of a connection. It discards what the client still sends.
#[derive(Debug)]
struct Linger {
    end: Instant,
    left: usize,
    timer: Pin<Box<Sleep>>,
}

impl Linger {
    fn new() -> Self {
        Self {
            end: Instant::now() + LINGER_TIME,
            left: LINGER_BYTES,
            timer: Box::pin(tokio::time::sleep(LINGER_QUIET)),
        }
    }

    /// Ready when the client closes its side, when it sends nothing for a while, or when its time is over.
    fn poll<T: AsyncRead>(&mut self, mut io: Pin<&mut T>, cx: &mut Context<'_>) -> Poll<()> {
        let mut bytes = [MaybeUninit::uninit(); LINGER_READ];
        loop {
            let mut buf = ReadBuf::uninit(&mut bytes);
            let Poll::Ready(read) = io.as_mut().poll_read(cx, &mut buf) else {
                return self.timer.as_mut().poll(cx);
            };
            let length = buf.filled().len();
            let now = Instant::now();
            self.left = self.left.saturating_sub(length);
            if read.is_err() || length == 0 || self.left == 0 || now >= self.end {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(self.end.min(now + LINGER_QUIET));
        }
    }
}

const LINGER_BYTES: usize = 16 * 1024 * 1024;
const LINGER_QUIET: Duration = Duration::from_millis(500);
const LINGER_READ: usize = 4096;
const LINGER_TIME: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    fn transport<T>(io: T) -> Transport<T> {
        Transport::new(io, LIMIT, Arc::new(Activity::new(0)))
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_that_nobody_takes_fails_after_the_limit() {
        let (_client, io) = duplex(16);
        let mut transport = transport(io);
        let started = Instant::now();

        let error = transport.write_all(&[0; 64]).await.unwrap_err();

        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(started.elapsed().as_secs(), LIMIT.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_a_byte_in_time_is_served_to_the_end() {
        let (mut client, io) = duplex(1);
        let mut transport = transport(io);
        let reader = tokio::spawn(async move {
            let mut bytes = 0;
            while client.read_u8().await.is_ok() {
                bytes += 1;
                tokio::time::advance(LIMIT * 9 / 10).await;
            }
            bytes
        });

        transport.write_all(&[0; 64]).await.unwrap();
        drop(transport);

        assert_eq!(reader.await.unwrap(), 64);
    }

    // RFC 9112, section 9.6: the server reads on until the client has closed its side, or a while has passed.
    #[tokio::test(start_paused = true)]
    async fn a_closed_connection_is_read_until_the_client_closes_too() {
        let (mut client, io) = duplex(16);
        let mut transport = transport(io);

        let (closed, ()) = tokio::join!(transport.shutdown(), async {
            // More bytes than fit, so that the write ends only if they are read.
            client.write_all(&[0; 4096]).await.unwrap();
            drop(client);
        });

        closed.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_never_closes_is_not_waited_for_for_long() {
        let (_client, io) = duplex(16);
        let started = Instant::now();

        transport(io).shutdown().await.unwrap();

        assert_eq!(started.elapsed(), LINGER_QUIET);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_never_stops_sending_is_cut() {
        let (mut client, io) = duplex(16);
        let started = Instant::now();
        let sends = tokio::spawn(async move {
            while client.write_all(&[0; 8]).await.is_ok() {
                tokio::time::advance(LINGER_QUIET / 2).await;
            }
        });

        transport(io).shutdown().await.unwrap();

        assert_eq!(started.elapsed().as_secs(), LINGER_TIME.as_secs());
        sends.await.unwrap();
    }
}
