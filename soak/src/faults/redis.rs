use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::task::block_in_place;
use tower_edge_tests::RedisServer;

use super::proxy::{Fault, Proxy};

/// The server that counts limits, with the network to it of one of the gateways.
#[derive(Debug)]
pub(crate) struct Redis {
    server: RedisServer,
    proxy: Proxy,
}

/// What happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outage {
    /// SIGKILL. It comes back empty.
    Killed,
    /// SIGSTOP, and SIGCONT.
    Stopped,
    /// It is killed, and is back at once.
    Restarted,
    /// The distant gateway's network fails.
    Network(Fault),
}

impl Redis {
    pub(crate) async fn start() -> io::Result<Self> {
        let server = block_in_place(RedisServer::start);
        let address = SocketAddr::from(([127, 0, 0, 1], server.port()));
        let proxy = Proxy::start(address).await?;
        Ok(Self { server, proxy })
    }

    /// Where the near and the distant gateway find it.
    pub(crate) fn urls(&self) -> [String; 2] {
        [
            self.server.url(),
            format!("redis://{}/", self.proxy.address),
        ]
    }

    pub(super) fn begin(&mut self, outage: Outage) {
        match outage {
            Outage::Killed => block_in_place(|| self.server.kill()),
            Outage::Stopped => block_in_place(|| self.server.pause()),
            Outage::Restarted => block_in_place(|| self.server.restart()),
            Outage::Network(fault) => self.proxy.set(fault),
        }
    }

    pub(super) fn end(&mut self, outage: Outage) {
        match outage {
            Outage::Killed => block_in_place(|| self.server.restart()),
            Outage::Stopped => block_in_place(|| self.server.resume()),
            Outage::Restarted => {}
            Outage::Network(_) => self.proxy.set(Fault::None),
        }
    }
}

impl Outage {
    /// In their order. The first is logged at once by both gateways.
    pub(super) const ALL: [(&str, Self); 6] = [
        ("Redis killed", Self::Killed),
        ("Redis stopped", Self::Stopped),
        ("Redis restarted", Self::Restarted),
        (
            "Redis 200 ms away",
            Self::Network(Fault::Latency(Duration::from_millis(200))),
        ),
        ("Redis in a black hole", Self::Network(Fault::BlackHole)),
        ("replies of Redis cut", Self::Network(Fault::Cut(3))),
    ];
}
