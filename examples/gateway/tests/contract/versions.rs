//! The gate for the versions of clients.

use crate::support::{
    Gateway, PREFIXES, PROTOCOLS, Protocol, assert_limit_fields, assert_no_limit_fields, at,
    remaining, rows,
};

#[tokio::test]
async fn an_outdated_client_is_426_in_each_format() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for (prefix, path) in at("/api/media/7") {
            let version = if prefix == "/plexichat" {
                "a.0.9-1"
            } else {
                "1.1.9"
            };
            let ask = gateway.get(&path).over(protocol);
            let response = ask.header("x-client-version", version).send().await;

            rows::OUTDATED.assert(prefix, &response);
            assert_no_limit_fields(&response);
            assert!(!response.has("retry-after"), "{response:?}");
            match protocol {
                Protocol::Http1 => {
                    let connection = response.field("connection").to_ascii_lowercase();
                    assert!(connection.split(',').any(|one| one.trim() == "upgrade"));
                    assert!(!response.field("upgrade").is_empty());
                }
                Protocol::Http2 => {
                    assert!(!response.has("connection") && !response.has("upgrade"));
                }
            }
        }
    }
}

#[tokio::test]
async fn a_version_is_ordered_by_the_rules_of_semver() {
    let gateway = Gateway::start().await;
    let rows = [
        ("1.2.0", 200),
        ("1.2.1", 200),
        ("1.10.0", 200),
        ("2.0.0", 200),
        ("1.3.0-alpha.1", 200),
        ("1.2.0+build.5", 200),
        ("1.2.0-rc.1", 426),
        ("1.1.99", 426),
        ("0.99.99", 426),
        ("0.0.0", 426),
        // An empty field is a missing one.
        ("", 200),
    ];

    for (version, status) in rows {
        for prefix in PREFIXES
            .into_iter()
            .filter(|prefix| *prefix != "/plexichat")
        {
            let ask = gateway.get(&format!("{prefix}/api/media/7"));
            let response = ask.header("x-client-version", version).send().await;

            assert_eq!(response.status, status, "{prefix} {version}");
        }
    }
}

#[tokio::test]
async fn a_staged_version_is_ordered_part_by_part() {
    let gateway = Gateway::start().await;
    let rows = [
        ("a.1.0-1", 200),
        ("a.1.0-49", 200),
        ("a.1.0-100", 200),
        ("a.10.0-1", 200),
        ("b.1.0-1", 200),
        ("b.0.0-0", 200),
        ("a.1.0-0", 426),
        ("a.0.9-1", 426),
        ("a.0.99-999", 426),
    ];

    for (version, status) in rows {
        let ask = gateway.get("/plexichat/api/media/7");
        let response = ask.header("x-client-version", version).send().await;

        assert_eq!(response.status, status, "{version}");
    }
}

#[tokio::test]
async fn what_is_no_version_is_400_in_each_format() {
    let gateway = Gateway::start().await;
    let long = "9".repeat(4096);
    let malformed: [&[u8]; 13] = [
        b"1.2",
        b"1",
        b"v1.2.0",
        b"1.2.0.0",
        b"01.2.0",
        b"1.2.x",
        b"-1.2.0",
        b"latest",
        b"1.2.0 beta",
        b"a.1.0",
        b"\xff\xfe",
        b"99999999999999999999.0.0",
        long.as_bytes(),
    ];

    for protocol in PROTOCOLS {
        for version in malformed {
            for (prefix, path) in at("/api/media/7") {
                let ask = gateway.get(&path).over(protocol);
                let response = ask.header("x-client-version", version).send().await;

                rows::NO_VERSION.assert(prefix, &response);
                assert_no_limit_fields(&response);
                assert!(!response.has("upgrade") && !response.has("retry-after"));
            }
        }
    }
}

