//! A server, what it serves, and how the cases are run through it.

use std::net::SocketAddr;
use std::pin::Pin;

use tower_edge_tests::{PROTOCOLS, Protocol};

use crate::call::Call;
use crate::cases::CASES;
use crate::link::Link;
use crate::response::Checked;

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A server and the requests that it knows. Where it has nothing of a kind, the cases of that kind do not apply.
pub(crate) struct Host {
    /// Starts a server of its own, whose limits nobody has used.
    pub(crate) start: fn() -> BoxFuture<'static, SocketAddr>,
    /// What it serves; the first shows that a connection is usable.
    pub(crate) calls: Vec<Call>,
    /// Never ends, but for the timeout.
    pub(crate) slow: Vec<Call>,
    /// Reads its body.
    pub(crate) upload: Call,
    /// What the host itself rejects, with the status of that, and its media type.
    pub(crate) own: Vec<(Call, &'static str, &'static str)>,
    /// Its response is larger than what compression leaves alone.
    pub(crate) large: Option<Call>,
    /// Its response has no length.
    pub(crate) stream: Option<Call>,
    /// Its response has the trailer field `x-checksum: 7`.
    pub(crate) trailers: Option<Call>,
    /// Switches protocols.
    pub(crate) upgrade: Option<Upgrade>,
    /// Whether the layers see a request once its body is whole, and so never wait for it.
    pub(crate) is_buffered: bool,
    pub(crate) exceptions: Vec<Exception>,
}

/// A request that switches protocols, and what goes over the connection then.
pub(crate) struct Upgrade {
    pub(crate) call: Call,
    pub(crate) sent: Vec<u8>,
    pub(crate) received: Vec<u8>,
}

/// A case that fails on this host, why, and how.
pub(crate) struct Exception {
    pub(crate) case: &'static str,
    pub(crate) protocol: Option<Protocol>,
    /// A part of the failure.
    pub(crate) failure: &'static str,
    pub(crate) reason: &'static str,
}

/// A host under a case.
pub(crate) struct Trial<'a> {
    pub(crate) host: &'a Host,
    pub(crate) address: SocketAddr,
    pub(crate) protocol: Protocol,
}

impl Host {
    /// One that serves these calls alone.
    pub(crate) fn new(
        start: fn() -> BoxFuture<'static, SocketAddr>,
        calls: Vec<Call>,
        upload: Call,
    ) -> Self {
        Self {
            start,
            calls,
            slow: Vec::new(),
            upload,
            own: Vec::new(),
            large: None,
            stream: None,
            trailers: None,
            upgrade: None,
            is_buffered: false,
            exceptions: Vec::new(),
        }
    }

    /// Adds a case that fails with this part of a message, for this reason.
    pub(crate) fn except(
        mut self,
        case: &'static str,
        protocol: Option<Protocol>,
        failure: &'static str,
        reason: &'static str,
    ) -> Self {
        self.exceptions.push(Exception {
            case,
            protocol,
            failure,
            reason,
        });
        self
    }

    /// Runs every case; one of the table of exceptions has to fail as it says.
    pub(crate) async fn verify(&self) {
        let [http_1, http_2] = PROTOCOLS.map(|protocol| self.failures(protocol));
        let (http_1, http_2) = tokio::join!(http_1, http_2);
        let failures = [http_1, http_2].concat();
        assert!(failures.is_empty(), "{}", failures.join("\n"));
        for exception in &self.exceptions {
            let is_case = CASES.iter().any(|case| case.name == exception.case);
            assert!(is_case, "there is no case {:?}", exception.case);
        }
    }

    async fn failures(&self, protocol: Protocol) -> Vec<String> {
        let mut failures = Vec::new();
        for case in CASES {
            let trial = Trial {
                host: self,
                address: (self.start)().await,
                protocol,
            };
            let result = (case.run)(&trial).await;
            let exception = self.exceptions.iter().find(|exception| {
                exception.case == case.name
                    && exception.protocol.is_none_or(|only| only == protocol)
            });
            let failure = match (result, exception) {
                (Ok(()), None) => continue,
                (Err(failure), Some(exception)) if failure.contains(exception.failure) => continue,
                (Err(failure), None) => failure,
                (
                    result,
                    Some(Exception {
                        failure, reason, ..
                    }),
                ) => {
                    format!("no longer {failure:?} ({reason}): {result:?}")
                }
            };
            failures.push(format!("{} {protocol:?}: {failure}", case.name));
        }
        failures
    }
}

impl Trial<'_> {
    pub(crate) async fn open(&self) -> Link {
        Link::open(self.address, self.protocol).await
    }

    /// What this version of HTTP has of these calls.
    pub(crate) fn of<'a>(&self, calls: impl IntoIterator<Item = &'a Call>) -> Vec<Call> {
        let calls = calls.into_iter();
        let calls = calls.filter(|call| call.protocol.is_none_or(|only| only == self.protocol));
        calls.cloned().collect()
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.of(&self.host.calls)
    }

    /// Sends a request that is allowed on a connection that has been used before.
    pub(crate) async fn is_usable(&self, link: &mut Link) -> Checked {
        let call = &self.calls()[0];
        let response = link.send(call).await;
        let response = response.map_err(|failure| format!("not usable: {failure}"))?;
        response.check(call.outcomes.allowed)?;
        Ok(())
    }
}
