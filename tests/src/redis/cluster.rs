//! Several servers that share the keys.

use super::server::{RedisServer, TURNS, free_port};

/// Three masters without replicas, which hold a third of the slots each.
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
        let masters = SLOTS.map(master);
        let [first, others @ ..] = &masters;
        for other in others {
            let port = other.port().to_string();
            let bus = other.ask(&["CONFIG", "GET", "cluster-port"]);
            let bus = bus.lines().last().unwrap();
            first.tell(&["CLUSTER", "MEET", "127.0.0.1", &port, bus]);
        }
        let are_up = || masters.iter().all(knows_all);
        assert!(
            (0..TURNS).any(|_| are_up() || first.turn()),
            "a cluster in time"
        );
        Self { masters }
    }

    /// The masters, in the order of their slots.
    #[must_use]
    pub const fn masters(&self) -> &[RedisServer; 3] {
        &self.masters
    }

    /// Where clients find them.
    #[must_use]
    pub fn urls(&self) -> [String; 3] {
        self.masters.each_ref().map(RedisServer::url)
    }
}

/// A master that serves the slots from the one to the other.
fn master((first, last): (&str, &str)) -> RedisServer {
    let bus = free_port().to_string();
    let flags = ["--cluster-enabled", "yes", "--cluster-port", &bus];
    let master = RedisServer::with(&flags);
    master.tell(&["CLUSTER", "ADDSLOTSRANGE", first, last]);
    master
}

fn knows_all(master: &RedisServer) -> bool {
    let info = master.ask(&["CLUSTER", "INFO"]);
    info.contains("cluster_state:ok") && info.contains("cluster_slots_assigned:16384")
}

const SLOTS: [(&str, &str); 3] = [("0", "5460"), ("5461", "10922"), ("10923", "16383")];
