//! An inner service that notes how it is used.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use tower::Service;

/// Only the very instance that was ready may be called, and only once; a call of any other is noted
/// and panics.
#[derive(Debug)]
pub(crate) struct Probe {
    does: Does,
    log: Log,
    readied: bool,
}

#[derive(Clone, Copy, Debug)]
enum Does {
    Respond,
    Break,
    NeverRespond,
    NotReady,
}

impl Probe {
    pub(crate) fn that_responds() -> (Self, Log) {
        Self::that(Does::Respond)
    }

    /// Each call ends with an error.
    pub(crate) fn that_breaks() -> (Self, Log) {
        Self::that(Does::Break)
    }

    /// Readiness fails.
    pub(crate) fn that_is_never_ready() -> (Self, Log) {
        Self::that(Does::NotReady)
    }

    /// Each call is pending for ever.
    pub(crate) fn that_never_responds() -> (Self, Log) {
        Self::that(Does::NeverRespond)
    }

    fn that(does: Does) -> (Self, Log) {
        let log = Log::default();
        let probe = Self {
            does,
            log: log.clone(),
            readied: false,
        };
        (probe, log)
    }
}

impl Clone for Probe {
    /// Readiness is not cloned.
    fn clone(&self) -> Self {
        Self {
            does: self.does,
            log: self.log.clone(),
            readied: false,
        }
    }
}

impl<B> Service<Request<B>> for Probe {
    type Response = Response<Payload>;
    type Error = Broken;
    type Future = Responding;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        if let Does::NotReady = self.does {
            return Poll::Ready(Err(Broken));
        }
        self.readied = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Responding {
        if !self.readied {
            // The panic alone would be a response to the envelope.
            self.log.0.unready_calls.fetch_add(1, Ordering::Relaxed);
            panic!("called without being ready");
        }
        self.readied = false;
        self.log.0.calls.fetch_add(1, Ordering::Relaxed);
        self.log.0.in_flight.fetch_add(1, Ordering::Relaxed);
        Responding {
            does: self.does,
            log: self.log.clone(),
        }
    }
}

/// A call that is under way.
#[derive(Debug)]
pub(crate) struct Responding {
    does: Does,
    log: Log,
}

impl Future for Responding {
    type Output = Result<Response<Payload>, Broken>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match self.does {
            Does::NeverRespond => Poll::Pending,
            Does::Respond => Poll::Ready(Ok(Response::new(Payload(7)))),
            Does::Break | Does::NotReady => Poll::Ready(Err(Broken)),
        }
    }
}

impl Drop for Responding {
    fn drop(&mut self) {
        self.log.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What has happened to a probe and its clones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    calls: AtomicUsize,
    in_flight: AtomicUsize,
    unready_calls: AtomicUsize,
}

impl Log {
    pub(crate) fn calls(&self) -> usize {
        self.0.calls.load(Ordering::Relaxed)
    }

    /// How many calls are under way, their futures not dropped.
    pub(crate) fn in_flight(&self) -> usize {
        self.0.in_flight.load(Ordering::Relaxed)
    }

    pub(crate) fn unready_calls(&self) -> usize {
        self.0.unready_calls.load(Ordering::Relaxed)
    }

    /// How many instances of the probe, calls under way and logs there are.
    pub(crate) fn holders(&self) -> usize {
        Arc::strong_count(&self.0)
    }
}

/// A body that no gate may read.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Payload(pub(crate) u32);

impl Body for Payload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        panic!("a gate read the body")
    }
}

/// The error of a probe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the probe is broken")
    }
}

impl Error for Broken {}
