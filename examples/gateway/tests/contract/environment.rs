//! Flags that are given as `EDGE_…` variables.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{Gateway, PATIENCE, command};

async fn with(variables: &[(&str, &str)], flags: &[&str]) -> Gateway {
    let mut command = command();
    command.env("EDGE_LISTEN", "127.0.0.1:0").args(flags);
    command.envs(variables.iter().copied());
    Gateway::run(command).await
}

#[tokio::test]
async fn every_flag_is_a_variable_too() {
    let variables = [
        ("EDGE_LIMIT", "a=7/1m,b=900/1h"),
        ("EDGE_TIMEOUT", "150ms"),
        ("EDGE_MIN_VERSION", "3.0.0"),
        ("EDGE_MIN_STAGED_VERSION", "b.1.0-1"),
        ("EDGE_TRUSTED_PROXY", "10.0.0.0/8,127.0.0.0/8"),
        ("EDGE_ADDRESS_LIMIT", "800/1m"),
        ("EDGE_WRITE_TIMEOUT", "20s"),
        ("EDGE_MAX_CONNECTIONS_PER_ADDRESS", "100"),
        ("EDGE_DEVELOPMENT", "true"),
        ("EDGE_METRICS", "127.0.0.1:0"),
    ];
    let gateway = with(&variables, &[]).await;

    assert!(gateway.metrics().is_some());
    let response = gateway.get("/problem/api/upstream/slow").send().await;
    assert_eq!(response.json()["timeout_ms"], 150);
    let policies = response.field("ratelimit-policy");
    for policy in [r#""a";q=7;w=60"#, r#""b";q=900;w=3600"#, ";q=800;w=60"] {
        assert!(policies.contains(policy), "{policies}");
    }
    for (prefix, version) in [("/ads", "2.9.9"), ("/plexichat", "a.9.9-9")] {
        let ask = gateway.get(&format!("{prefix}/api/media/7"));
        let outdated = ask.header("x-client-version", version).send().await;
        assert_eq!(outdated.status, 426);
    }
    for (address, left) in [("192.0.2.1", 6), ("192.0.2.2", 6), ("192.0.2.1", 5)] {
        let ask = gateway
            .get("/ads/api/media/7")
            .header("x-forwarded-for", address);
        assert_eq!(ask.send().await.number("x-ratelimit-remaining"), left);
    }
}

#[tokio::test]
async fn an_upstream_may_come_from_a_variable() {
    let gateway = with(&[("EDGE_UPSTREAM", "http://127.0.0.1:1")], &[]).await;

    let response = gateway.get("/problem/api/media/7").send().await;

    assert_eq!(response.status, 502);
}

#[tokio::test]
async fn bare_may_come_from_a_variable() {
    for (value, is_bare) in [("true", true), ("1", true), ("false", false), ("0", false)] {
        let gateway = with(&[("EDGE_BARE", value)], &[]).await;
        let response = gateway.get("/healthz").send_unchecked().await;

        assert_eq!(!response.has("x-correlation-id"), is_bare, "{value}");
    }
}

#[tokio::test]
async fn how_many_connections_an_address_has_may_come_from_variables() {
    let most = ("EDGE_MAX_CONNECTIONS_PER_ADDRESS", "1");
    let proxy = ("EDGE_TRUSTED_PROXY", "127.0.0.1");
    for (variable, held, is_closed) in [(most, 1, true), (proxy, 256, false)] {
        let gateway = with(&[variable], &[]).await;
        let mut open = Vec::new();
        for _ in 0..held {
            open.push(TcpStream::connect(gateway.address).await.unwrap());
        }
        let mut one_more = TcpStream::connect(gateway.address).await.unwrap();
        let request = b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n";

        let _ = one_more.write_all(request).await;
        let read = timeout(PATIENCE, one_more.read(&mut [0; 1024])).await;
        let read = read.expect("a response or an end").unwrap_or(0);
        assert_eq!(read == 0, is_closed, "{variable:?}");
    }
}

#[tokio::test]
async fn a_flag_goes_before_its_variable() {
    let gateway = with(&[("EDGE_LIMIT", "a=7/1m")], &["--limit", "b=8/1m"]).await;

    let response = gateway.get("/problem/api/media/7").send().await;

    assert_eq!(response.field("ratelimit-policy"), r#""b";q=8;w=60"#);
}

#[tokio::test]
async fn a_bad_variable_is_one_line_and_status_2() {
    for (name, value, flag) in [
        ("EDGE_LISTEN", "nonsense", "--listen"),
        ("EDGE_METRICS", "nonsense", "--metrics"),
        ("EDGE_UPSTREAM", "nonsense", "--upstream"),
        ("EDGE_LIMIT", "a=5/1s,nonsense", "--limit"),
        ("EDGE_TIMEOUT", "nonsense", "--timeout"),
        ("EDGE_MIN_VERSION", "nonsense", "--min-version"),
        (
            "EDGE_MIN_STAGED_VERSION",
            "nonsense",
            "--min-staged-version",
        ),
        ("EDGE_REDIS", "nonsense", "--redis"),
        (
            "EDGE_TRUSTED_PROXY",
            "10.0.0.0/8,nonsense",
            "--trusted-proxy",
        ),
        ("EDGE_ADDRESS_LIMIT", "nonsense", "--address-limit"),
        (
            "EDGE_MAX_UPSTREAM_CALLS",
            "nonsense",
            "--max-upstream-calls",
        ),
        ("EDGE_WRITE_TIMEOUT", "nonsense", "--write-timeout"),
        (
            "EDGE_MAX_CONNECTIONS_PER_ADDRESS",
            "nonsense",
            "--max-connections-per-address",
        ),
        ("EDGE_DEVELOPMENT", "nonsense", "--development"),
        ("EDGE_BARE", "nonsense", "--bare"),
    ] {
        let output = timeout(PATIENCE, command().env(name, value).output()).await;
        let output = output.expect("an end in time").unwrap();

        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        let is_named = stderr.contains(flag) || stderr.contains(name);
        assert!(is_named && stderr.contains("nonsense"), "{stderr}");
        assert!(output.stdout.is_empty());
    }
}
