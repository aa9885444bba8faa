//! What is requested while something behind the gateways fails.

use serde_json::{Value, json};

use super::table::{GET, POST};
use super::{Body, Case, Target, Wanted, errors};
use crate::upstream::{JSON, STREAM};

/// The limit that two gateways share: `hour=20/1h`.
pub(crate) const QUOTA: u32 = 20;

/// Under the limit that two gateways share.
pub(crate) const SHARED: &[Case] = &[
    at(Target::Near, &MEDIUM),
    at(Target::Distant, &MEDIUM),
    at(Target::Near, &NEW_MEDIUM),
    at(Target::Distant, &NEW_MEDIUM),
    at(Target::Near, &NO_MEDIUM),
    at(Target::Distant, &NO_MEDIUM),
    at(Target::Near, &OUTDATED),
    at(Target::Distant, &OUTDATED),
    at(Target::Near, &RESET),
    at(Target::Distant, &RESET),
];

/// The same by a client that may do no more.
pub(crate) const SHARED_LIMITED: &[Case] =
    &[at(Target::Near, &LIMITED), at(Target::Distant, &LIMITED)];

/// What two clients ask whose requests may be of one limit.
pub(crate) const SHARED_MEDIUM: &[Case] =
    &[at(Target::Near, &MEDIUM), at(Target::Distant, &MEDIUM)];

/// Where the upstream responds.
pub(crate) const PASSES: &[Case] = &[Case {
    name: "upstream, large",
    path: "/api/upstream/ok",
    wanted: Wanted::Data(200, is_large),
    ..PROXIED
}];

/// Where it does not.
pub(crate) const SILENT: &[Case] = &[Case {
    name: "upstream, 504",
    path: "/api/upstream/ok",
    wanted: Wanted::Error(errors::TIMEOUT),
    ..PROXIED
}];

/// Where it breaks off within the head.
pub(crate) const NO_HEAD: &[Case] = &[FAILED];

/// Where it breaks off within the body: what is collected is an error, and what is passed on as it comes breaks off too.
pub(crate) const TRUNCATED: &[Case] = &[
    FAILED,
    Case {
        name: "upstream, cut",
        path: "/api/upstream/stream",
        wanted: Wanted::Cut("application/json", |body| {
            body.len() < STREAM.len() && STREAM.starts_with(body)
        }),
        ..PROXIED
    },
];

const fn at(target: Target, case: &Case) -> Case {
    Case { target, ..*case }
}

fn is_large(data: &Value, _: &str) -> bool {
    serde_json::from_slice::<Value>(&JSON).is_ok_and(|json| json == *data)
}

const FAILED: Case = Case {
    name: "upstream, 502",
    path: "/api/upstream/ok",
    wanted: Wanted::Error(errors::FAILED),
    ..PROXIED
};
const PROXIED: Case = Case {
    target: Target::Proxied,
    ..GET
};
const MEDIUM: Case = Case {
    name: "medium",
    path: "/api/media/7",
    wanted: Wanted::Data(200, |data, _| {
        *data == json!({"id": 7, "title": "Medium 7"})
    }),
    weight: 4,
    ..GET
};
const LIMITED: Case = Case {
    name: "429 limited",
    wanted: Wanted::Error(errors::LIMITED),
    ..MEDIUM
};
const NEW_MEDIUM: Case = Case {
    name: "new medium",
    body: Body::Text(r#"{"title": "Alien", "tmdbId": 348}"#),
    wanted: Wanted::Data(201, |data, _| data["title"] == "Alien"),
    ..POST
};
const NO_MEDIUM: Case = Case {
    name: "404 medium",
    path: "/api/media/101",
    wanted: Wanted::Error(errors::NOT_FOUND),
    ..GET
};
const OUTDATED: Case = Case {
    name: "426 outdated",
    outdated: true,
    limited: false,
    wanted: Wanted::Error(errors::OUTDATED),
    ..POST
};
const RESET: Case = Case {
    name: "502 reset",
    path: "/api/upstream/reset",
    wanted: Wanted::Error(errors::FAILED),
    ..GET
};
