//! Bodies: the shape that each prefix gives to an error and to a success.

use serde_json::Value;

use crate::cases::Prefix;
use crate::message::Response;

/// The data of a success; `None` where it is not in the shape of the prefix.
pub(super) fn data(prefix: Prefix, body: &Value) -> Option<&Value> {
    match prefix {
        Prefix::MediaNest => {
            let is_success =
                has_members(body, &["success", "data"], &[]) && body["success"] == true;
            is_success.then(|| &body["data"])
        }
        _ => Some(body),
    }
}

/// The code of an error, or the title of problem details; `None` where it is not in the shape of the prefix.
pub(super) fn code(prefix: Prefix, response: &Response, body: &Value) -> Option<String> {
    let error = &body["error"];
    let (code, message, is_shaped) = match prefix {
        Prefix::Problem | Prefix::Nothing => (
            &body["title"],
            &body["detail"],
            body["type"].is_string() && body["status"] == response.status,
        ),
        Prefix::PlexMcp | Prefix::MediaNest => (
            &error["code"],
            &error["message"],
            has_members(body, &["success", "error"], &[])
                && body["success"] == false
                && has_members(error, &["code", "message"], &["details"]),
        ),
        Prefix::Plexichat => (
            &error["code"],
            &error["message"],
            has_members(body, &["error"], &[]),
        ),
        Prefix::Ads => (
            &body["code"],
            error,
            has_members(body, &["code", "error"], &[]),
        ),
        Prefix::RouterMcp => (
            error,
            &body["message"],
            has_members(body, &["error", "message"], &["retryAfter"]),
        ),
    };
    let code = match code {
        Value::String(code) => code.clone(),
        Value::Number(code) if prefix == Prefix::Plexichat => code.to_string(),
        _ => return None,
    };
    // The document of MediaNest has the code in a field too.
    let is_in_field = response.field("x-error-code") == Some(&code);
    let is_shaped =
        is_shaped && message.is_string() && is_in_field == (prefix == Prefix::MediaNest);
    is_shaped.then_some(code)
}

/// The content type of an error.
pub(super) const fn error_type(prefix: Prefix) -> &'static str {
    match prefix {
        Prefix::Problem | Prefix::Nothing => "application/problem+json",
        _ => "application/json",
    }
}

/// Whether it is an object of these members, of which the latter may be left out.
fn has_members(body: &Value, needed: &[&str], optional: &[&str]) -> bool {
    let Some(members) = body.as_object() else {
        return false;
    };
    let is_known = |name: &String| [needed, optional].concat().contains(&name.as_str());
    needed.iter().all(|name| members.contains_key(*name)) && members.keys().all(is_known)
}
