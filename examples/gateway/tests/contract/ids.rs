//! Correlation ids, in and out.

use crate::support::{Gateway, PROTOCOLS, TestResponse, at, raw};

const PATH: &str = "/problem/api/media/7";

fn is_made(id: &str) -> bool {
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    id.len() == 32 && id.bytes().all(is_hex)
}

fn assert_made(response: &TestResponse) {
    let id = response.field("x-correlation-id");
    assert!(is_made(id), "{id}");
}

#[tokio::test]
async fn one_is_made_where_there_is_none() {
    let gateway = Gateway::hasty().await;
    let mut seen = std::collections::HashSet::new();

    for protocol in PROTOCOLS {
        for path in ["/healthz", "/nope", PATH, "/medianest/api/upstream/slow"] {
            let response = gateway.get(path).over(protocol).send().await;

            assert_made(&response);
            let id = response.field("x-correlation-id").to_owned();
            assert!(seen.insert(id), "the same id twice: {response:?}");
        }
    }
}

#[tokio::test]
async fn one_that_is_valid_is_taken_whatever_the_response() {
    let gateway = Gateway::start().await;
    let paths = [
        "/api/media/7",
        "/api/media/101",
        "/api/media/abc",
        "/api/private",
        "/api/panic",
        "/api/nothing",
        "/api/upstream/refused",
    ];

    for protocol in PROTOCOLS {
        for path in paths {
            for (_, path) in at(path) {
                for name in ["x-correlation-id", "x-request-id"] {
                    let ask = gateway.get(&path).over(protocol);
                    let response = ask.header(name, "req_abc123xyz").send().await;

                    assert_eq!(response.field("x-correlation-id"), "req_abc123xyz");
                }
            }
        }
    }
}

#[tokio::test]
async fn the_correlation_id_goes_before_the_request_id() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        let fields = [("x-request-id", "second"), ("x-correlation-id", "first")];
        let response = gateway.get(PATH).over(protocol).headers(&fields);

        assert_eq!(response.send().await.field("x-correlation-id"), "first");
    }
}

#[tokio::test]
async fn one_that_is_hostile_is_replaced_and_the_server_lives_on() {
    let gateway = Gateway::start().await;
    let long = "a".repeat(60 * 1024);
    let hostile: [&[u8]; 8] = [
        long.as_bytes(),
        b"",
        b"a\tb",
        b"a b",
        b"\xff\xfe",
        "é".as_bytes(),
        b"a,b\"<>",
        &[b'a'; 1000],
    ];

    for protocol in PROTOCOLS {
        for name in ["x-correlation-id", "x-request-id"] {
            for value in hostile {
                let ask = gateway.get(PATH).over(protocol).header(name, value);
                let response = ask.send().await;

                assert_eq!(response.status, 200, "{name} of {} bytes", value.len());
                assert_made(&response);
                let next = gateway.get("/healthz").over(protocol).send().await;
                assert_eq!(next.status, 200);
            }
        }
    }
}

#[tokio::test]
async fn a_name_that_occurs_twice_is_invalid() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for name in ["x-correlation-id", "x-request-id"] {
            for (first, second) in [("a1", "b2"), ("a1", "a1")] {
                let ask = gateway.get(PATH).over(protocol);
                let response = ask.header(name, first).header(name, second);

                assert_made(&response.send().await);
            }
        }
    }
}

#[tokio::test]
async fn line_breaks_in_a_raw_field_add_no_field_to_the_response() {
    let gateway = Gateway::start().await;
    let head = "GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n";

    for field in [
        "x-correlation-id: a\rset-cookie: b\r\n",
        "x-correlation-id: a\nset-cookie: b\r\n",
        "x-correlation-id: a\r\n set-cookie: b\r\n",
        "x-correlation-id: a\0b\r\n",
    ] {
        let response = raw(&gateway, format!("{head}{field}\r\n")).await;

        assert!(!response.has("set-cookie"), "{response:?}");
        assert!(matches!(response.status, 200 | 400), "{response:?}");
        assert_eq!(gateway.get("/healthz").send().await.status, 200);
    }
}
