use super::TestResponse;

/// Asserts that the response describes one limit as its prefix does, and nothing else.
pub(crate) fn assert_limit_fields(prefix: &str, response: &TestResponse) {
    if prefix == "/problem" {
        for name in X_RATE_LIMIT {
            assert!(!response.has(name), "{name} in {response:?}");
        }
        let policies = response.field("ratelimit-policy");
        for limit in response.field("ratelimit").split(", ") {
            assert_limit(limit, policies);
        }
        for policy in policies.split(", ") {
            let parts: Vec<_> = policy.split(';').collect();
            assert!(is_quoted(parts[0]), "{policies}");
            assert!(number(parts[1], "q=") >= 1, "{policies}");
            assert!(number(parts[2], "w=") >= 1, "{policies}");
        }
    } else {
        for name in IETF {
            assert!(!response.has(name), "{name} in {response:?}");
        }
        let limit = response.number("x-ratelimit-limit");
        assert!(response.number("x-ratelimit-remaining") <= limit);
        let now = httpdate::parse_http_date(response.field("date")).unwrap();
        let now = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let reset = response.number("x-ratelimit-reset");
        assert!(
            (now..=now + 24 * 3600).contains(&reset),
            "{reset} is not soon after {now}"
        );
    }
}

pub(crate) fn assert_no_limit_fields(response: &TestResponse) {
    for name in X_RATE_LIMIT.into_iter().chain(IETF) {
        assert!(!response.has(name), "{name} in {response:?}");
    }
}

/// What is left of the quota, in the words of the prefix.
pub(crate) fn remaining(prefix: &str, response: &TestResponse) -> u64 {
    if prefix == "/problem" {
        let limit = response.field("ratelimit");
        number(limit.split(';').nth(1).unwrap(), "r=")
    } else {
        response.number("x-ratelimit-remaining")
    }
}

/// `"name";r=1;t=2`, of a policy that is described beside it.
fn assert_limit(limit: &str, policies: &str) {
    let parts: Vec<_> = limit.split(';').collect();
    assert!(is_quoted(parts[0]) && parts.len() == 3, "{limit}");
    assert!(policies.contains(parts[0]), "{limit} in {policies}");
    let _ = (number(parts[1], "r="), number(parts[2], "t="));
}

fn is_quoted(name: &str) -> bool {
    name.len() > 2 && name.starts_with('"') && name.ends_with('"')
}

fn number(part: &str, key: &str) -> u64 {
    let digits = part.strip_prefix(key).expect(part);
    digits.parse().expect(part)
}

const IETF: [&str; 2] = ["ratelimit", "ratelimit-policy"];
const X_RATE_LIMIT: [&str; 3] = [
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
];
