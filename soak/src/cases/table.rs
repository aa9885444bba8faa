use serde_json::{Value, json};

use super::{Body, Case, Prefix, Target, Under, Wanted, errors, json_rpc};

/// What gets a response at once.
pub(crate) const BUSY: &[Case] = &[
    Case {
        name: "medium",
        path: "/api/media/7",
        body: Body::Unread,
        wanted: Wanted::Data(200, |data, _| {
            *data == json!({"id": 7, "title": "Medium 7"})
        }),
        weight: 8,
        ..GET
    },
    Case {
        name: "private",
        path: "/api/private",
        fields: &[("authorization", "Bearer pk_test_ok")],
        body: Body::Unread,
        wanted: Wanted::Data(200, |data, _| *data == json!({"private": true})),
        weight: 8,
        ..GET
    },
    Case {
        name: "echo",
        path: "/api/upstream/echo",
        wanted: Wanted::Data(200, |data, id| data["headers"]["x-correlation-id"] == id),
        weight: 4,
        ..GET
    },
    Case {
        name: "new medium",
        body: Body::Text(r#"{"title": "Alien", "tmdbId": 348}"#),
        wanted: Wanted::Data(201, |data, _| {
            data["id"].is_u64() && data["title"] == "Alien"
        }),
        weight: 6,
        ..POST
    },
    Case {
        name: "head",
        method: "HEAD",
        path: "/api/media/7",
        wanted: Wanted::Nothing(200),
        weight: 2,
        ..GET
    },
    Case {
        name: "preflight",
        method: "OPTIONS",
        path: "/api/media/7",
        fields: &[
            ("origin", "https://a.example"),
            ("access-control-request-method", "GET"),
        ],
        limited: false,
        wanted: Wanted::Nothing(204),
        ..GET
    },
    Case {
        name: "health",
        path: "/healthz",
        under: Under::Only(&[Prefix::Nothing]),
        body: Body::Unread,
        limited: false,
        wanted: Wanted::Text("ok"),
        weight: 2,
        ..GET
    },
    Case {
        name: "429 limited",
        target: Target::Spent,
        body: Body::Unread,
        wanted: Wanted::Error(errors::LIMITED),
        weight: 8,
        ..POST
    },
    Case {
        name: "426 outdated",
        body: Body::Unread,
        outdated: true,
        limited: false,
        wanted: Wanted::Error(errors::OUTDATED),
        weight: 4,
        ..POST
    },
    Case {
        name: "404 route",
        path: "/api/nothing",
        body: Body::Unread,
        wanted: Wanted::Error(errors::NOT_FOUND),
        weight: 3,
        ..POST
    },
    Case {
        name: "404 medium",
        path: "/api/media/101",
        wanted: Wanted::Error(errors::NOT_FOUND),
        weight: 2,
        ..GET
    },
    Case {
        name: "405 method",
        path: "/api/media/7",
        body: Body::Unread,
        wanted: Wanted::Error(errors::METHOD),
        weight: 3,
        ..POST
    },
    Case {
        name: "415 media type",
        fields: &[("content-type", "text/plain")],
        body: Body::Unread,
        wanted: Wanted::Error(errors::MEDIA_TYPE),
        weight: 3,
        ..POST
    },
    Case {
        name: "401 no key",
        path: "/api/private",
        body: Body::Unread,
        wanted: Wanted::Error(errors::NO_KEY),
        weight: 3,
        ..GET
    },
    Case {
        name: "403 denied",
        path: "/api/private",
        fields: &[("authorization", "Bearer pk_test_denied")],
        body: Body::Unread,
        wanted: Wanted::Error(errors::DENIED),
        weight: 2,
        ..GET
    },
    Case {
        name: "413 oversized",
        body: Body::Oversized,
        wanted: Wanted::Error(errors::TOO_LARGE),
        ..POST
    },
    Case {
        name: "400 broken JSON",
        body: Body::Text(r#"{"title": "Alien", "tmdb"#),
        wanted: Wanted::Error(errors::MALFORMED),
        weight: 3,
        ..POST
    },
    Case {
        name: "422 fields",
        body: Body::Text(r#"{"title": 7}"#),
        wanted: Wanted::Error(errors::INVALID),
        weight: 2,
        ..POST
    },
    Case {
        name: "502 reset",
        path: "/api/upstream/reset",
        wanted: Wanted::Error(errors::FAILED),
        weight: 2,
        ..GET
    },
    Case {
        name: "502 error",
        path: "/api/upstream/error",
        wanted: Wanted::Error(errors::FAILED),
        weight: 2,
        ..GET
    },
    Case {
        name: "502 refused",
        path: "/api/upstream/refused",
        wanted: Wanted::Error(errors::UNREACHABLE),
        weight: 2,
        ..GET
    },
    Case {
        name: "503 limited upstream",
        path: "/api/upstream/ratelimited",
        wanted: Wanted::Error(errors::UNAVAILABLE),
        weight: 2,
        ..GET
    },
    Case {
        name: "rpc ping",
        body: Body::Text(json_rpc::PING),
        wanted: Wanted::JsonRpc(200, json_rpc::is_pong),
        weight: 3,
        ..RPC
    },
    Case {
        name: "rpc batch",
        body: Body::Text(json_rpc::BATCH),
        wanted: Wanted::JsonRpc(200, json_rpc::is_batch),
        weight: 2,
        ..RPC
    },
    Case {
        name: "rpc large batch",
        body: Body::Pings(json_rpc::PINGS),
        wanted: Wanted::JsonRpc(200, json_rpc::is_pongs),
        ..RPC
    },
    Case {
        name: "rpc notification",
        body: Body::Text(json_rpc::NOTIFICATION),
        wanted: Wanted::Nothing(202),
        ..RPC
    },
    Case {
        name: "rpc parse error",
        body: Body::Text(r#"{"jsonrpc":"2.0","#),
        wanted: Wanted::JsonRpc(200, json_rpc::is_parse_error),
        ..RPC
    },
    Case {
        name: "rpc broken tool",
        body: Body::Text(json_rpc::BROKEN_TOOL),
        wanted: Wanted::JsonRpc(200, json_rpc::is_failed_tool),
        ..RPC
    },
    Case {
        name: "rpc limited",
        target: Target::Spent,
        under: Under::Only(&[Prefix::RouterMcp]),
        body: Body::Text(json_rpc::PING),
        wanted: Wanted::JsonRpc(429, json_rpc::is_limited),
        weight: 2,
        ..RPC
    },
];

/// What takes its time.
pub(crate) const PATIENT: &[Case] = &[
    Case {
        name: "504 slow",
        path: "/api/upstream/slow",
        wanted: Wanted::Error(errors::TIMEOUT),
        weight: 4,
        ..GET
    },
    Case {
        name: "stall",
        path: "/api/upstream/stall",
        wanted: Wanted::Cut("text/plain", |body| body == b"first\n"),
        weight: 3,
        ..GET
    },
    Case {
        name: "event stream",
        path: "/api/upstream/stream",
        wanted: Wanted::Events,
        weight: 2,
        ..GET
    },
    Case {
        name: "rpc slow tool",
        body: Body::Text(json_rpc::SLOW_TOOL),
        wanted: Wanted::JsonRpc(200, json_rpc::is_failed_tool),
        weight: 2,
        ..RPC
    },
];

pub(super) const GET: Case = Case {
    name: "",
    target: Target::Open,
    method: "GET",
    path: "",
    under: Under::All,
    fields: &[],
    body: Body::Empty,
    outdated: false,
    limited: true,
    wanted: Wanted::Data(200, |_: &Value, _| true),
    weight: 1,
};
pub(super) const POST: Case = Case {
    method: "POST",
    path: "/api/media",
    fields: JSON,
    ..GET
};
const RPC: Case = Case {
    path: "/mcp",
    under: Under::Only(&[Prefix::RouterMcp, Prefix::Ads]),
    ..POST
};
const JSON: &[(&str, &str)] = &[("content-type", "application/json")];
