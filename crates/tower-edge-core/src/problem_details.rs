//! Problem details by [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457): one writer, for envelopes and for responses
//! without one.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use http::{HeaderValue, StatusCode};

use crate::http_ext::{DIGITS, percent_encode, retry_after_seconds, whole_milliseconds};
use crate::json::{Head, Object};
use crate::messages::sentence;
use crate::problem::{Facts, FieldError, VersionFacts};
use crate::{Catalog, Context, Definition, Format, Kind, Problem, messages};

/// Problem details by [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457), as `application/problem+json`.
///
/// ```
/// use tower_edge_core::problem_details::ProblemDetails;
/// use tower_edge_core::{Context, Format, Problem, catalog};
///
/// catalog! {
///     static ERRORS;
///     #[api(PermissionDenied, key = "out-of-credit", message = "You do not have enough credit.")]
///     const OUT_OF_CREDIT;
/// }
///
/// let format = ProblemDetails::new()
///     .with_catalog(&ERRORS)
///     .with_type_base("https://example.com/probs/");
/// let problem = Problem::from(&OUT_OF_CREDIT)
///     .with_message("Your current balance is 30, but that costs 50.")
///     .with_detail("instance", "/account/12345/msgs/abc")
///     .with_detail("balance", 30);
///
/// let mut out = Vec::new();
/// format.body(&problem, &Context::default(), &mut out);
/// assert_eq!(
///     String::from_utf8(out)?,
///     concat!(
///         r#"{"type":"https://example.com/probs/out-of-credit","title":"You do not have enough credit.","#,
///         r#""status":403,"detail":"Your current balance is 30, but that costs 50.","#,
///         r#""instance":"/account/12345/msgs/abc","balance":30}"#,
///     ),
/// );
/// # Ok::<(), std::string::FromUtf8Error>(())
/// ```
///
/// `type`, `title`, `status` and `detail` are always there. Extension members follow where their values are known:
/// `errors` with a `detail` and a `pointer` for each field, `retry_after`, `timeout_ms`, `violated-policies`, the
/// versions of a 426, the `error_id` that is in the logs of a server error, the problem's own details, and
/// [members](Self::with_member) that the service adds.
///
/// A fact of a layer goes before a detail of the same name. A detail named `type`, `title`, `status` or `detail` is
/// left out, and [panics](messages::details) with debug assertions.
///
/// Without settings, the constant of the same name is enough: `EnvelopeLayer::new(ProblemDetails)`.
#[doc(alias(
    "application/problem+json",
    "problem json",
    "problem+json",
    "RFC 7807",
    "RFC 9457"
))]
#[derive(Clone, Debug, Default)]
pub struct ProblemDetails {
    catalog: Option<&'static Catalog>,
    members: Option<Arc<Vec<Member>>>,
    type_base: Cow<'static, str>,
    wants_trace_parent: bool,
}

/// [`ProblemDetails`](struct@ProblemDetails) without settings.
#[expect(non_upper_case_globals, reason = "it reads as a unit struct")]
pub const ProblemDetails: ProblemDetails = ProblemDetails {
    catalog: None,
    members: None,
    type_base: Cow::Borrowed(""),
    wants_trace_parent: false,
};

impl ProblemDetails {
    /// Problem details whose `type` is `about:blank`.
    #[must_use]
    pub const fn new() -> Self {
        ProblemDetails
    }

    /// Sets the catalogue of the service. The row for the kind describes a problem without a definition, such as a
    /// layer's: its status, message and key, and who may see which detail.
    #[must_use]
    pub const fn with_catalog(mut self, catalog: &'static Catalog) -> Self {
        self.catalog = Some(catalog);
        self
    }

    /// Sets the beginning of `type`, such as `https://shop.example/errors/`. If it ends in a letter or a digit, a `/` is
    /// added. The key of the row follows, else that of the kind. The default is `about:blank` for all problems.
    ///
    /// The `title` is then that of the row, else that of the kind. A problem that is nothing but a status stays
    /// `about:blank` ([section 4.2.1](https://www.rfc-editor.org/rfc/rfc9457#section-4.2.1)).
    #[must_use]
    pub fn with_type_base(mut self, base: impl Into<Cow<'static, str>>) -> Self {
        self.type_base = base.into();
        // Each part of a URI may have a `/` where this adds one (RFC 3986, section 3).
        if self.type_base.ends_with(char::is_alphanumeric) {
            self.type_base.to_mut().push('/');
        }
        self
    }

