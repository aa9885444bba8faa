use tower_edge_tests::TestResponse;

/// Asserts what holds for every response that the layers see.
pub(super) fn assert_sound(response: &TestResponse, is_head: bool) {
    assert!(
        !response.field("x-correlation-id").is_empty(),
        "{response:?}"
    );
    assert_eq!(response.field("access-control-allow-origin"), "*");
    if response.has("retry-after") {
        assert!(response.number("retry-after") >= 1, "{response:?}");
    }
    if response.status == 429 {
        assert!(response.has("retry-after"), "{response:?}");
    }
    if response.status >= 400 {
        assert_sound_error(response, is_head);
    }
}

fn assert_sound_error(response: &TestResponse, is_head: bool) {
    let content_type = response.field("content-type");
    let is_problem = content_type == "application/problem+json";
    assert!(
        is_problem || content_type == "application/json",
        "{response:?}"
    );
    assert!(
        !response.has("set-cookie") && !response.has("server"),
        "{response:?}"
    );
    if is_head {
        assert!(response.body.is_empty(), "{response:?}");
        return;
    }
    let body = response.json();
    if is_problem {
        for name in ["type", "title", "detail"] {
            assert!(body[name].is_string(), "{name} in {response:?}");
        }
        assert_eq!(body["status"], response.status, "{response:?}");
    }
    for secret in ["hunter2", "127.0.0.1", "db.rs", "Os {", "hyper", "tcp"] {
        assert!(
            !response.text().contains(secret),
            "{secret} in {response:?}"
        );
    }
}
