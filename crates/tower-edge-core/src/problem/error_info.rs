use std::borrow::Cow;

use super::{Facts, Problem};
use crate::{Definition, Exposure, GrpcCode, messages};

/// The gRPC side of a problem: its code, and its fields of
/// [`google.rpc.ErrorInfo`](https://google.aip.dev/193#errorinfo).
impl Problem {
    /// Sets a gRPC code that is not the kind's own. HTTP is not affected.
    ///
    /// ```
    /// use tower_edge_core::{GrpcCode, Kind, Problem};
    ///
    /// let problem = Problem::new(Kind::Internal).with_grpc_code(GrpcCode::DataLoss);
    ///
    /// assert_eq!(problem.grpc_code(), GrpcCode::DataLoss);
    /// assert_eq!(problem.status(), 500);
    /// ```
    #[must_use]
    pub fn with_grpc_code(mut self, code: GrpcCode) -> Self {
        self.0.grpc_code = Some(code);
        self
    }

    /// The gRPC code: the problem's own, else its kind's.
    #[must_use]
    pub fn grpc_code(&self) -> GrpcCode {
        self.0.grpc_code.unwrap_or(self.kind().grpc_code())
    }

    /// The key in upper snake case, truncated to 63 characters.
    ///
    /// ```
    /// use tower_edge_core::{Kind, Problem};
    ///
    /// assert_eq!(Problem::new(Kind::RateLimited).reason(), "RATE_LIMITED");
    /// ```
    #[must_use]
    pub fn reason(&self) -> String {
        match self.definition() {
            Some(row) => row.reason(),
            None => self.kind().upper_name().to_owned(),
        }
    }

    /// Facts besides the message, as names and text: the `error_id` of a server error that has one, the facts of the
    /// rejecting layer, and the details that clients may see.
    ///
    /// ```
    /// use tower_edge_core::{Exposure, Kind, Problem};
    ///
    /// let problem = Problem::new(Kind::NotFound).with_detail("id", 7);
    ///
    /// assert_eq!(problem.metadata(Exposure::Production), [("id".into(), "7".into())]);
    /// ```
    ///
    /// A detail is left out if its name is taken. So is a list, an object or `null`, which are not text.
    #[must_use]
    pub fn metadata(&self, exposure: Exposure) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        let details = messages::details(self, None, exposure, &[]);
        let details = details.filter_map(|(name, json)| Some((name.into(), plain(json)?)));
        let id = self.error_id();
        let id = id.map(|id| ("error_id".into(), id.to_string().into()));
        let facts = self.facts().map(metadata).unwrap_or_default();
        let mut metadata: Vec<_> = id.into_iter().chain(facts).collect();
        for (name, value) in details {
            if metadata.iter().all(|(taken, _)| *taken != name) {
                metadata.push((name, value));
            }
        }
        metadata
    }
}

impl Definition {
    /// The key in upper snake case, truncated to 63 characters, as the reason in
    /// [`google.rpc.ErrorInfo`](https://google.aip.dev/193#errorinfo).
    #[must_use]
    pub fn reason(&self) -> String {
        upper_snake(self.key())
    }
}

/// The value of a detail, where it is text, a number or a boolean.
fn plain(json: &str) -> Option<Cow<'_, str>> {
    match json.as_bytes().first()? {
        b'"' if json.contains('\\') => serde_json::from_str::<String>(json).ok().map(Cow::Owned),
        b'"' => Some(json.trim_matches('"').into()),
        b'[' | b'{' | b'n' => None,
        _ => Some(json.into()),
    }
}

fn metadata(facts: &Facts) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    match facts {
        Facts::RateLimit(facts) => vec![
            ("policy".into(), Cow::Borrowed(&*facts.quota)),
            ("limit".into(), facts.limit.to_string().into()),
        ],
        Facts::Timeout(facts) => vec![(
            "timeout_ms".into(),
            facts.limit.as_millis().to_string().into(),
        )],
        Facts::Version(facts) => {
            let update_url = facts.update_url.as_deref();
            [
                ("client_version", Some(facts.client())),
                ("min_version", Some(&*facts.minimum)),
                ("server_version", facts.server.as_deref()),
                ("update_url", update_url),
            ]
            .into_iter()
            .filter_map(|(name, value)| Some((name.into(), value?.into())))
            .collect()
        }
    }
}

/// `[A-Z][A-Z0-9_]+[A-Z0-9]`, as far as the key goes.
fn upper_snake(key: &str) -> String {
    let mut reason = String::with_capacity(key.len());
    let mut after_small = false;
    for char in key.chars() {
        if after_small && char.is_ascii_uppercase() {
            reason.push('_');
        }
        after_small = char.is_ascii_lowercase() || char.is_ascii_digit();
        if char.is_ascii_alphanumeric() {
            reason.push(char.to_ascii_uppercase());
        } else {
            reason.push('_');
        }
    }
    reason.truncate(MAX_REASON);
    reason
}

const MAX_REASON: usize = 63;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::SystemTime;

    use super::*;
    use crate::problem::VersionFacts;
    use crate::{ErrorId, Kind};

    // AIP-193, ErrorInfo: [A-Z][A-Z0-9_]+[A-Z0-9], at most 63 characters.
    #[test]
    fn a_reason_is_upper_snake_case_whatever_the_key_is() {
        for (key, reason) in [
            ("not_found", "NOT_FOUND"),
            ("UnauthorizedError", "UNAUTHORIZED_ERROR"),
            ("PLEX_TIMEOUT", "PLEX_TIMEOUT"),
            ("http2-error", "HTTP2_ERROR"),
        ] {
            assert_eq!(upper_snake(key), reason);
        }
        assert_eq!(upper_snake(&"a".repeat(100)).len(), 63);
    }

    #[test]
    fn a_detail_does_not_take_the_name_of_what_is_known() {
        let mut problem = Problem::new(Kind::Internal)
            .with_detail("error_id", "mine")
            .with_detail("policy", "kept");
        problem.set_error_id(ErrorId::new(7, SystemTime::UNIX_EPOCH));

        assert_eq!(
            problem.metadata(Exposure::Production),
            [
                ("error_id".into(), "err_0000000000000007".into()),
                ("policy".into(), "kept".into())
            ]
        );
    }

    #[test]
    fn metadata_is_what_a_client_may_see_as_text() {
        let facts = VersionFacts::new("1.0.0", Arc::from("1.2.0"));
        let problem = Problem::new(Kind::VersionOutdated)
            .with_facts(Facts::Version(facts))
            .with_detail("final", true)
            .with_detail("note", "a\"b")
            .with_detail("list", [1])
            .with_development_detail("server_url", "http://10.0.0.1");

        let names = |exposure| {
            let metadata = problem.metadata(exposure);
            let names = metadata.iter().map(|(name, _)| name.to_string());
            names.collect::<Vec<_>>()
        };

        assert_eq!(
            names(Exposure::Production),
            ["client_version", "min_version", "final", "note"]
        );
        let metadata = problem.metadata(Exposure::Production);
        assert_eq!(
            metadata[2..],
            [
                ("final".into(), "true".into()),
                ("note".into(), "a\"b".into())
            ]
        );
        assert_eq!(names(Exposure::Development).last().unwrap(), "server_url");
    }
}
