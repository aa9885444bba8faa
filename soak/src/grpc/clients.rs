use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use h2::Reason;
use h2::client::SendRequest;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::LIMITED;
use super::call::{CALLS, Call};
use crate::checks::grpc_flaws;
use crate::client::{Http2, exchange, head_of};
use crate::message::NoResponse;
use crate::report::Protocol;
use crate::soak::{PATIENCE, Phase, Soak};

/// Clients that call the service until they have to leave. All share a connection, which has to outlast them.
pub(crate) fn calls(
    soak: &Arc<Soak>,
    phase: &watch::Receiver<Phase>,
    address: SocketAddr,
) -> JoinSet<()> {
    let connection = Arc::new(Http2::new(address));
    let mut clients = JoinSet::new();
    for seed in 0..CLIENTS {
        let client = Client {
            soak: Arc::clone(soak),
            connection: Arc::clone(&connection),
        };
        clients.spawn(client.run(phase.clone(), Rng::with_seed(seed)));
    }
    clients
}

struct Client {
    soak: Arc<Soak>,
    connection: Arc<Http2>,
}

impl Client {
    async fn run(self, phase: watch::Receiver<Phase>, mut rng: Rng) {
        while *phase.borrow() == Phase::Load {
            match (rng.u8(..8), rng.choice(CALLS)) {
                (0, _) => self.exceed().await,
                (1, _) => self.cancel(&mut rng).await,
                (_, Some(call)) => {
                    let key = format!("grpc-{}", self.soak.number());
                    self.call(call, key, rng.bool()).await;
                }
                (_, None) => {}
            }
            sleep(PAUSE).await;
        }
    }

    /// A key has one call in ten seconds, and another is rejected with the time to come back.
    async fn exceed(&self) {
        let key = format!("grpc-{}", self.soak.number());
        let started = Instant::now();
        for call in &LIMITED {
            // A machine may be so busy that the key may call again.
            if started.elapsed() < WINDOW {
                self.call(call, key.clone(), true).await;
            }
        }
    }

    async fn call(&self, call: &Call, key: String, has_id: bool) {
        let report = &self.soak.report;
        let id = has_id.then(|| format!("soak-{}", self.soak.number()));
        let request = call.request(key, id.as_ref());
        let (number, connection) = match self.connection.get().await {
            Ok(connection) => connection,
            Err(error) => return report.fault("gRPC: no connection", error.to_string()),
        };
        let exchanged = timeout(PATIENCE, exchange(connection, &request)).await;
        let exchanged = exchanged.unwrap_or_else(|late| Err(NoResponse::before(late)));
        report.count(call.name.to_owned(), Protocol::Http2);
        match exchanged {
            Ok(response) => {
                for flaw in grpc_flaws(call, id.as_deref(), &response, &self.soak.made) {
                    report.fault_in(call.name, Protocol::Http2, flaw.kind, &flaw.detail);
                }
            }
            Err(NoResponse { cause, .. }) => {
                report.fault_in(call.name, Protocol::Http2, "no response", &cause);
                self.connection.discard(number).await;
            }
        }
    }

    /// Cancels a call that gets no response, with its message sent or not.
    async fn cancel(&self, rng: &mut Rng) {
        let report = &self.soak.report;
        let Ok((_, connection)) = self.connection.get().await else {
            return report.fault("gRPC: no connection", "to cancel on");
        };
        let Some(slow) = CALLS
            .iter()
            .find(|call| call.name == "gRPC upstream timeout")
        else {
            return;
        };
        let request = slow.request("grpc-leaver".to_owned(), None);
        let Ok(head) = head_of(&request) else {
            return;
        };
        let body = rng.bool().then_some(request.body);
        let cancelled = timeout(PATIENCE, cancel(connection, head, body)).await;
        report.count("gRPC cancelled".to_owned(), Protocol::Http2);
        match cancelled {
            Ok(Ok(())) => {}
            Ok(Err(error)) => report.fault("gRPC: no stream to cancel", error.to_string()),
            Err(late) => report.fault("gRPC: no stream to cancel", late.to_string()),
        }
    }
}

async fn cancel(
    connection: SendRequest<Bytes>,
    head: http::Request<()>,
    body: Option<Bytes>,
) -> Result<(), h2::Error> {
    let (_, mut stream) = connection.ready().await?.send_request(head, false)?;
    if let Some(body) = body {
        stream.send_data(body, true)?;
        sleep(PAUSE).await;
    }
    stream.send_reset(Reason::CANCEL);
    Ok(())
}

const CLIENTS: u64 = 8;
const PAUSE: Duration = Duration::from_millis(5);
/// Less than the ten seconds after which a key may call again.
const WINDOW: Duration = Duration::from_secs(5);
