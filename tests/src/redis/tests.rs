use super::*;

#[test]
fn a_server_that_is_killed_comes_back_at_its_address_and_empty() {
    let mut server = RedisServer::start();
    server.execute(&["SET", "a", "1"]);
    assert_eq!(server.ask(&["GET", "a"]), "1");

    server.restart();

    assert_eq!(server.ask(&["GET", "a"]), "");
}

#[test]
fn a_replica_has_what_its_primary_has_and_takes_no_writes() {
    let server = RedisServer::start();
    server.execute(&["SET", "a", "1"]);

    let replica = server.replica();

    assert_eq!(replica.ask(&["GET", "a"]), "1");
    assert!(replica.ask(&["SET", "a", "2"]).starts_with("-READONLY"));
}

#[test]
fn a_cluster_serves_all_slots_and_each_master_a_third() {
    let cluster = RedisCluster::start();

    let replies = cluster
        .masters()
        .each_ref()
        .map(|master| master.ask(&["SET", "a", "1"]));

    assert_eq!(replies.iter().filter(|reply| *reply == "OK").count(), 1);
    assert_eq!(
        replies
            .iter()
            .filter(|reply| reply.starts_with("-MOVED"))
            .count(),
        2
    );
}

#[test]
fn a_replica_takes_over_from_a_master_that_is_killed() {
    let mut cluster = RedisCluster::start();
    let replica = cluster.replica_of_first();

    cluster.kill_first();

    cluster.take_over(&replica);
    assert!(replica.ask(&["ROLE"]).starts_with("master"));
}

#[test]
fn a_clock_is_off_until_it_is_set() {
    let mut server = RedisServer::with_clock_off(3600);
    let ahead = server.unix_time();

    server.set_clock_off(-3600);

    let step = server.unix_time() - ahead;
    assert!((-7200..-7140).contains(&step), "{step}");
}
