//! What is counted and measured, and a layer that measures requests.
//!
//! Feature `metrics` counts in the recorder of the [`metrics`](https://docs.rs/metrics) facade. Any of its exporters
//! reads them, such as `metrics-exporter-prometheus`. Each layer counts by itself:
//!
//! | metric | kind | unit | labels | counts |
//! |---|---|---|---|---|
//! | `tower_edge_client_retries_total` | counter | count | `reason`, `outcome` | attempts of a client that may be sent again, by what became of them |
//! | `tower_edge_correlation_ids_replaced_total` | counter | count | `reason` | requests whose id was not accepted |
//! | `tower_edge_problems_total` | counter | count | `key`, `status`, `format` | problems that clients received |
//! | `tower_edge_rate_limit_decision_duration_seconds` | histogram | seconds | `result` | the time until a store has decided that decides later, such as Redis |
//! | `tower_edge_rate_limit_decisions_total` | counter | count | `policy`, `result` | decisions of a store |
//! | `tower_edge_rate_limit_evictions_total` | counter | count | `policy` | keys that made room in a `MemoryStore` before their quota was whole |
//! | `tower_edge_rate_limit_near_limit_total` | counter | count | `policy` | requests that were allowed and have left less than a tenth of the quota |
//! | `tower_edge_rate_limit_store_errors_total` | counter | count | `policy`, `result` | requests that no store has decided |
//! | `tower_edge_request_duration_seconds` | histogram | seconds | `method`, `route`, `status`, `key` | the time until the head of a response |
//! | `tower_edge_requests_in_flight` | gauge | count | | requests whose response has no head yet |
//! | `tower_edge_timeouts_total` | counter | count | `phase`, `upstream`, `operation`, `result` | time limits that have expired |
//! | `tower_edge_upstream_duration_seconds` | histogram | seconds | `upstream`, `operation`, `status` | the time for which a response of a named upstream was waited for |
//! | `tower_edge_version_gate_decisions_total` | counter | count | `status`, `platform`, `result` | requests by the version of their client |
//!
//! `tower-edge-redis` has metrics of its own.
//!
//! # Labels
//!
//! | label | values |
//! |---|---|
//! | `format` | the [name](tower_edge_core::Format::name) of a format |
//! | `key` | the [key](tower_edge_core::Problem::key) of a problem; empty for a response without one |
//! | `method` | `GET`, `HEAD`, `POST`, `PUT`, `DELETE`, `CONNECT`, `OPTIONS`, `TRACE`, `PATCH` or `other` |
//! | `operation` | the operation of the layer's settings, or empty |
//! | `outcome` | `retried`, or why an attempt is the last one, such as `no_budget` |
//! | `phase` | the [phase](tower_edge_core::problem::Phase) that took too long, such as `response_head` |
//! | `platform` | the platform by its name in the policy; `other` for all that the policy does not name |
//! | `policy` | the [name](tower_edge_core::rate_limit::Quota::name) of a quota |
//! | `reason` | of a retry, such as `connect`; of an id: `byte`, `empty`, `repeated`, `too_long` or `untrusted` |
//! | `result` | `allowed`, `rejected`, `dry_run` for what is not enforced, and `failed` if the store has failed; of a timeout `ended` or `dry_run` |
//! | `route` | the template of the route, such as `/media/{id}`; empty where none is known |
//! | `status` | of a problem the status, such as `404`; of a request or an upstream the class, such as `4xx`, or `error`, `timeout`, `aborted`; of a client's version such as `outdated` |
//! | `upstream` | the upstream of the layer's settings, or empty |
//!
//! No label has anything that a client sent. A layer has at most 1,000 series of one metric: where a route, a platform or a
//! computed quota has more names, the labels of all further series are `other`.
