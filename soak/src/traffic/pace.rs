use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, Sleep, sleep};

use crate::soak::{Phase, WRITE_TIMEOUT};

/// How fast a client takes what it is sent: slowly for several write timeouts, then as fast as it comes.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    phase: watch::Receiver<Phase>,
    slow_until: Instant,
    /// Bytes at a time.
    pub(super) step: usize,
    /// Between two times.
    pub(super) pause: Duration,
}

impl Pace {
    pub(super) fn new(phase: &watch::Receiver<Phase>, step: usize, pause: Duration) -> Self {
        Self {
            phase: phase.clone(),
            slow_until: Instant::now() + WRITE_TIMEOUT * 3,
            step,
            pause,
        }
    }

    /// The same for a connection that is read from at once, since its pace is kept elsewhere.
    pub(super) fn at_once(&self) -> Self {
        Self {
            slow_until: Instant::now(),
            ..self.clone()
        }
    }

    pub(super) fn is_slow(&self) -> bool {
        *self.phase.borrow() == Phase::Load && Instant::now() < self.slow_until
    }
}

/// A connection that is read from at such a pace.
#[derive(Debug)]
pub(super) struct Paced {
    stream: TcpStream,
    pace: Pace,
    left: usize,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Paced {
    pub(super) const fn new(stream: TcpStream, pace: Pace) -> Self {
        Self {
            stream,
            left: pace.step,
            pace,
            timer: None,
        }
    }
}

impl AsyncRead for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.pace.is_slow() {
            return Pin::new(&mut this.stream).poll_read(cx, buf);
        }
        if this.left == 0 {
            let pause = this.pace.pause;
            let timer = this.timer.get_or_insert_with(|| Box::pin(sleep(pause)));
            ready!(timer.as_mut().poll(cx));
            this.timer = None;
            this.left = this.pace.step;
        }
        let mut part = buf.take(this.left);
        ready!(Pin::new(&mut this.stream).poll_read(cx, &mut part))?;
        let taken = part.filled().to_vec();
        this.left -= taken.len();
        buf.put_slice(&taken);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Paced {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
