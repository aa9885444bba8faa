use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::cases::SPENT_KEY;
use crate::client::Http1;
use crate::faults::{Proxy, Redis, Shared, check_log, upstream_fails};
use crate::message::Request;
use crate::server::Server;
use crate::soak::{PATIENCE, Phase, Soak, WRITE_TIMEOUT};
use crate::watched::Watched;
use crate::{grpc, traffic, upstream};

/// Loads the servers for this long, lets fail what is behind them for as long, stops them under load, and prints what came
/// of it; whether nothing was wrong.
///
/// # Errors
///
/// When a server cannot be started or signalled.
pub(crate) async fn run(time: Duration) -> io::Result<bool> {
    let write_timeout = format!("{}s", WRITE_TIMEOUT.as_secs());
    let start = |name, limit, more: &[&str]| {
        // Events are 300 ms apart, and a machine that is busy may be late.
        let all = ["--timeout", "1s", "--write-timeout", &write_timeout];
        let flags = [&all[..], &["--limit", limit], more].concat();
        Server::start(name, "gateway", &flags).and_then(Watched::new)
    };
    let large = upstream::start().await?;
    let proxy = Proxy::start(large).await?;
    let redis = Redis::start().await?;
    let [near, distant] = redis.urls();
    let shared = |name, url: &str| {
        let flags = [
            "--redis",
            url,
            "--key-secret",
            SECRET,
            "--metrics",
            "127.0.0.1:0",
        ];
        start(name, "hour=20/1h", &flags)
    };
    let gateways = [
        start("open", OPEN, &[])?,
        start("spent", "spent=1/1d", &[])?,
        start("large", OPEN, &["--upstream", &format!("http://{large}")])?,
        shared("near", &near)?,
        shared("distant", &distant)?,
        start(
            "proxied",
            OPEN,
            &["--upstream", &format!("http://{}", proxy.address)],
        )?,
    ];
    let service = Server::start("tonic-service", "tonic-service", &[]).and_then(Watched::new)?;
    let addresses = gateways.each_ref().map(|watched| watched.server.address);
    let soak = Arc::new(Soak::new(addresses));
    spend(&soak, &gateways[1]).await?;

    let mut servers = Vec::from(gateways);
    servers.push(service);
    let (loaded, failing) = servers.split_at_mut(LOADED);
    load(&soak, loaded, time).await;
    fail(&soak, failing, redis, proxy, time).await;
    for watched in &servers {
        let growth = match SHARED.contains(&watched.server.name) {
            true => MAX_GROWTH + STORE,
            false => MAX_GROWTH,
        };
        watched.check_memory(growth, &soak.report);
        if let Err(error) = watched.check_descriptors(&soak.report).await {
            soak.report.fault(UNWATCHED, error.to_string());
        }
    }
    stop(&soak, servers).await?;
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
    let mut connection = Http1::connect(spent.server.address).await?;
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
    watch_over(soak, gateways, time, || started.elapsed() >= time).await;
    let (requests, took) = (soak.report.requests(), started.elapsed());
    phase.send_replace(Phase::Leave);
    join(soak, clients).await;
    let per_second = precise(requests) / took.as_secs_f64();
    println!("{requests} requests in {took:.1?}, {per_second:.0} a second");
}

/// Samples what they hold, until this is over or one of them is no more.
async fn watch_over(
    soak: &Soak,
    servers: &mut [Watched],
    time: Duration,
    is_over: impl Fn() -> bool,
) {
    let started = Instant::now();
    while !is_over() {
        sleep(SAMPLE).await;
        let is_warm = started.elapsed() > WARM_UP.min(time / 2);
        let mut servers = servers.iter_mut();
        if let Err(error) = servers.try_for_each(|watched| watched.sample(is_warm)) {
            soak.report.fault(UNWATCHED, error.to_string());
            return;
        }
    }
}

/// Lets fail what is behind the servers, each in turn and for this long at least, while clients go on.
async fn fail(
    soak: &Arc<Soak>,
    servers: &mut [Watched],
    redis: Redis,
    proxy: Proxy,
    time: Duration,
) {
    let [near, distant, _, service] = servers else {
        return;
    };
    let shared = Shared {
        soak: Arc::clone(soak),
        servers: [near.server.shown(), distant.server.shown()],
        redis,
    };
    let (phase, watched) = watch::channel(Phase::Load);
    let mut clients = traffic::shared(soak, &watched);
    let calls = grpc::calls(soak, &watched, service.server.address);
    let (started, before) = (Instant::now(), soak.report.requests());
    let upstream = upstream_fails(Arc::clone(soak), proxy, time);
    let faults = tokio::spawn(async move { tokio::join!(shared.redis_fails(time), upstream) });
    watch_over(soak, servers, time, || faults.is_finished()).await;
    let redis = faults.await;
    phase.send_replace(Phase::Leave);
    clients.spawn(async move {
        calls.join_all().await;
    });
    join(soak, clients).await;
    if let Err(error) = redis {
        soak.report.fault("a fault broke", error.to_string());
    }
    let requests = soak.report.requests() - before;
    let took = started.elapsed();
    println!("{requests} requests in {took:.1?} while something failed");
}

/// Stops the servers while more is requested. A response that they are at has to come whole, and they have to end
/// well.
async fn stop(soak: &Arc<Soak>, servers: Vec<Watched>) -> io::Result<()> {
    let (phase, watched) = watch::channel(Phase::Load);
    let clients = traffic::workers(soak, &watched);
    sleep(BEFORE_STOP).await;
    let stopped = Instant::now();
    phase.send_replace(Phase::Stop(stopped));
    for watched in &servers {
        watched.server.terminate()?;
    }
    for watched in servers {
        let name = watched.server.name;
        let (status, log) = watched.server.end(DRAIN).await?;
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
        if SHARED.contains(&name) {
            check_log(name, &log.redis, &soak.report);
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

const OPEN: &str = "open=1000000/1s";
/// For the names of keys in Redis.
const SECRET: &str = "000102030405060708090a0b0c0d0e0f";
const SHARED: [&str; 2] = ["near", "distant"];
/// How many servers are loaded first; behind the others something fails.
const LOADED: usize = 3;
/// MiB that are noise: what an allocator keeps for later.
const MAX_GROWTH: f64 = 4.0;
/// MiB of a store in memory, which an outage begins to fill.
const STORE: f64 = 17.0;
const UNWATCHED: &str = "a server has ended under load";
const SAMPLE: Duration = Duration::from_millis(200);
/// After this, or half of the time, memory has to be flat.
const WARM_UP: Duration = Duration::from_secs(15);
const BEFORE_STOP: Duration = Duration::from_secs(1);
/// The 10 s that a gateway has to drain, and some to end.
const DRAIN: Duration = Duration::from_secs(13);
