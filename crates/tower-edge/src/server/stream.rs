//! HTTP/2 streams, each a task of its own. The task ends when the client takes nothing of a response.

use std::cell::Cell;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::Executor;
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep};

use super::activity::Activity;
use crate::telemetry;

/// The progress of a response.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Odd while the server waits for the client, even while it waits for the service. It grows with each frame that
    /// the client has made room for.
    frames: AtomicU64,
    /// Whether the server has waited for the client since the last frame.
    has_waited: AtomicBool,
}

impl Progress {
    /// hyper has a frame, and polls the next one when the client has room.
    pub(super) fn wait_for_client(&self) {
        // Only the body writes it.
        let frames = self.frames.load(Ordering::Relaxed);
        self.frames.store((frames + 2) | 1, Ordering::Relaxed);
    }

    /// The client has room for more.
    pub(super) fn wait_for_service(&self) {
        let frames = self.frames.load(Ordering::Relaxed);
        self.frames.store(frames & !1, Ordering::Relaxed);
    }

    /// Whether the server has waited for the client since the last call.
    pub(super) fn take_wait(&self) -> bool {
        self.has_waited.load(Ordering::Relaxed) && self.has_waited.swap(false, Ordering::Relaxed)
    }
}

thread_local! {
    /// The progress of the request that has just come. hyper calls the service and spawns its future in one go, on
    /// one thread.
    static NEXT: Cell<Option<Arc<Progress>>> = const { Cell::new(None) };
}

/// The progress of a request that is about to become a stream.
pub(super) fn begin() -> Arc<Progress> {
    let progress = Arc::new(Progress::default());
    NEXT.set(Some(Arc::clone(&progress)));
    progress
}

/// Spawns the streams of one connection.
///
/// While the client has no room, hyper does not poll a body, and so a body cannot end its stream by itself. Its task
/// can: when the task ends, hyper resets the stream.
#[derive(Clone, Debug)]
pub(super) struct StreamExecutor {
    pub(super) activity: Arc<Activity>,
    pub(super) write_timeout: Duration,
}

impl<F> Executor<F> for StreamExecutor
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, inner: F) {
        let stall = NEXT.take().map(|progress| Stall {
            activity: Arc::clone(&self.activity),
            limit: self.write_timeout,
            progress,
            seen: 0,
            timer: None,
        });
        tokio::spawn(Stream { inner, stall });
    }
}

pin_project! {
    struct Stream<F> {
        #[pin]
        inner: F,
        stall: Option<Stall>,
    }
}

impl<F: Future<Output = ()>> Future for Stream<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if this.inner.poll(cx).is_ready() {
            return Poll::Ready(());
        }
        match this.stall {
            Some(stall) => stall.poll(cx),
            None => Poll::Pending,
        }
    }
}

/// How long the client has made no room.
struct Stall {
    activity: Arc<Activity>,
    limit: Duration,
    progress: Arc<Progress>,
    /// The progress when the timer was set.
    seen: u64,
    /// Made at the first wait for the client, and kept for later ones.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Stall {
    /// Ready when the server has waited too long for the client.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let seen = self.progress.frames.load(Ordering::Relaxed);
        if seen & 1 == 0 {
            return Poll::Pending;
        }
        let limit = self.limit;
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        if self.seen != seen {
            self.seen = seen;
            self.progress.has_waited.store(true, Ordering::Relaxed);
            timer.as_mut().reset(Instant::now() + limit);
        }
        ready!(timer.as_mut().poll(cx));
        // The reset comes after what HTTP/2 holds of the response. If the client makes no room for that, it never
        // comes: then the connection has to close.
        if seen > FIRST_FRAME {
            self.activity.retire();
        }
        telemetry::server::log_reset_stream();
        Poll::Ready(())
    }
}

/// The value of a [`Progress`] while the server waits for the client with the first frame, which hyper still holds.
const FIRST_FRAME: u64 = 3;
