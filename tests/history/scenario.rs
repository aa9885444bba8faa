//! What a seed stands for.

use std::fmt;
use std::time::Duration;

use tower_edge::rate_limit::{Calendar, Quota};
use tower_edge_redis::OnStoreError;

/// How the machines of a run count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mode {
    pub(crate) counting: Counting,
    pub(crate) on_error: OnStoreError,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counting {
    DenyCache,
    Exact,
    Leases,
}

/// What strikes during a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// `CLIENT KILL`.
    Disconnection,
    /// `FLUSHALL`.
    Flush,
    /// `kill -9` of a machine, in the place of which another begins.
    MachineKilled,
    /// `SIGSTOP` of a machine, and `SIGCONT`.
    MachinePaused,
    None,
    /// `kill -9` of the server, which comes back without data.
    ServerKilled,
    /// `SIGSTOP` of the server, and `SIGCONT`.
    ServerPaused,
    /// Any of them, one after the other.
    Several,
}

impl Mode {
    pub(crate) const ALL: [Self; 7] = [
        Self::new(Counting::Exact, OnStoreError::Closed),
        Self::new(Counting::DenyCache, OnStoreError::Closed),
        Self::new(Counting::Leases, OnStoreError::Closed),
        Self::new(Counting::DenyCache, OnStoreError::LocalFallback),
        Self::new(Counting::Leases, OnStoreError::LocalFallback),
        Self::new(Counting::DenyCache, OnStoreError::Open),
        Self::new(Counting::Leases, OnStoreError::Open),
    ];

    const fn new(counting: Counting, on_error: OnStoreError) -> Self {
        Self { counting, on_error }
    }

    /// The numbers of modes and of faults have no common divisor, so that 56 seeds have each pair once.
    pub(crate) fn of(seed: u64) -> Self {
        Self::ALL[index(seed, Self::ALL.len())]
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.counting {
            Counting::DenyCache => "deny cache",
            Counting::Exact => "exact",
            Counting::Leases => "leases",
        })?;
        write!(f, ", `{:?}`", self.on_error)
    }
}

impl Fault {
    pub(crate) const ALL: [Self; 8] = [
        Self::None,
        Self::MachineKilled,
        Self::ServerKilled,
        Self::MachinePaused,
        Self::ServerPaused,
        Self::Flush,
        Self::Disconnection,
        Self::Several,
    ];

    pub(crate) fn of(seed: u64) -> Self {
        Self::ALL[index(seed, Self::ALL.len())]
    }

    /// The same, or one for `Several`.
    pub(crate) fn one(self, random: &mut Random) -> Self {
        match self {
            // All but the first and the last.
            Self::Several => Self::ALL[1 + index(random.number(), Self::ALL.len() - 2)],
            fault => fault,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disconnection => "`CLIENT KILL`",
            Self::Flush => "`FLUSHALL`",
            Self::MachineKilled => "machine killed",
            Self::MachinePaused => "machine paused",
            Self::None => "none",
            Self::ServerKilled => "server killed",
            Self::ServerPaused => "server paused",
            Self::Several => "several",
        })
    }
}

/// Numbers from a seed: [SplitMix64](https://doi.org/10.1145/2714064.2660195).
#[derive(Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) const fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.number() % (to - from))
    }
}

pub(crate) fn index(number: u64, length: usize) -> usize {
    usize::try_from(number).unwrap() % length
}

/// One of each algorithm, for a client each. A rush asks for 700 units a second of each.
pub(crate) const QUOTAS: [Quota; 3] = [
    Quota::per(100, Duration::from_secs(2))
        .with_burst(120)
        .named("gcra"),
    Quota::per(200, Duration::from_secs(1))
        .sliding_window()
        .named("window"),
    Quota::per_day(300)
        .with_calendar(Calendar::DAY)
        .named("calendar"),
];
pub(crate) const MACHINES: u32 = 4;
/// Units of a lease.
pub(crate) const LEASE: u32 = 6;
