//! The table of cases.

use crate::cases::{bodies, expect, http1, refusals};
use crate::host::{BoxFuture, Trial};
use crate::response::Checked;

/// What is sent, and what has to come back.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) run: for<'a> fn(&'a Trial<'a>) -> BoxFuture<'a, Checked>,
}

/// In every case each response is checked by [`Response::check`](crate::response::Response::check), and the connection
/// has to serve another request unless the response says that it closes.
pub(crate) const CASES: &[Case] = &[
    case("allowed", |trial| Box::pin(refusals::allowed(trial))),
    case("too many", |trial| Box::pin(refusals::too_many(trial))),
    case("outdated", |trial| Box::pin(refusals::outdated(trial))),
    case("malformed version", |trial| {
        Box::pin(refusals::malformed_version(trial))
    }),
    case("invalid", |trial| Box::pin(refusals::invalid(trial))),
    case("unavailable", |trial| {
        Box::pin(refusals::unavailable(trial))
    }),
    case("slow", |trial| Box::pin(refusals::slow(trial))),
    case("stalled body", |trial| {
        Box::pin(refusals::stalled_body(trial))
    }),
    case("own", |trial| Box::pin(refusals::own(trial))),
    case("head", |trial| Box::pin(refusals::head(trial))),
    case("preflight", |trial| Box::pin(refusals::preflight(trial))),
    case("expect", |trial| Box::pin(expect::allowed(trial))),
    case("expect, refused", |trial| Box::pin(expect::refused(trial))),
    case("pipelined", |trial| Box::pin(http1::pipelined(trial))),
    case("absolute form", |trial| {
        Box::pin(http1::absolute_form(trial))
    }),
    case("http/1.0", |trial| Box::pin(http1::version_1_0(trial))),
    case("http/1.0, kept", |trial| Box::pin(http1::kept_1_0(trial))),
    case("close", |trial| Box::pin(http1::close(trial))),
    case("upgrade", |trial| Box::pin(http1::upgrade(trial))),
    case("small unread body", |trial| {
        Box::pin(bodies::small_unread(trial))
    }),
    case("large unread body", |trial| {
        Box::pin(bodies::large_unread(trial))
    }),
    case("unread trailers", |trial| {
        Box::pin(bodies::unread_trailers(trial))
    }),
    case("trailers", |trial| Box::pin(bodies::trailers(trial))),
    case("unknown length", |trial| {
        Box::pin(bodies::unknown_length(trial))
    }),
    case("compression", |trial| Box::pin(bodies::compression(trial))),
];

const fn case(
    name: &'static str,
    run: for<'a> fn(&'a Trial<'a>) -> BoxFuture<'a, Checked>,
) -> Case {
    Case { name, run }
}
