use std::io;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::memory::Memory;
use crate::report::Report;
use crate::server::Server;

/// A server, and what it has held since it was started.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) server: Server,
    started: Instant,
    /// The descriptors that it had before its first client.
    descriptors: usize,
    all: Memory,
    warm: Memory,
}

impl Watched {
    pub(crate) fn new(server: Server) -> io::Result<Self> {
        let mut watched = Self {
            started: Instant::now(),
            descriptors: server.descriptors()?,
            server,
            all: Memory::default(),
            warm: Memory::default(),
        };
        watched.sample(false)?;
        Ok(watched)
    }

    /// Looks at its memory, which has to be flat once it is warm.
    pub(crate) fn sample(&mut self, is_warm: bool) -> io::Result<()> {
        let kib = self.server.resident_kib()?;
        let seconds = self.started.elapsed().as_secs_f64();
        self.all.add(seconds, kib);
        if is_warm {
            self.warm.add(seconds, kib);
        }
        Ok(())
    }

    /// Holds what was sampled against its bounds.
    pub(crate) fn check_memory(&self, max_growth: f64, report: &Report) {
        let name = self.server.name;
        let growth = self.warm.growth().unwrap_or_default();
        if growth > max_growth {
            report.fault(
                format!("{name}: memory grows"),
                format!("by its slope {growth:.1} MiB since it was warm, at most {max_growth:.0}"),
            );
        }
        let peak = self.all.peak();
        if peak > MAX_MEMORY {
            report.fault(
                format!("{name}: memory is not bounded"),
                format!("{peak:.1} MiB, at most {MAX_MEMORY:.0}"),
            );
        }
        if let (Some((start, _)), Some((warm, end))) = (self.all.ends(), self.warm.ends()) {
            println!(
                "{name}: memory {start:.1} MiB at the start, {warm:.1} when warm, {end:.1} at the end, {peak:.1} at \
                 most; by its slope {growth:+.2} MiB while warm"
            );
        }
    }

    /// Waits until it holds nothing of the clients, who have left.
    pub(crate) async fn check_descriptors(&self, report: &Report) -> io::Result<()> {
        let name = self.server.name;
        let deadline = Instant::now() + SETTLE;
        let allowed = self.descriptors + 2 * MAX_POOL;
        let (mut connections, mut descriptors) = self.held()?;
        while (connections > 0 || descriptors > allowed) && Instant::now() < deadline {
            sleep(POLL).await;
            (connections, descriptors) = self.held()?;
        }
        if connections > 0 {
            report.fault(
                format!("{name}: connections stay"),
                format!("{connections} of clients that have left, after {SETTLE:?}"),
            );
        }
        if descriptors > allowed {
            report.fault(
                format!("{name}: descriptors stay"),
                format!("{descriptors}, at most {allowed}, after {SETTLE:?}"),
            );
        }
        println!(
            "{name}: {} descriptors at the start, {descriptors} when the clients had left, with {connections} of their \
             connections",
            self.descriptors
        );
        Ok(())
    }

    fn held(&self) -> io::Result<(usize, usize)> {
        Ok((self.server.connections()?, self.server.descriptors()?))
    }
}

/// MiB in all.
const MAX_MEMORY: f64 = 256.0;
/// Connections to the upstream that may be kept for later; both their ends may be in the server's process.
const MAX_POOL: usize = 64;
const SETTLE: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(50);
