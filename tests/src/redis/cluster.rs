//! Several servers that share the keys.

use std::ops::RangeInclusive;

use super::server::RedisServer;

/// Three masters, which hold a third of the slots each.
///
/// A master that does not reply for half a second is lost, and the others go on without it.
#[derive(Debug)]
pub struct RedisCluster {
    masters: [RedisServer; 3],
}

impl RedisCluster {
    /// A cluster that serves all slots.
    ///
    /// # Panics
    ///
    /// When redis-server is missing, or its servers do not find each other.
    #[must_use]
    pub fn start() -> Self {
        let masters = [(); 3].map(|()| RedisServer::node(&FLAGS));
        let [first, others @ ..] = &masters;
        for (master, slots) in masters.iter().zip(SLOTS) {
            let slots: Vec<_> = slots.map(|slot| slot.to_string()).collect();
            let command = ["CLUSTER", "ADDSLOTS"].into_iter();
            let command: Vec<_> = command.chain(slots.iter().map(String::as_str)).collect();
            master.execute(&command);
        }
        for other in others {
            other.meet(first);
        }
        first.wait_until("a cluster", || masters.iter().all(knows_all));
        Self { masters }
    }

    /// A server that may [take over](Self::take_over) from the first master. It has copied all that there is.
    ///
    /// # Panics
    ///
    /// When it does not find the others.
    #[must_use]
    pub fn replica_of_first(&self) -> RedisServer {
        let replica = RedisServer::node(&FLAGS);
        let [first, others @ ..] = &self.masters;
        replica.meet(first);
        let id = first.ask(&["CLUSTER", "MYID"]);
        // Before it knows the master it refuses to copy it.
        let follow = || replica.ask(&["CLUSTER", "REPLICATE", &id]) == "OK";
        first.wait_until("a node that is known", follow);
        replica.await_copy(first);
        let id = replica.ask(&["CLUSTER", "MYID"]);
        let is_known = |master: &RedisServer| {
            let nodes = master.ask(&["CLUSTER", "NODES"]);
            nodes
                .lines()
                .any(|node| node.starts_with(&id) && node.contains("slave"))
        };
        first.wait_until("a known replica", || others.iter().all(is_known));
        replica
    }

    /// The masters, in the order of their slots.
    #[must_use]
    pub const fn masters(&self) -> &[RedisServer; 3] {
        &self.masters
    }

    /// Kills the first master.
    pub fn kill_first(&mut self) {
        self.masters[0].kill();
    }

    /// Lets this replica take over from the first master, which is killed, and waits until the others know.
    ///
    /// # Panics
    ///
    /// When they do not.
    pub fn take_over(&self, replica: &RedisServer) {
        let [_, others @ ..] = &self.masters;
        // The others may have elected it by themselves.
        let _ = replica.ask(&["CLUSTER", "FAILOVER", "TAKEOVER"]);
        let id = replica.ask(&["CLUSTER", "MYID"]);
        let knows = |server: &RedisServer| {
            let nodes = server.ask(&["CLUSTER", "NODES"]);
            let mut nodes = nodes.lines().filter(|node| node.starts_with(&id));
            nodes.any(|node| node.ends_with("connected 0-5460"))
        };
        others[0].wait_until("a replica that leads", || others.iter().all(knows));
    }

    /// Where clients find them.
    #[must_use]
    pub fn urls(&self) -> [String; 3] {
        self.masters.each_ref().map(RedisServer::url)
    }
}

fn knows_all(master: &RedisServer) -> bool {
    let info = master.ask(&["CLUSTER", "INFO"]);
    info.contains("cluster_state:ok") && info.contains("cluster_slots_assigned:16384")
}

const FLAGS: [&str; 6] = [
    "--cluster-enabled",
    "yes",
    "--cluster-node-timeout",
    "500",
    "--cluster-require-full-coverage",
    "no",
];
const SLOTS: [RangeInclusive<u16>; 3] = [0..=5460, 5461..=10_922, 10_923..=16_383];
