use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use tokio::io::AsyncWriteExt;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::cases::{Ask, BUSY, draw};
use crate::checks::flaws;
use crate::client::{Http1, bytes_of};
use crate::message::{NoResponse, Response};
use crate::report::Protocol;
use crate::soak::{PATIENCE, Phase, Soak};

/// Closes its sending side behind a request, and has to get the response all the same.
pub(super) async fn half_closed(soak: Arc<Soak>, phase: watch::Receiver<Phase>) {
    let mut rng = Rng::with_seed(3);
    while *phase.borrow() == Phase::Load {
        let Some(ask) = draw(BUSY, &mut rng, soak.number()) else {
            return;
        };
        // Larger ones do not fit into what the sockets hold, and this client reads after it has sent.
        if ask.request.body.len() <= 16 * 1024 {
            let exchanged = timeout(PATIENCE, exchange(&soak, &ask)).await;
            let exchanged = exchanged.unwrap_or_else(|late| Err(NoResponse::before(late)));
            check(&soak, &ask, exchanged);
            sleep(PAUSE).await;
        }
    }
}

async fn exchange(soak: &Soak, ask: &Ask) -> Result<Response, NoResponse> {
    let connection = Http1::connect(soak.address(ask.case.target)).await;
    let mut connection = connection.map_err(NoResponse::before)?;
    let bytes = bytes_of(&ask.request);
    let written = connection.stream.write_all(&bytes).await;
    written.map_err(NoResponse::before)?;
    let shut = connection.stream.shutdown().await;
    shut.map_err(NoResponse::before)?;
    connection.receive(ask.request.method == "HEAD").await
}

fn check(soak: &Soak, ask: &Ask, exchanged: Result<Response, NoResponse>) {
    let fault = |kind, example: &str| {
        let case = format!("half-closed {}", ask.name());
        soak.report.fault_in(&case, Protocol::Http1, kind, example);
    };
    match exchanged {
        Ok(response) => {
            for flaw in flaws(ask, &response, &soak.made) {
                fault(flaw.kind, &flaw.detail);
            }
            soak.report.count("half-closed".to_owned(), Protocol::Http1);
        }
        Err(NoResponse { cause, .. }) => {
            let example = format!("{} {}: {cause}", ask.request.method, ask.request.path);
            fault("no response to a half-closed client", &example);
        }
    }
}

const PAUSE: Duration = Duration::from_millis(20);
