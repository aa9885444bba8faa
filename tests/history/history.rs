//! What has happened in a run.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use crate::scenario::{Fault, Mode};

/// All requests of a run, and what has struck it.
#[derive(Debug)]
pub(crate) struct History {
    /// From before each until after it.
    pub(crate) faults: Vec<(Fault, Span)>,
    pub(crate) mode: Mode,
    pub(crate) requests: Vec<Request>,
}

/// A request, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) outcome: Outcome,
    /// Of which process; one that takes the place of another has a number of its own.
    pub(crate) machine: usize,
    /// Which of the quotas.
    pub(crate) quota: usize,
    /// From before the call of the store until after its decision.
    pub(crate) span: Span,
}

/// Microseconds of the clock that all processes have in common, the first and the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) begun: u64,
    pub(crate) ended: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Let through by the server, or on a lease of it.
    Admitted,
    /// Let through by the fallback.
    AdmittedLocally,
    /// Let through, as nobody has decided.
    AdmittedUnknown,
    /// A 503.
    Failed,
    /// By the server, or by the deny cache.
    Rejected,
    RejectedLocally,
}

impl History {
    pub(crate) const fn new(mode: Mode) -> Self {
        Self {
            faults: Vec::new(),
            mode,
            requests: Vec::new(),
        }
    }

    /// The numbers of all machines that there were.
    pub(crate) fn machines(&self) -> BTreeSet<usize> {
        self.requests
            .iter()
            .map(|request| request.machine)
            .collect()
    }

    /// When requests under this quota were decided, of those that are such.
    pub(crate) fn spans(&self, quota: usize, is_such: impl Fn(&Request) -> bool) -> Vec<Span> {
        let requests = self.requests.iter();
        let of_these = requests.filter(|request| request.quota == quota && is_such(request));
        of_these.map(|request| request.span).collect()
    }
}

impl Outcome {
    /// Whether the server may have charged this although it did not reply.
    pub(crate) const fn is_without_server(self) -> bool {
        !matches!(self, Self::Admitted | Self::Rejected)
    }

    const ALL: [(char, Self); 6] = [
        ('a', Self::Admitted),
        ('l', Self::AdmittedLocally),
        ('u', Self::AdmittedUnknown),
        ('f', Self::Failed),
        ('r', Self::Rejected),
        ('s', Self::RejectedLocally),
    ];
}

impl Span {
    /// From then until now.
    pub(crate) fn since(begun: u64) -> Self {
        let ended = unix_micros();
        Self { begun, ended }
    }

    pub(crate) const fn length(self) -> u64 {
        self.ended.saturating_sub(self.begun)
    }

    pub(crate) const fn overlaps(self, other: Self) -> bool {
        self.begun <= other.ended && other.begun <= self.ended
    }
}

/// A line of a machine's stdout.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_this = |(_, outcome): &&(char, Outcome)| *outcome == self.outcome;
        let letter = Outcome::ALL
            .iter()
            .find(is_this)
            .map_or('?', |known| known.0);
        let Span { begun, ended } = self.span;
        write!(
            f,
            "{MARK} {} {} {begun} {ended} {letter}",
            self.machine, self.quota
        )
    }
}

impl FromStr for Request {
    type Err = ();

    /// What is not one, such as what the harness prints, or a machine that is killed has not finished, is an error.
    fn from_str(line: &str) -> Result<Self, ()> {
        let words: Vec<&str> = line.split(' ').collect();
        let [MARK, machine, quota, begun, ended, letter] = words[..] else {
            return Err(());
        };
        let is_this = |(known, _): &&(char, Outcome)| letter == known.to_string();
        let (_, outcome) = Outcome::ALL.iter().find(is_this).ok_or(())?;
        let number = |text: &str| text.parse().map_err(|_| ());
        Ok(Self {
            outcome: *outcome,
            machine: machine.parse().map_err(|_| ())?,
            quota: quota.parse().map_err(|_| ())?,
            span: Span {
                begun: number(begun)?,
                ended: number(ended)?,
            },
        })
    }
}

/// The time by the clock of the system, which the server goes by too.
#[expect(
    clippy::disallowed_methods,
    reason = "processes have no other clock in common"
)]
pub(crate) fn unix_micros() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    micros(now.unwrap())
}

pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap()
}

const MARK: &str = "request";