#[tokio::test]
async fn each_prefix_reads_its_own_kind_of_version() {
    let gateway = Gateway::start().await;

    for (prefix, path) in at("/api/media/7") {
        let other = if prefix == "/plexichat" {
            "1.2.0"
        } else {
            "a.1.0-1"
        };
        let response = gateway.get(&path).header("x-client-version", other);

        rows::NO_VERSION.assert(prefix, &response.send().await);
    }
}

#[tokio::test]
async fn two_versions_are_none() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for (prefix, path) in at("/api/media/7") {
            let version = if prefix == "/plexichat" {
                "a.1.0-1"
            } else {
                "1.2.0"
            };
            let fields = [("x-client-version", version); 2];
            let response = gateway.get(&path).over(protocol).headers(&fields);

            rows::NO_VERSION.assert(prefix, &response.send().await);
        }
    }
}

/// A number with 4 KB behind it is a version all the same, or is not; it is not repeated at length.
#[tokio::test]
async fn a_long_version_does_not_make_a_long_response() {
    let gateway = Gateway::start().await;
    let long = format!("1.0.0-{}", "a".repeat(4096));

    for (_, path) in at("/api/media/7") {
        let ask = gateway.get(&path).header("x-client-version", &long);
        let response = ask.send().await;

        assert!(matches!(response.status, 400 | 426), "{response:?}");
        assert!(response.body.len() < 1024, "{response:?}");
    }
}

#[tokio::test]
async fn a_version_is_repeated_as_text_and_breaks_nothing() {
    let gateway = Gateway::start().await;

    for (_, path) in at("/api/media/7") {
        for version in [r#"1.0.0","x":"y"#, "1.0.0<script>", "1.0.0\\", "{}"] {
            let ask = gateway.get(&path).header("x-client-version", version);
            let response = ask.send().await;

            assert_eq!(response.status, 400, "{response:?}");
        }
    }
}

#[tokio::test]
async fn a_missing_version_is_let_through() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for (prefix, path) in at("/api/media/7") {
            let response = gateway.get(&path).over(protocol).send().await;

            assert_eq!(response.status, 200);
            assert_limit_fields(prefix, &response);
        }
    }
}

#[tokio::test]
async fn a_blocked_client_spends_no_quota() {
    let gateway = Gateway::with(&["--limit", "burst=2/1m"]).await;

    for (prefix, path) in at("/api/media/7") {
        let ask = || gateway.get(&path).header("x-api-key", prefix);
        for version in ["0.0.1", "a.0.0-1", "nonsense"].repeat(3) {
            let blocked = ask().header("x-client-version", version).send().await;
            assert!(matches!(blocked.status, 400 | 426), "{blocked:?}");
        }

        let first = ask().send().await;

        assert_eq!((first.status, remaining(prefix, &first)), (200, 1));
    }
}

#[tokio::test]
async fn a_blocked_client_receives_its_version_even_where_nothing_is_served() {
    let gateway = Gateway::start().await;

    for (prefix, path) in at("/api/nothing") {
        let version = if prefix == "/plexichat" {
            "a.0.9-1"
        } else {
            "1.1.9"
        };
        let response = gateway.get(&path).header("x-client-version", version);

        rows::OUTDATED.assert(prefix, &response.send().await);
    }
}

#[tokio::test]
async fn the_flags_set_the_oldest_versions() {
    let flags = ["--min-version", "2.0.0", "--min-staged-version", "b.2.0-3"];
    let gateway = Gateway::with(&flags).await;
    let rows = [
        ("/problem", "1.99.0", 426),
        ("/problem", "2.0.0", 200),
        ("/plexichat", "b.2.0-2", 426),
        ("/plexichat", "a.9.9-9", 426),
        ("/plexichat", "b.2.0-3", 200),
    ];

    for (prefix, version, status) in rows {
        let ask = gateway.get(&format!("{prefix}/api/media/7"));
        let response = ask.header("x-client-version", version).send().await;

        assert_eq!(response.status, status, "{prefix} {version}");
        if (prefix, status) == ("/plexichat", 426) {
            assert_eq!(response.json()["error"]["min_version"], "b.2.0-3");
        }
    }
}
