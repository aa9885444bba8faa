use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use crate::cases::{Ask, Case, Target, draw};
use crate::checks::flaws;
use crate::client;
use crate::client::{Http1, Http2};
use crate::message::{NoResponse, Request, Response};
use crate::report::Protocol;
use crate::soak::{PATIENCE, Phase, Soak};

/// A client that asks one thing after the other.
#[derive(Debug)]
pub(super) struct Worker {
    soak: Arc<Soak>,
    phase: watch::Receiver<Phase>,
    cases: &'static [Case],
    pause: Duration,
    rng: Rng,
}

/// Its connections to each gateway, which are made when they are needed.
#[derive(Debug)]
pub(super) enum Connections {
    Http1(Box<[Option<Kept>; Target::COUNT]>),
    Http2([Arc<Http2>; Target::COUNT]),
}

/// A connection that has to serve another request.
#[derive(Debug)]
pub(super) struct Kept {
    connection: Http1,
    served: Option<Served>,
}

/// The request before.
#[derive(Debug)]
struct Served {
    name: String,
    length: usize,
}

/// What becomes of a connection, or of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Keep,
    Discard,
    End,
}

impl Connections {
    pub(super) fn http_1() -> Self {
        Self::Http1(Box::new([const { None }; Target::COUNT]))
    }

    pub(super) fn http_2(soak: &Soak) -> Self {
        Self::Http2(soak.addresses.map(|address| Arc::new(Http2::new(address))))
    }

    /// The same connections where they can be shared, else others.
    pub(super) fn for_another(&self) -> Self {
        match self {
            Self::Http1(_) => Self::http_1(),
            Self::Http2(shared) => Self::Http2(shared.clone()),
        }
    }
}

impl Worker {
    pub(super) fn new(
        soak: &Arc<Soak>,
        phase: &watch::Receiver<Phase>,
        cases: &'static [Case],
        seed: u64,
    ) -> Self {
        Self {
            soak: Arc::clone(soak),
            phase: phase.clone(),
            cases,
            pause: Duration::ZERO,
            rng: Rng::with_seed(seed),
        }
    }

    /// Lets this time pass between two requests.
    pub(super) const fn with_pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    pub(super) async fn run(mut self, mut connections: Connections) {
        while *self.phase.borrow() != Phase::Leave {
            let number = self.soak.number();
            let Some(ask) = draw(self.cases, &mut self.rng, number) else {
                return;
            };
            let at = ask.case.target as usize;
            let next = match &mut connections {
                Connections::Http1(kept) => self.over_http_1(&mut kept[at], &ask).await,
                Connections::Http2(shared) => self.over_http_2(&shared[at], &ask).await,
            };
            if !self.pause.is_zero() {
                sleep(self.pause).await;
            }
            if next == Next::End {
                return;
            }
        }
    }

    async fn over_http_1(&self, kept: &mut Option<Kept>, ask: &Ask) -> Next {
        let Kept {
            mut connection,
            served,
        } = match kept.take() {
            Some(kept) => kept,
            None => match Http1::connect(self.soak.address(ask.case.target)).await {
                Ok(connection) => Kept {
                    connection,
                    served: None,
                },
                Err(error) => return self.not_connected(Protocol::Http1, error).await,
            },
        };
        let sent = Instant::now();
        let exchanged = timeout(PATIENCE, connection.exchange(&ask.request)).await;
        let exchanged = exchanged.unwrap_or_else(|late| Err(NoResponse::before(late)));
        if self.is_excused(sent, &exchanged) {
            return Next::End;
        }
        let next = self.checked(ask, Protocol::Http1, served.as_ref(), exchanged);
        if next == Next::Keep {
            *kept = Some(Kept {
                connection,
                served: Some(Served {
                    name: ask.name(),
                    length: ask.request.body.len(),
                }),
            });
        }
        next
    }

    async fn over_http_2(&self, shared: &Http2, ask: &Ask) -> Next {
        let (number, connection) = match shared.get().await {
            Ok(connection) => connection,
            Err(error) => return self.not_connected(Protocol::Http2, error).await,
        };
        let sent = Instant::now();
        let exchanged = timeout(PATIENCE, client::exchange(connection, &ask.request)).await;
        let exchanged = exchanged.unwrap_or_else(|late| Err(NoResponse::before(late)));
        if self.is_excused(sent, &exchanged) {
            return Next::End;
        }
        let is_lost = exchanged.is_err();
        let next = self.checked(ask, Protocol::Http2, None, exchanged);
        if is_lost {
            shared.discard(number).await;
        }
        next
    }

    /// Holds what came against what was requested.
    fn checked(
        &self,
        ask: &Ask,
        protocol: Protocol,
        served: Option<&Served>,
        exchanged: Result<Response, NoResponse>,
    ) -> Next {
        let report = &self.soak.report;
        let name = ask.name();
        match exchanged {
            Ok(response) => {
                for flaw in flaws(ask, &response, &self.soak.made) {
                    let example = format!("{}: {}", ask.request.path, flaw.detail);
                    report.fault_in(&name, protocol, flaw.kind, &example);
                }
                report.count(name, protocol);
                if response.kept && response.surplus == 0 {
                    Next::Keep
                } else {
                    Next::Discard
                }
            }
            Err(NoResponse { begun, cause }) => {
                let Request { path, body, .. } = &ask.request;
                let (case, kind, example) = match served {
                    // The one before it is to blame: its response did not say that it was the last.
                    Some(Served { name, length }) if !begun => {
                        let example = format!("{path}, after a body of {length} bytes: {cause}");
                        (name, LOST, example)
                    }
                    _ => {
                        let kind = if begun { "broke off" } else { "no response" };
                        let example = format!("{path}, body of {} bytes: {cause}", body.len());
                        (&name, kind, example)
                    }
                };
                report.fault_in(case, protocol, kind, &example);
                Next::Discard
            }
        }
    }

    async fn not_connected(&self, protocol: Protocol, error: impl fmt::Display) -> Next {
        if self.is_stopping() {
            return Next::End;
        }
        let kind = format!("{protocol}: no connection");
        self.soak.report.fault(kind, error.to_string());
        sleep(PAUSE).await;
        Next::Discard
    }

    /// Whether there is no response since the gateway had been stopped before it could have read the request.
    fn is_excused(&self, sent: Instant, exchanged: &Result<Response, NoResponse>) -> bool {
        match (*self.phase.borrow(), exchanged) {
            (Phase::Stop(at), Err(NoResponse { begun: false, .. })) => sent + UNREAD > at,
            _ => false,
        }
    }

    fn is_stopping(&self) -> bool {
        matches!(*self.phase.borrow(), Phase::Stop(_))
    }
}

/// How long a request may lie before a gateway under load has read it.
const UNREAD: Duration = Duration::from_millis(500);
const LOST: &str = "the next request on the connection is lost";
const PAUSE: Duration = Duration::from_millis(50);
