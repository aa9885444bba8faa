use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::detail::Internal;
use super::message::truncated;
use super::response::{Invalid, Part};
use super::unrendered::{Report, Unrendered};
use super::{Detail, ErrorId, Facts, FieldError};
use crate::{BoxError, Definition, GrpcCode, Kind, Level};

/// One occurrence of an error: what happened, not how it is written.
///
/// It takes eight bytes, so that it is cheap as the `Err` of a `Result`. It travels in the extensions of a response
/// ([`Problem::into_empty_response`]) until an envelope writes it in a format. It stays there, marked as
/// [rendered](Problem::is_rendered), for layers that log the response.
///
/// Its `Display` is the message. The [source](Error::source) is for logs and is never sent.
#[doc(alias("error response", "problem json", "problem+json"))]
#[derive(Clone)]
pub struct Problem(pub(super) Box<Inner>);

#[derive(Clone)]
pub(super) struct Inner {
    definition: Option<&'static Definition>,
    details: Vec<Detail>,
    facts: Option<Facts>,
    field_errors: Vec<FieldError>,
    pub(super) grpc_code: Option<GrpcCode>,
    /// Boxed, since few problems have any.
    pub(super) headers: Option<Box<HeaderMap>>,
    kind: Kind,
    message: Option<Cow<'static, str>>,
    error_id: Option<ErrorId>,
    rendered: bool,
    retry_after: Option<Duration>,
    source: Option<Arc<dyn Error + Send + Sync>>,
    status: Option<StatusCode>,
    pub(super) unrendered: Unrendered,
}

impl Problem {
    /// The maximum number of details, and of field errors.
    pub const MAX_ITEMS: usize = 100;
    /// The maximum number of bytes of a message.
    pub const MAX_MESSAGE: usize = 1024;
    /// The longest wait: 10,000 years, as in
    /// [protobuf's `Duration`](https://protobuf.dev/reference/protobuf/google.protobuf/#duration).
    pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(315_576_000_000);

