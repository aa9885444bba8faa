use std::time::Duration;

use tower_edge::core::Problem;
use tower_edge::envelope::format::routermcp::*;

use crate::case::Case;
use crate::store::used_up;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::failed("invalid_request", Problem::from(&INVALID_REQUEST))
            .with_body(r#"{"jsonrpc":"2.0","id":1}"#),
        Case::failed(
            "unauthorized",
            Problem::from(&UNAUTHORIZED).with_message("Invalid API key"),
        ),
    ]
}

pub(super) fn rest_cases() -> Vec<Case> {
    let limit = used_up(20, Duration::from_secs(60), Duration::from_secs(30));
    vec![Case::refused("rate_limit_exceeded", limit)]
}