    /// Adds a member to every problem that has a value for it. The format then sends no detail of this name. The member
    /// replaces another one of the same name.
    ///
    /// ```
    /// use tower_edge_core::problem_details::ProblemDetails;
    ///
    /// let format = ProblemDetails::new()
    ///     .with_member("service", |_, _| Some("media".into()))?
    ///     .with_member("instance", |problem, _| Some(format!("urn:error:{}", problem.error_id()?).into()))?
    ///     .with_member("correlation_id", |_, context| Some(context.correlation_id()?.as_str().into()))?;
    /// # let _ = format;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the format itself writes a member of this name.
    pub fn with_member(
        self,
        name: &'static str,
        value: impl for<'a> Fn(&'a Problem, &'a Context<'a>) -> Option<Cow<'a, str>>
        + Send
        + Sync
        + 'static,
    ) -> Result<Self, ReservedMember> {
        if MEMBERS.contains(&name) || VERSION_MEMBERS.contains(&name) {
            return Err(ReservedMember { name });
        }
        Ok(self.with(name, Arc::new(value)))
    }

    /// Adds the trace id of the request's [`TraceContext`](crate::TraceContext) as the member `trace_id`, if the
    /// request has one: 32 hexadecimal digits, as in `traceparent`.
    #[must_use]
    pub fn with_trace_id(mut self) -> Self {
        self.wants_trace_parent = true;
        let trace_id: Arc<Value> = Arc::new(|_, context| {
            let parent = context.trace_parent()?;
            Some(format!("{:032x}", parent.trace_id()).into())
        });
        self.with("trace_id", trace_id)
    }

    fn with(mut self, name: &'static str, value: Arc<Value>) -> Self {
        let members = Arc::make_mut(self.members.get_or_insert_default());
        members.retain(|member| member.name != name);
        members.push(Member { name, value });
        self
    }

    fn row(&self, problem: &Problem) -> Option<&'static Definition> {
        messages::row(problem, self.catalog)
    }

    /// Begins the body with the members that are always there.
    fn open<'o>(
        &self,
        problem: &Problem,
        row: Option<&'static Definition>,
        context: &Context<'_>,
        out: &'o mut Vec<u8>,
    ) -> Object<'o> {
        let kind = problem.kind();
        let status = context.status();
        let status = status.unwrap_or_else(|| messages::status(problem, row));
        let mut object = Object::open(out);
        if self.type_base.is_empty() || messages::is_bare_status(problem) {
            // With about:blank the title is the status's own phrase (section 4.2.1).
            let title = phrase(status).unwrap_or_else(|| kind.title());
            object.text("type", "about:blank").text("title", title);
        } else {
            let mut uri = String::from(&*self.type_base);
            let key = row.map_or(kind.name(), Definition::key);
            let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            percent_encode(key, is_unreserved, &mut uri);
            let title = row.map_or(kind.title(), Definition::title);
            object.text("type", &uri).text("title", title);
        }
        object
            .integer("status", status.as_u16().into())
            .text("detail", messages::message(problem, row));
        object
    }

    fn members(
        &self,
        problem: &Problem,
        row: Option<&'static Definition>,
        context: &Context<'_>,
        object: &mut Object<'_>,
    ) {
        if !problem.field_errors().is_empty() {
            object.objects("errors", problem.field_errors(), field_error);
        }
        match problem.facts() {
            Some(Facts::RateLimit(facts)) => {
                object.texts("violated-policies", facts.exceeded());
            }
            Some(Facts::Timeout(facts)) => {
                object.integer("timeout_ms", whole_milliseconds(facts.limit));
            }
            Some(Facts::Version(facts)) => version_members(facts, object),
            _ => {}
        }
        if let Some(wait) = problem.retry_after() {
            object.integer("retry_after", retry_after_seconds(wait));
        }
        if let Some(error_id) = problem.error_id() {
            object.display("error_id", error_id);
        }
        let details = || messages::details(problem, row, context.exposure(), &MEMBERS);
        object.details(details());
        for member in self.members.as_deref().map_or(&[][..], Vec::as_slice) {
            if let Some(value) = (member.value)(problem, context)
                && details().all(|(name, _)| name != member.name)
            {
                object.entry(member.name, &value);
            }
        }
    }
}

