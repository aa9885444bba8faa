//! Another server becomes the primary behind the same address.

use std::sync::{Arc, Mutex};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tower_edge_redis::OnStoreError;
use tower_edge_tests::RedisServer;

use crate::stand::Stand;

/// An address behind which one server stands for another.
struct Address {
    primary: Arc<Mutex<String>>,
    url: String,
}

impl Address {
    async fn of(primary: &RedisServer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("redis://{}", listener.local_addr().unwrap());
        let address = Self {
            primary: Arc::new(Mutex::new(host(primary))),
            url,
        };
        let current = address.primary.clone();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let primary = current.lock().unwrap().clone();
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(primary).await.unwrap();
                    copy_bidirectional(&mut client, &mut server).await
                });
            }
        });
        address
    }

    /// Only connections that are made from now on reach this server.
    fn leads_to(&self, primary: &RedisServer) {
        *self.primary.lock().unwrap() = host(primary);
    }
}

fn host(server: &RedisServer) -> String {
    format!("127.0.0.1:{}", server.port())
}

#[tokio::test]
async fn a_primary_that_has_become_a_replica_is_left_for_the_new_one() {
    let (old, new) = (RedisServer::start(), RedisServer::start());
    let address = Address::of(&old).await;
    let stand = Stand::new(&address.url, OnStoreError::LocalFallback);
    assert_eq!(stand.admitted("a", 5).await, 5);

    address.leads_to(&new);
    old.tell(&["REPLICAOF", "127.0.0.1", &new.port().to_string()]);
    stand.recover().await;

    assert!(stand.is_admitted("b").await);
    assert_ne!(new.ask(&["DBSIZE"]), "0");
}
