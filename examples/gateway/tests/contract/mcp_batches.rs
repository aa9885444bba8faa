//! What a batch of JSON-RPC costs.

use serde_json::Value;
use serde_json::json;

use crate::support::Gateway;
use crate::support::PROTOCOLS;

const PREFIXES: [&str; 2] = ["/ads", "/routermcp"];

fn pings(count: usize) -> Value {
    let ping = |id| json!({"jsonrpc": "2.0", "id": id, "method": "ping"});
    (0..count).map(ping).collect()
}

#[tokio::test]
async fn a_batch_costs_as_much_as_its_requests() {
    let gateway = Gateway::with(&["--limit", "hour=1000/1h"]).await;
    let silent = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let mixed = json!([silent, pings(2)[0], silent, 7, pings(2)[1]]);

    for protocol in PROTOCOLS {
        for prefix in PREFIXES {
            let client = format!("{prefix}{protocol:?}");
            for (body, left) in [
                (pings(10), 990),
                (pings(1), 989),
                (pings(2)[0].clone(), 988),
                (mixed.clone(), 986),
                (json!([silent, silent]), 985),
                (json!([]), 984),
            ] {
                let ask = gateway.post(&format!("{prefix}/mcp"), body.to_string());
                let ask = ask.over(protocol).header("x-api-key", &client);

                assert_eq!(
                    ask.answer().await.number("x-ratelimit-remaining"),
                    left,
                    "{body}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_batch_may_overdraw_and_what_follows_is_refused() {
    let gateway = Gateway::with(&["--limit", "hour=20/1h"]).await;

    for prefix in PREFIXES {
        let path = format!("{prefix}/mcp");
        let post = |count| gateway.post(&path, pings(count).to_string());
        let batch = post(60).header("x-api-key", prefix).answer().await;
        let next = post(1).header("x-api-key", prefix).answer().await;

        assert_eq!(batch.json().as_array().map(Vec::len), Some(60), "{batch:?}");
        assert_eq!(batch.number("x-ratelimit-remaining"), 0);
        assert_eq!(next.status, 429);
        // An account is overdrawn by no more than its quota, which has to come back first.
        assert!(next.number("retry-after") > 20 * 180, "{next:?}");
    }
}

#[tokio::test]
async fn a_batch_that_finds_nothing_left_is_refused_as_a_whole() {
    let gateway = Gateway::with(&["--limit", "hour=1/1h"]).await;

    for prefix in PREFIXES {
        let ask = gateway.post(&format!("{prefix}/mcp"), pings(2).to_string());
        let answer = ask.header("x-api-key", prefix).answer().await;

        assert_eq!(answer.status, 429, "{answer:?}");
        assert_eq!(answer.number("x-ratelimit-remaining"), 0);
        assert!(answer.number("retry-after") > 3500, "{answer:?}");
    }
}
