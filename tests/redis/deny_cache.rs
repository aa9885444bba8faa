//! Refusals that are remembered.

use tower_edge_tests::RedisServer;

use crate::stand::QUOTA;
use crate::stand::Stand;
use crate::stand::TIMEOUT;
use crate::stand::store;

fn stand(server: &RedisServer) -> Stand {
    Stand::of(store(&server.url()).with_deny_cache(64), TIMEOUT)
}

#[tokio::test]
async fn a_flood_of_a_client_that_is_refused_does_not_reach_the_server() {
    let server = RedisServer::start();
    let stand = stand(&server);
    assert_eq!(stand.admitted("a", QUOTA + 1).await, QUOTA);
    let before = stand.counters();

    assert_eq!(stand.admitted("a", 10_000).await, 0);

    let after = stand.counters();
    assert_eq!(after.round_trips, before.round_trips);
    assert_eq!(after.deny_cache_hits - before.deny_cache_hits, 10_000);
    // Others are none of its business.
    assert_eq!(stand.admitted("b", 1).await, 1);
}

#[tokio::test]
async fn who_was_refused_stays_refused_while_the_server_is_away() {
    let mut server = RedisServer::start();
    let stand = stand(&server);
    assert_eq!(stand.admitted("a", QUOTA + 1).await, QUOTA);

    server.kill();

    assert_eq!(stand.admitted("a", QUOTA).await, 0);
    assert_eq!(stand.counters().errors, 0);
}

#[tokio::test]
async fn a_refusal_that_is_remembered_is_told_as_the_server_would_tell_it() {
    let server = RedisServer::start();
    let (forgetful, remembering) = (Stand::of(store(&server.url()), TIMEOUT), stand(&server));
    assert_eq!(remembering.admitted("a", QUOTA + 1).await, QUOTA);

    let told = remembering.answer("a").await;

    assert_eq!(remembering.counters().deny_cache_hits, 1);
    let asked = forgetful.answer("a").await;
    assert_eq!(
        (told.status(), asked.status()),
        (asked.status(), told.status())
    );
    assert_eq!(told.headers(), asked.headers());
}
