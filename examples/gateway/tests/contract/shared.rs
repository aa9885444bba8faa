//! Limits that several gateways count together.
//!
//! A gateway waits for the server no longer than 20 ms, and counts by itself then. On a busy machine that
//! happens now and then, so that [`LATE`] requests more may be let through.

use std::ops::RangeInclusive;
use std::time::Duration;

use tokio::time::timeout;
use tower_edge_tests::RedisServer;

use crate::support::Gateway;

/// A gateway that counts its limit in this server.
async fn gateway(server: &RedisServer) -> Gateway {
    Gateway::with(&["--redis", &server.url(), "--limit", "hour=20/1h"]).await
}

/// The status of the response to one client.
async fn status(gateway: &Gateway) -> u16 {
    let ask = gateway.get("/problem/api/media/7").header("x-api-key", "a");
    ask.send().await.status
}

/// Calls all of them in turn, and counts how often a client was let through.
async fn admitted(gateways: &[&Gateway], rounds: usize) -> usize {
    let mut admitted = 0;
    for _ in 0..rounds {
        for gateway in gateways {
            match status(gateway).await {
                200 => admitted += 1,
                status => assert_eq!(status, 429),
            }
        }
    }
    admitted
}

#[tokio::test]
async fn two_gateways_admit_together_what_one_would() {
    let server = RedisServer::start();
    let first = gateway(&server).await;
    let second = gateway(&server).await;

    let admitted = admitted(&[&first, &second], QUOTA).await;

    assert!(ONE_QUOTA.contains(&admitted), "{admitted}");
}

#[tokio::test]
async fn a_third_gateway_joins_and_leaves_and_nothing_is_forgotten() {
    let server = RedisServer::start();
    let first = gateway(&server).await;
    let second = gateway(&server).await;
    let two = admitted(&[&first, &second], 4).await;
    assert_eq!(two, 8);

    let third = gateway(&server).await;
    let three = admitted(&[&first, &second, &third], 2).await;
    assert_eq!(three, 6);
    third.signal("TERM").await;
    let (status, _, stderr) = third.end().await;
    assert!(status.success(), "{stderr}");

    let admitted = two + three + admitted(&[&first, &second], QUOTA).await;
    assert!(ONE_QUOTA.contains(&admitted), "{admitted}");
}

#[tokio::test]
async fn gateways_go_on_alone_when_the_server_is_killed_and_together_when_it_is_back() {
    let mut server = RedisServer::start();
    let first = gateway(&server).await;
    let second = gateway(&server).await;
    let together = admitted(&[&first, &second], 5).await;
    assert_eq!(together, 10);

    server.kill();
    // Each has a quota of its own now, whatever was counted on the server, and all get a response.
    let admitted = together + admitted(&[&first, &second], 2 * QUOTA).await;
    assert!(
        (2 * QUOTA..=2 * QUOTA + 10).contains(&admitted),
        "{admitted}"
    );

    server.restart();
    for gateway in [&first, &second] {
        let before = counted(&server);
        let is_back = async {
            while counted(&server) == before {
                status(gateway).await;
            }
        };
        timeout(PATIENCE, is_back)
            .await
            .expect("a gateway that comes back");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_yet_keeps_no_gateway_from_serving() {
    let mut server = RedisServer::start();
    server.kill();

    let gateway = gateway(&server).await;

    assert_eq!(admitted(&[&gateway], 2 * QUOTA).await, QUOTA);
    let health = gateway.get("/healthz").send_unchecked().await;
    assert_eq!(health.status, 200);
}

/// What the one client owes to the server, in microseconds of its clock, if anything.
fn counted(server: &RedisServer) -> String {
    let key = server.ask(&["RANDOMKEY"]);
    server.ask(&["GET", &key])
}

const QUOTA: usize = 20;
const LATE: usize = 10;
/// And not two.
const ONE_QUOTA: RangeInclusive<usize> = QUOTA..=QUOTA + LATE;
/// Longer than the longest pause between two attempts.
const PATIENCE: Duration = Duration::from_secs(30);