    /// A problem of this kind, with its status.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self(Box::new(Inner {
            definition: None,
            details: Vec::new(),
            facts: None,
            field_errors: Vec::new(),
            grpc_code: None,
            headers: None,
            kind,
            message: None,
            error_id: None,
            rendered: false,
            retry_after: None,
            source: None,
            status: None,
            unrendered: Unrendered::default(),
        }))
    }

    /// The problem of a bare 4xx or 5xx status, which it keeps. `None` for any other status.
    #[must_use]
    pub fn from_status(status: StatusCode) -> Option<Self> {
        let kind = Kind::from_status(status)?;
        let problem = Self::new(kind);
        Some(if kind.status() == status {
            problem
        } else {
            problem.with_status(status)
        })
    }

    /// Adds a detail that every client may see, unless the definition keeps it for development. Its value is anything
    /// that serde serializes. It replaces a detail of the same name. At most [`MAX_ITEMS`](Self::MAX_ITEMS) details are
    /// kept.
    ///
    /// ```
    /// use tower_edge_core::{Kind, Problem};
    ///
    /// let left: usize = 3;
    /// let problem = Problem::new(Kind::Conflict)
    ///     .with_detail("left", left)
    ///     .with_detail("holders", ["ada", "grace"]);
    ///
    /// assert_eq!(problem.details()[1].json(), r#"["ada","grace"]"#);
    /// ```
    #[must_use]
    pub fn with_detail(self, name: impl Into<Cow<'static, str>>, value: impl Serialize) -> Self {
        self.with(Detail::public(name, value))
    }

    /// Adds a detail for [development](crate::Visibility::Development) only, such as an upstream's address.
    #[must_use]
    pub fn with_development_detail(
        self,
        name: impl Into<Cow<'static, str>>,
        value: impl Serialize,
    ) -> Self {
        self.with(Detail::development(name, value))
    }

    /// Adds a detail for [logs](crate::Visibility::Internal) only, such as the id of a tenant. No client receives it.
    ///
    /// ```
    /// use tower_edge_core::{Exposure, Kind, Problem};
    ///
    /// let problem = Problem::new(Kind::Internal).with_internal_detail("shard", 7);
    ///
    /// assert!(problem.metadata(Exposure::Development).is_empty());
    /// assert_eq!(problem.internal_details().map(|line| line.to_string()).as_deref(), Some("shard=7"));
    /// ```
    #[must_use]
    pub fn with_internal_detail(
        self,
        name: impl Into<Cow<'static, str>>,
        value: impl Serialize,
    ) -> Self {
        self.with(Detail::internal(name, value))
    }

    /// A name occurs once, since no format can write it twice.
    fn with(mut self, detail: Detail) -> Self {
        let details = &mut self.0.details;
        let is_full = details.len() >= Self::MAX_ITEMS;
        match details.iter_mut().find(|old| old.name() == detail.name()) {
            Some(old) => *old = detail,
            None if is_full => {}
            None => details.push(detail),
        }
        self
    }

    /// Adds what the rejecting layer knows.
    #[must_use]
    pub fn with_facts(mut self, facts: Facts) -> Self {
        self.0.facts = Some(facts);
        self
    }

    /// Adds what is wrong with one field. At most [`MAX_ITEMS`](Self::MAX_ITEMS) field errors are kept.
    #[must_use]
    pub fn with_field_error(mut self, error: FieldError) -> Self {
        if self.0.field_errors.len() < Self::MAX_ITEMS {
            self.0.field_errors.push(error);
        }
        self
    }

    /// Sets the message. Every client receives it, that of an internal error too: a text for the log alone is a
    /// [source](Self::with_source). It is truncated to [`MAX_MESSAGE`](Self::MAX_MESSAGE) bytes. The default is the
    /// message of the format's row.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.message = Some(truncated(message.into(), Self::MAX_MESSAGE));
        self
    }

    /// Sets how long the client should wait before it tries again: at most [`MAX_RETRY_AFTER`](Self::MAX_RETRY_AFTER).
    /// `Retry-After` has this time in seconds, rounded up.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait.min(Self::MAX_RETRY_AFTER));
        self
    }

    /// Sets the error that caused the problem, for logs only. It may be a text, such as `"the pool of db1 is empty"`.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// Sets a 4xx or 5xx status in place of the kind's. Any other status makes the problem an internal error, whose
    /// source names the status and the problem.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        if Kind::from_status(status).is_none() {
            return self.invalid(Part::Status(status));
        }
        self.0.status = Some(status);
        self
    }

    /// The row of a catalogue that the problem was made from.
    #[must_use]
    pub fn definition(&self) -> Option<&'static Definition> {
        self.0.definition
    }

    /// The details, in the order in which they were added.
    #[must_use]
    pub fn details(&self) -> &[Detail] {
        &self.0.details
    }

    /// The details for [logs](crate::Visibility::Internal) in one line, such as `shard=7, host="db"`. It is limited in
    /// length, and has no control characters. `None` if there are none.
    #[must_use]
    pub fn internal_details(&self) -> Option<impl fmt::Display> {
        Internal::new(self)
    }

    /// What the rejecting layer knows.
    #[must_use]
    pub fn facts(&self) -> Option<&Facts> {
        self.0.facts.as_ref()
    }

    /// What is wrong with the fields of the request.
    #[must_use]
    pub fn field_errors(&self) -> &[FieldError] {
        &self.0.field_errors
    }

    /// Whether an envelope has written this problem. Outer envelopes then leave the response alone.
    #[must_use]
    pub fn is_rendered(&self) -> bool {
        self.0.rendered
    }

    /// The name of the problem in logs: the key of its definition, else the name of its kind.
    #[must_use]
    pub fn key(&self) -> &'static str {
        self.0
            .definition
            .map_or_else(|| self.0.kind.name(), Definition::key)
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The log level: that of the definition, else that of [the status](Level::from_status).
    #[must_use]
    pub fn level(&self) -> Level {
        let default = || Level::from_status(self.status());
        self.0.definition.map_or_else(default, Definition::level)
    }

    /// Records that this problem was written, by an envelope or by code that takes its place. Without this call, the
    /// log has the rejection as one with an empty body.
    pub fn mark_rendered(&mut self) {
        self.0.rendered = true;
        self.0.unrendered.disarm();
    }

    /// Sets a function that is called if this problem is dropped before it is rendered, cloned or made a response.
    #[doc(hidden)]
    pub fn report_unrendered(&mut self, report: Report) {
        self.0.unrendered = Unrendered::new(report, self.key(), self.status());
    }

    /// The message: the problem's own, else that of its facts, if either exists.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        let from_facts = || self.0.facts.as_ref()?.message();
        self.0.message.as_deref().or_else(from_facts)
    }

    /// The `error_id` of a server error, once an envelope has set it.
    #[must_use]
    pub fn error_id(&self) -> Option<ErrorId> {
        self.0.error_id
    }

    /// How long the client should wait before it tries again.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Sets the `error_id`, unless it is set already.
    pub fn set_error_id(&mut self, error_id: ErrorId) {
        self.0.error_id.get_or_insert(error_id);
    }

    /// The status that was set on this problem itself. A format keeps it.
    #[must_use]
    pub fn own_status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The status: the problem's own, else its definition's, else its kind's. A format may choose another.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        let default = || {
            self.0
                .definition
                .map_or_else(|| self.0.kind.status(), Definition::status)
        };
        self.0.status.unwrap_or_else(default)
    }
}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        Self::new(kind)
    }
}

