//! Whom a request is counted for.

use crate::support::Gateway;

/// Requests of one gateway that counts one a minute: who asks, and whether it is the first of whom.
async fn assert_counted(flags: &[&str], rows: &[(&[(&str, &str)], bool)]) {
    let gateway = Gateway::with(&[&["--limit", "one=1/1m"], flags].concat()).await;
    for (fields, is_first) in rows {
        let ask = gateway.get("/plexichat/api/media/7").headers(fields);
        let response = ask.send().await;

        let expected = if *is_first { 200 } else { 429 };
        assert_eq!(response.status, expected, "{fields:?}");
    }
}

#[tokio::test]
async fn it_is_the_api_key_else_the_bearer_key_else_the_address() {
    assert_counted(
        &[],
        &[
            (&[("x-api-key", "a")], true),
            (&[("x-api-key", "a")], false),
            (&[("x-api-key", "b")], true),
            (&[("authorization", "Bearer c")], true),
            (&[("authorization", "Bearer c")], false),
            (&[("authorization", "bearer c")], false),
            (&[("authorization", "Bearer d")], true),
            (&[], true),
            (&[], false),
            // The API key is read first.
            (&[("x-api-key", "a"), ("authorization", "Bearer e")], false),
            (&[("x-api-key", "e"), ("authorization", "Bearer c")], true),
        ],
    )
    .await;
}

#[tokio::test]
async fn credentials_that_are_no_key_count_for_the_address() {
    assert_counted(
        &[],
        &[
            (&[], true),
            (&[("x-api-key", "")], false),
            (&[("authorization", "Basic YTpi")], false),
            (&[("authorization", "Bearer")], false),
            (&[("authorization", "Bearer ")], false),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_forwarded_address_is_not_believed_without_a_trusted_proxy() {
    for flags in [&[][..], &["--trusted-proxy", "10.0.0.0/8"]] {
        assert_counted(
            flags,
            &[
                (&[("x-forwarded-for", "192.0.2.1")], true),
                (&[("x-forwarded-for", "192.0.2.2")], false),
                (&[("forwarded", "for=192.0.2.3")], false),
                (&[("x-real-ip", "192.0.2.3")], false),
                (&[], false),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn a_trusted_proxy_forwards_the_address() {
    assert_counted(
        &[
            "--trusted-proxy",
            "127.0.0.0/8",
            "--trusted-proxy",
            "10.0.0.0/8",
        ],
        &[
            (&[("x-forwarded-for", "192.0.2.1")], true),
            (&[("x-forwarded-for", "192.0.2.1")], false),
            (&[("x-forwarded-for", "192.0.2.2")], true),
            // What the client wrote itself stands to the left of what the proxy saw.
            (&[("x-forwarded-for", "192.0.2.9, 192.0.2.1")], false),
            // A trusted proxy may have another behind it.
            (&[("x-forwarded-for", "192.0.2.1, 10.1.2.3")], false),
            (&[("x-forwarded-for", "192.0.2.3, 10.1.2.3")], true),
            // Several lines are one list.
            (
                &[
                    ("x-forwarded-for", "192.0.2.77"),
                    ("x-forwarded-for", "192.0.2.1"),
                ],
                false,
            ),
            (&[], true),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_ipv6_client_is_its_first_56_bits() {
    assert_counted(
        &["--trusted-proxy", "127.0.0.1"],
        &[
            (&[("x-forwarded-for", "2001:db8:1:2::1")], true),
            (&[("x-forwarded-for", "2001:db8:1:2:ffff::9")], false),
            (&[("x-forwarded-for", "2001:db8:1:ff::1")], false),
            (&[("x-forwarded-for", "2001:db8:1:100::1")], true),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_address_limit_holds_against_minted_keys() {
    let flags = ["--limit", "key=100/1m", "--address-limit", "5/1m"];
    let gateway = Gateway::with(&flags).await;

    for index in 0..8 {
        let ask = gateway.get("/medianest/api/media/7");
        let response = ask
            .header("x-api-key", format!("minted-{index}"))
            .send()
            .await;

        assert_eq!(response.status, if index < 5 { 200 } else { 429 });
        assert_eq!(response.number("x-ratelimit-limit"), 5);
    }
}

#[tokio::test]
async fn an_address_limit_is_per_address() {
    let flags = [
        "--limit",
        "key=1/1m",
        "--address-limit",
        "2/1m",
        "--trusted-proxy",
        "127.0.0.1/32",
    ];
    let gateway = Gateway::with(&flags).await;
    let ask = async |address: &str, key: &str| {
        let ask = gateway
            .get("/medianest/api/media/7")
            .header("x-api-key", key);
        ask.header("x-forwarded-for", address).send().await.status
    };

    assert_eq!(ask("192.0.2.1", "a").await, 200);
    assert_eq!(ask("192.0.2.1", "b").await, 200);
    assert_eq!(ask("192.0.2.1", "c").await, 429);
    assert_eq!(ask("192.0.2.2", "c").await, 200);
    assert_eq!(
        ask("192.0.2.2", "a").await,
        429,
        "a key counts wherever it comes from"
    );
}
