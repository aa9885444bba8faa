use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::exchange::{ask, check};
use super::proxy::{Fault, Proxy};
use crate::cases::{Case, NO_HEAD, PASSES, SILENT, TRUNCATED, draw};
use crate::report::Protocol;
use crate::soak::{PATIENCE, Soak};

/// Lets the network to the upstream of [`Proxied`](crate::cases::Target::Proxied) fail in each way in turn, for this
/// long and at least once. Meanwhile each request has to get its error, and afterwards its response.
pub(crate) async fn upstream_fails(soak: Arc<Soak>, proxy: Proxy, time: Duration) {
    let mut rng = Rng::with_seed(4);
    let started = Instant::now();
    for (count, (during, fault, cases)) in FAULTS.into_iter().cycle().enumerate() {
        if count >= FAULTS.len() && started.elapsed() >= time {
            return;
        }
        proxy.set(fault);
        ask_all(&soak, during, cases, &mut rng).await;
        proxy.set(Fault::None);
        if !recovers(&soak, &mut rng).await {
            let kind = format!("proxied: no recovery after: {during}");
            return soak.report.fault(kind, "");
        }
        ask_all(&soak, "network as it was", PASSES, &mut rng).await;
    }
}

/// Sends several requests at once, as clients do not wait for each other.
async fn ask_all(soak: &Arc<Soak>, during: &'static str, cases: &'static [Case], rng: &mut Rng) {
    let mut clients = JoinSet::new();
    for protocol in [Protocol::Http1, Protocol::Http2]
        .into_iter()
        .cycle()
        .take(8)
    {
        let Some(request) = draw(cases, rng, soak.number()) else {
            return;
        };
        let soak = Arc::clone(soak);
        clients.spawn(async move {
            let exchanged = ask(&soak, &request, protocol).await;
            check(&soak, during, &request, protocol, &exchanged);
        });
    }
    clients.join_all().await;
}

/// Whether there are responses again before long: calls that were on their way may still fail.
async fn recovers(soak: &Soak, rng: &mut Rng) -> bool {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        let Some(request) = draw(PASSES, rng, soak.number()) else {
            return false;
        };
        let exchanged = ask(soak, &request, Protocol::Http1).await;
        if exchanged.is_ok_and(|response| response.status == 200) {
            return true;
        }
        sleep(PAUSE).await;
    }
    false
}

const FAULTS: [(&str, Fault, &[Case]); 5] = [
    (
        "upstream 100 ms away",
        Fault::Latency(Duration::from_millis(100)),
        PASSES,
    ),
    (
        "upstream 3 s away",
        Fault::Latency(Duration::from_secs(3)),
        SILENT,
    ),
    ("upstream in a black hole", Fault::BlackHole, SILENT),
    ("heads cut", Fault::Cut(20), NO_HEAD),
    ("bodies cut", Fault::Cut(450_000), TRUNCATED),
];
const PAUSE: Duration = Duration::from_millis(50);
