use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::cases::SPENT_KEY;
use crate::client::Http1;
use crate::gateway::Gateway;
use crate::message::Request;
use crate::soak::{PATIENCE, Phase, Soak, WRITE_TIMEOUT};
use crate::watched::Watched;
use crate::{traffic, upstream};

/// Loads the gateways for this long, stops them under load, and prints what came of it; whether nothing was wrong.
///
/// # Errors
///
/// When a gateway cannot be started or signalled.
pub(crate) async fn run(program: &Path, time: Duration) -> io::Result<bool> {
    let write_timeout = format!("{}s", WRITE_TIMEOUT.as_secs());
    let start = |name, limit, more: &[&str]| {
        // Events are 300 ms apart, and a machine that is busy may be late.
        let all = ["--timeout", "1s", "--write-timeout", &write_timeout];
        let flags = [&all[..], &["--limit", limit], more].concat();
        Gateway::start(name, program, &flags).and_then(Watched::new)
    };
    let upstream = format!("http://{}", upstream::start().await?);
    let mut gateways = [
        start("open", "open=1000000/1s", &[])?,
        start("spent", "spent=1/1d", &[])?,
        start("large", "open=1000000/1s", &["--upstream", &upstream])?,
    ];
    let addresses = gateways.each_ref().map(|watched| watched.gateway.address);
    let soak = Arc::new(Soak::new(addresses));
    spend(&soak, &gateways[1]).await?;

    load(&soak, &mut gateways, time).await;
    for watched in &gateways {
        watched.judge_memory(&soak.report);
        if let Err(error) = watched.judge_descriptors(&soak.report).await {
            soak.report.fault(UNWATCHED, error.to_string());
        }
    }
    stop(&soak, gateways).await?;
    print!("{}", soak.report);
    Ok(soak.report.is_clean())
}

/// Takes the one request that the limit has, so that all others are refused.
async fn spend(soak: &Soak, spent: &Watched) -> io::Result<()> {
    let request = Request {
        method: "GET",
        path: "/problem/api/media/7".to_owned(),
        fields: vec![("x-api-key", SPENT_KEY.to_owned())],
        body: bytes::Bytes::new(),
        chunked: false,
    };
    let mut connection = Http1::connect(spent.gateway.address).await?;
    match connection.exchange(&request).await {
        Ok(response) if response.status == 200 => {}
        other => soak
            .report
            .fault("the first request of a limit", format!("{other:?}")),
    }
    Ok(())
}

/// All clients, for this long, or until a gateway is no more.
async fn load(soak: &Arc<Soak>, gateways: &mut [Watched], time: Duration) {
    let (phase, watched) = watch::channel(Phase::Load);
    let clients = traffic::load(soak, &watched);
    let started = Instant::now();
    while started.elapsed() < time {
        sleep(SAMPLE).await;
        let is_warm = started.elapsed() > WARM_UP.min(time / 2);
        let mut gateways = gateways.iter_mut();
        if let Err(error) = gateways.try_for_each(|watched| watched.sample(is_warm)) {
            soak.report.fault(UNWATCHED, error.to_string());
            break;
        }
    }
    let (requests, took) = (soak.report.requests(), started.elapsed());
    phase.send_replace(Phase::Leave);
    join(soak, clients).await;
    let per_second = precise(requests) / took.as_secs_f64();
    println!("{requests} requests in {took:.1?}, {per_second:.0} a second");
}

/// Stops the gateways while they are asked for more. A response that they are at has to come whole, and they have to end
/// well.
async fn stop(soak: &Arc<Soak>, gateways: [Watched; 3]) -> io::Result<()> {
    let (phase, watched) = watch::channel(Phase::Load);
    let clients = traffic::workers(soak, &watched);
    sleep(BEFORE_STOP).await;
    let stopped = Instant::now();
    phase.send_replace(Phase::Stop(stopped));
    for watched in &gateways {
        watched.gateway.terminate()?;
    }
    for watched in gateways {
        let name = watched.gateway.name;
        let (status, log) = watched.gateway.end(DRAIN).await?;
        let took = stopped.elapsed();
        if status.and_then(|status| status.code()) != Some(0) {
            let status = status.map_or("still runs".to_owned(), |status| status.to_string());
            let example = format!(
                "{status} {took:.1?} after SIGTERM; logged last: {}",
                log.last
            );
            soak.report
                .fault(format!("{name}: does not end well"), example);
        }
        for line in log.panics {
            soak.report.fault(format!("{name}: panicked"), line);
        }
        println!(
            "{name}: ended {took:.1?} after SIGTERM; {} lines of log",
            log.lines
        );
    }
    join(soak, clients).await;
    Ok(())
}

async fn join(soak: &Soak, mut clients: JoinSet<()>) {
    // A client waits for its last response.
    let all = async {
        while let Some(ended) = clients.join_next().await {
            if let Err(error) = ended {
                soak.report.fault("a client broke", error.to_string());
            }
        }
    };
    if timeout(PATIENCE * 2, all).await.is_err() {
        soak.report.fault("clients do not end", "");
    }
}

fn precise(number: u64) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}

const UNWATCHED: &str = "a gateway has ended under load";
const SAMPLE: Duration = Duration::from_millis(200);
/// After this, or half of the time, memory has to be flat.
const WARM_UP: Duration = Duration::from_secs(15);
const BEFORE_STOP: Duration = Duration::from_secs(1);
/// The 10 s that a gateway has to drain, and some to end.
const DRAIN: Duration = Duration::from_secs(13);
