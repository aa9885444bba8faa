use std::sync::Arc;

use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use tower_edge_core::Field;
use tower_edge_core::Kind;
use tower_edge_core::Problem;
use tower_edge_core::problem::Facts;
use tower_edge_core::problem::VersionFacts;

use super::Version;

/// What a gate lets through; shared by all clones of the service.
#[derive(Clone, Debug)]
pub(super) struct Rules<V> {
    pub(super) header: HeaderName,
    pub(super) minimum: V,
    pub(super) minimum_text: Arc<str>,
    pub(super) server: Option<Arc<str>>,
    pub(super) update_url: Option<Arc<str>>,
    /// `None` only where the minimum cannot be written as a token.
    pub(super) upgrade: Option<HeaderValue>,
}

/// Longer than any version that a client has reason to send.
const MAX_VERSION: usize = 64;

impl<V: Version> Rules<V> {
    pub(super) fn admit(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let value = match Field::of(headers, &self.header) {
            Field::Absent => return Ok(()),
            Field::Once(value) => value,
            Field::Repeated => return Err(malformed()),
        };
        let text = value
            .to_str()
            .ok()
            .filter(|text| text.len() <= MAX_VERSION)
            .ok_or_else(malformed)?;
        let client: V = text.parse().map_err(|_| malformed())?;
        if client < self.minimum {
            Err(self.outdated(text))
        } else {
            Ok(())
        }
    }

    /// The text is a version, and so may be repeated.
    #[cold]
    fn outdated(&self, client: &str) -> Problem {
        let facts = VersionFacts::new(client, self.minimum_text.clone())
            .with_server(self.server.clone())
            .with_update_url(self.update_url.clone());
        Problem::new(Kind::VersionOutdated).with_facts(Facts::Version(facts))
    }
}

/// What the client sent is not echoed, since it is not a version.
#[cold]
fn malformed() -> Problem {
    Problem::new(Kind::VersionMalformed).with_message("Client version has an invalid format")
}