/// As [`Problem::from_status`]. Any other status than a 4xx or 5xx becomes an internal error, whose source names the
/// status.
impl From<StatusCode> for Problem {
    fn from(status: StatusCode) -> Self {
        Self::from_status(status).unwrap_or_else(|| {
            Self::new(Kind::Internal).with_source(Invalid {
                part: Part::Status(status),
                problem: None,
            })
        })
    }
}

impl From<&'static Definition> for Problem {
    fn from(definition: &'static Definition) -> Self {
        let mut problem = Self::new(definition.kind());
        problem.0.definition = Some(definition);
        problem
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problem")
            .field("key", &self.key())
            .field("status", &self.status())
            .field("message", &self.message())
            .field("details", &self.0.details)
            .field("field_errors", &self.0.field_errors)
            .field("facts", &self.0.facts)
            .field("headers", &self.0.headers)
            .field("retry_after", &self.0.retry_after)
            .field("source", &self.0.source)
            .field("rendered", &self.0.rendered)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let default = || {
            self.0
                .definition
                .map_or_else(|| self.0.kind.title(), Definition::message)
        };
        f.write_str(self.message().unwrap_or_else(default))
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use static_assertions::{assert_eq_size, assert_impl_all};

    use super::*;
    use crate::problem::VersionFacts;

    assert_eq_size!(Problem, u64);
    assert_impl_all!(Problem: Clone, Error, Send, Sync);

    static EXPIRED: Definition = Definition::new("expired_key", Kind::Unauthenticated)
        .with_message("API key has expired")
        .with_status(StatusCode::FORBIDDEN);

    #[test]
    fn a_definition_gives_key_status_and_message() {
        let problem = Problem::from(&EXPIRED);

        assert_eq!(problem.key(), "expired_key");
        assert_eq!(problem.status(), StatusCode::FORBIDDEN);
        assert_eq!(problem.to_string(), "API key has expired");
    }

    #[test]
    fn an_unknown_status_is_kept() {
        let problem = Problem::from_status(StatusCode::IM_A_TEAPOT).unwrap();

        assert_eq!(problem.status(), StatusCode::IM_A_TEAPOT);
        assert_eq!(problem.kind(), Kind::BadRequest);
    }

    #[test]
    fn a_status_that_is_no_error_is_an_internal_error() {
        for (problem, which) in [
            (
                Problem::new(Kind::NotFound).with_status(StatusCode::NO_CONTENT),
                "the problem not_found (Not Found)",
            ),
            (Problem::from(StatusCode::NO_CONTENT), "a problem"),
        ] {
            assert_eq!(problem.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(
                problem.source().unwrap().to_string(),
                format!("invalid status 204 of {which}: expected 400 to 599")
            );
        }
        assert_eq!(Problem::from(StatusCode::GONE).kind(), Kind::Gone);
    }

    #[test]
    fn the_source_is_not_in_the_message() {
        let problem = Problem::new(Kind::Internal).with_source("password=hunter2");

        assert_eq!(problem.to_string(), "Internal Server Error");
        assert_eq!(problem.source().unwrap().to_string(), "password=hunter2");
    }

    #[test]
    fn a_message_of_its_own_goes_before_that_of_the_facts() {
        let facts = VersionFacts::new("1.1.9", "1.2.0".into());
        let problem = Problem::new(Kind::VersionOutdated).with_facts(Facts::Version(facts));

        assert_eq!(
            problem.message(),
            Some("Client version 1.1.9 is no longer supported")
        );
        assert_eq!(problem.with_message("Update!").message(), Some("Update!"));
    }

    #[test]
    fn a_long_message_is_cut() {
        let problem = Problem::new(Kind::Internal).with_message("x".repeat(9999));

        assert_eq!(problem.message().map(str::len), Some(Problem::MAX_MESSAGE));
    }

    #[test]
    fn so_many_details_and_field_errors_are_kept() {
        let mut problem = Problem::new(Kind::Validation);
        for number in 0..999 {
            problem = problem
                .with_detail(number.to_string(), number)
                .with_field_error(FieldError::new(number.to_string(), "wrong"));
        }

        assert_eq!(problem.details().len(), Problem::MAX_ITEMS);
        assert_eq!(problem.field_errors().len(), Problem::MAX_ITEMS);
    }

    #[test]
    fn a_detail_takes_the_place_of_one_with_its_name() {
        let problem = Problem::new(Kind::Internal)
            .with_detail("a", 1)
            .with_detail("b", 2)
            .with_development_detail("a", 3);

        assert_eq!(
            problem.details(),
            [Detail::development("a", 3), Detail::public("b", 2)]
        );
    }

    #[test]
    fn the_first_occurrence_stays() {
        let at = std::time::SystemTime::UNIX_EPOCH;
        let mut problem = Problem::new(Kind::Internal);

        problem.set_error_id(ErrorId::new(1, at));
        problem.set_error_id(ErrorId::new(2, at));

        assert_eq!(
            problem.error_id().unwrap().to_string(),
            "err_0000000000000001"
        );
    }
}
