use tower_edge_tests::TestResponse;

/// Asserts what holds for every response that the layers see.
pub(super) fn assert_sound(answer: &TestResponse, is_head: bool) {
    assert!(!answer.field("x-correlation-id").is_empty(), "{answer:?}");
    assert_eq!(answer.field("access-control-allow-origin"), "*");
    if answer.has("retry-after") {
        assert!(answer.number("retry-after") >= 1, "{answer:?}");
    }
    if answer.status == 429 {
        assert!(answer.has("retry-after"), "{answer:?}");
    }
    if answer.status >= 400 {
        assert_sound_error(answer, is_head);
    }
}

fn assert_sound_error(answer: &TestResponse, is_head: bool) {
    let content_type = answer.field("content-type");
    let is_problem = content_type == "application/problem+json";
    assert!(
        is_problem || content_type == "application/json",
        "{answer:?}"
    );
    assert!(
        !answer.has("set-cookie") && !answer.has("server"),
        "{answer:?}"
    );
    if is_head {
        assert!(answer.body.is_empty(), "{answer:?}");
        return;
    }
    let body = answer.json();
    if is_problem {
        for name in ["type", "title", "detail"] {
            assert!(body[name].is_string(), "{name} in {answer:?}");
        }
        assert_eq!(body["status"], answer.status, "{answer:?}");
    }
    for secret in ["hunter2", "127.0.0.1", "db.rs", "Os {", "hyper", "tcp"] {
        assert!(!answer.text().contains(secret), "{secret} in {answer:?}");
    }
}