impl Format for ProblemDetails {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        let kind = problem.kind();
        let row = self.row(problem);
        let status = context.status().or(problem.own_status());
        let mut object = match HEADS.get(kind as usize) {
            Some(head)
                if row.is_none()
                    && self.type_base.is_empty()
                    && status.is_none_or(|status| status == kind.status()) =>
            {
                Object::from_head(head, problem.message(), out)
            }
            _ => self.open(problem, row, context, out),
        };
        self.members(problem, row, context, &mut object);
    }

    fn content_type(&self) -> HeaderValue {
        const { HeaderValue::from_static("application/problem+json") }
    }

    fn name(&self) -> &'static str {
        "problem_details"
    }

    fn status(&self, problem: &Problem, _: &Context<'_>) -> StatusCode {
        messages::status(problem, self.row(problem))
    }

    fn wants_trace_parent(&self) -> bool {
        self.wants_trace_parent
    }
}

/// A member that the service adds.
#[derive(Clone)]
struct Member {
    name: &'static str,
    value: Arc<Value>,
}

type Value = dyn for<'a> Fn(&'a Problem, &'a Context<'a>) -> Option<Cow<'a, str>> + Send + Sync;

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Problem details write a member of this name themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReservedMember {
    name: &'static str,
}

impl fmt::Display for ReservedMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name;
        write!(
            f,
            "reserved member {name:?}: expected a name that problem details do not write themselves"
        )
    }
}

impl Error for ReservedMember {}

/// The first members for each kind. A status has the phrase of the broadest kind with that status.
static HEADS: [Head; Kind::ALL.len()] = {
    let mut heads = [Head::new(&[], ""); Kind::ALL.len()];
    let mut at = 0;
    while at < heads.len() {
        let kind = Kind::ALL[at];
        let broadest = match kind.parent() {
            Some(parent) => parent,
            None => kind,
        };
        let status = DIGITS[kind.status().as_u16() as usize].as_str();
        let (start, title) = (r#"{"type":"about:blank","title":""#, broadest.title());
        heads[at] = Head::new(
            &[start, title, r#"","status":"#, status, r#","detail":"#],
            sentence(kind),
        );
        at += 1;
    }
    heads
};

/// The names of [section 3.1](https://www.rfc-editor.org/rfc/rfc9457#section-3.1) except `instance`, which a detail can
/// be, and the names of facts.
const MEMBERS: [&str; 9] = [
    "type",
    "title",
    "status",
    "detail",
    "error_id",
    "errors",
    "retry_after",
    "timeout_ms",
    "violated-policies",
];

/// The members that [`version_members`] may add.
pub(crate) const VERSION_MEMBERS: [&str; 4] = [
    "client_version",
    "min_version",
    "server_version",
    "update_url",
];

/// Adds the client's version, and the versions that it was compared with.
pub fn version_members(facts: &VersionFacts, object: &mut Object<'_>) {
    object
        .text("client_version", facts.client())
        .text("min_version", &facts.minimum);
    if let Some(server) = &facts.server {
        object.text("server_version", server);
    }
    if let Some(url) = &facts.update_url {
        object.text("update_url", url);
    }
}

/// The reason phrase of a status. The `http` crate still has two that
/// [RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.14) has replaced.
fn phrase(status: StatusCode) -> Option<&'static str> {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Some("Content Too Large"),
        StatusCode::UNPROCESSABLE_ENTITY => Some("Unprocessable Content"),
        status => status.canonical_reason(),
    }
}

/// As in the example of [section 3](https://www.rfc-editor.org/rfc/rfc9457#section-3). No pointer can point at a
/// parameter, so a parameter is named.
fn field_error(error: &FieldError, object: &mut Object<'_>) {
    object.text("detail", error.message());
    match error.fragment() {
        Some(pointer) => object.text("pointer", &pointer),
        None => object.text("parameter", error.field()),
    };
    if let Some(value) = error.value() {
        object.text("value", value);
    }
}

#[cfg(test)]
mod tests;
