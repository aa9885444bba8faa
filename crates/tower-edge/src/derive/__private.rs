//! Functions and types for the code of `#[derive(ApiError)]`. They are part of the derive, and not of the API.
//!
//! A function that is not generic is compiled here, and not in each crate that has errors.

use std::error::Error;
use std::fmt::{self, Display};
use std::sync::OnceLock;
use std::time::Duration;

#[cfg(feature = "axum")]
pub use ::axum::response::{IntoResponse, Response};
use ::serde::Serialize;
#[cfg(feature = "tonic")]
pub use ::tonic::Status;
use http::StatusCode;
pub use tower_edge_core::{
    Catalog, Code, Definition, DefinitionOptions, DetailDefinition, DetailOptions, DetailType,
    Kind, Level, Problem, Retry, Visibility,
};

use crate::BoxError;
use crate::problem::FieldError;

/// The derive accepts numbers from 400 to 599 alone.
#[must_use]
pub const fn status(number: u16) -> StatusCode {
    match StatusCode::from_u16(number) {
        Ok(status) => status,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The options of most rows and details.
pub const OWN: DefinitionOptions = DefinitionOptions::OWN;
pub const PUBLIC: DetailOptions = DetailOptions::PUBLIC;

/// An error. It calls one of the functions below with the index of its row, the values of the row's details, and its
/// message. `Display` and the problem come from that call, so that the compiler checks each variant once.
pub trait Describe {
    fn describe(&self, to: &mut Description<'_, '_>) -> fmt::Result;
}

/// The purpose for which an error is described.
#[expect(missing_debug_implementations, reason = "a formatter has none")]
pub struct Description<'a, 'f> {
    rows: &'static [Definition],
    writes: Writes<'a, 'f>,
}

enum Writes<'a, 'f> {
    Message(&'a mut fmt::Formatter<'f>),
    Problem(Problem),
}

/// `Display` of an error.
pub fn display(
    rows: &'static [Definition],
    error: &dyn Describe,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let writes = Writes::Message(f);
    error.describe(&mut Description { rows, writes })
}

/// The problem of an error, without the parts that it takes over from the error.
#[must_use]
pub fn problem(rows: &'static [Definition], error: &dyn Describe) -> Problem {
    let writes = Writes::Problem(Problem::new(Kind::Internal));
    let mut description = Description { rows, writes };
    // It writes to no formatter, so nothing can fail.
    let _ = error.describe(&mut description);
    match description.writes {
        Writes::Problem(problem) => problem,
        Writes::Message(_) => Problem::new(Kind::Internal),
    }
}

/// An error with a message of its own.
pub fn own_message(
    to: &mut Description<'_, '_>,
    at: usize,
    values: &[&dyn Value],
    message: fmt::Arguments<'_>,
) -> fmt::Result {
    match &mut to.writes {
        Writes::Message(f) => return f.write_fmt(message),
        Writes::Problem(problem) => {
            let row = to.rows.get(at);
            *problem = with_row(row, values, |problem| {
                problem.with_message(message.to_string())
            });
        }
    }
    Ok(())
}

/// A server error, whose text is for the log. Clients receive this message, else that of the row.
pub fn logged_message(
    to: &mut Description<'_, '_>,
    at: usize,
    values: &[&dyn Value],
    text: fmt::Arguments<'_>,
    message: Option<fmt::Arguments<'_>>,
) -> fmt::Result {
    match &mut to.writes {
        Writes::Message(f) => return f.write_fmt(text),
        Writes::Problem(problem) => {
            let row = to.rows.get(at);
            *problem = with_row(row, values, |problem| {
                let problem = problem.with_source(LoggedText {
                    text: text.to_string(),
                    cause: OnceLock::new(),
                });
                match message {
                    Some(message) => problem.with_message(message.to_string()),
                    None => problem,
                }
            });
        }
    }
    Ok(())
}

/// The text of a server error, as the source of its problem: logs have it, and what caused the error after it.
#[derive(Debug)]
struct LoggedText {
    text: String,
    cause: OnceLock<BoxError>,
}

impl Display for LoggedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for LoggedText {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.get().map(|cause| &**cause as _)
    }
}

/// An error with the message of its row.
pub fn row_message(to: &mut Description<'_, '_>, at: usize, values: &[&dyn Value]) -> fmt::Result {
    let row = to.rows.get(at);
    match &mut to.writes {
        Writes::Message(f) => return f.write_str(row.map_or("", Definition::message)),
        Writes::Problem(problem) => *problem = with_row(row, values, |problem| problem),
    }
    Ok(())
}

/// An error with the `Display` of its inner error, which clients do not see.
pub fn inner_message(
    to: &mut Description<'_, '_>,
    at: usize,
    values: &[&dyn Value],
    inner: &dyn Display,
) -> fmt::Result {
    match &mut to.writes {
        Writes::Message(f) => inner.fmt(f),
        Writes::Problem(_) => row_message(to, at, values),
    }
}

/// A transparent error has no row.
fn with_row(
    row: Option<&'static Definition>,
    values: &[&dyn Value],
    with_message: impl FnOnce(Problem) -> Problem,
) -> Problem {
    let Some(row) = row else {
        return Problem::new(Kind::Internal);
    };
    let details = row.details().iter().zip(values);
    details.fold(with_message(row.into()), |problem, (detail, value)| {
        value.add(problem, detail)
    })
}

pub fn transparent(inner: impl IntoProblem) -> Problem {
    inner.into_problem()
}

#[diagnostic::on_unimplemented(
    message = "`transparent` takes a `Problem` or another `ApiError`, and `{Self}` is neither: write `#[api(Internal)]`, and `#[from]` on the field",
    label = "not a problem"
)]
pub trait IntoProblem {
    fn into_problem(self) -> Problem;
}

#[diagnostic::do_not_recommend]
impl<T: Into<Problem>> IntoProblem for T {
    fn into_problem(self) -> Problem {
        self.into()
    }
}

/// The value of a detail.
#[diagnostic::on_unimplemented(
    message = "a detail is written by its `Serialize`, which `{Self}` does not implement: derive it, or leave `detail` out",
    label = "not `Serialize`"
)]
pub trait Value {
    fn add(&self, problem: Problem, detail: &'static DetailDefinition) -> Problem;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Value for T {
    fn add(&self, problem: Problem, detail: &'static DetailDefinition) -> Problem {
        let name = detail.name();
        match detail.visibility() {
            Visibility::Development => problem.with_development_detail(name, self),
            Visibility::Internal => problem.with_internal_detail(name, self),
            _ => problem.with_detail(name, self),
        }
    }
}

/// Setters that take several types of fields.
pub trait ProblemExt {
    /// Adds the source of an error whose text is logged before it.
    #[must_use]
    fn with_cause(self, cause: impl Into<BoxError>) -> Self;

    #[must_use]
    fn with_field_errors(self, errors: impl IntoFieldErrors) -> Self;

    #[must_use]
    fn with_optional_retry_after(self, wait: impl IntoWait) -> Self;

    #[must_use]
    fn with_optional_source(self, source: Option<impl Into<BoxError>>) -> Self;
}

impl ProblemExt for Problem {
    fn with_cause(self, cause: impl Into<BoxError>) -> Self {
        let text = self.source().and_then(<dyn Error>::downcast_ref);
        let Some(LoggedText { cause: empty, .. }) = text else {
            return self.with_source(cause);
        };
        // The derive gives one.
        let _ = empty.set(cause.into());
        self
    }

    fn with_field_errors(self, errors: impl IntoFieldErrors) -> Self {
        let errors = errors.into_field_errors();
        errors.into_iter().fold(self, Self::with_field_error)
    }

    fn with_optional_retry_after(self, wait: impl IntoWait) -> Self {
        match wait.into_wait() {
            Some(wait) => self.with_retry_after(wait),
            None => self,
        }
    }

    fn with_optional_source(self, source: Option<impl Into<BoxError>>) -> Self {
        match source {
            Some(source) => self.with_cause(source),
            None => self,
        }
    }
}

/// Compiles the details of common types here. Without optimization, crates with errors share this code: it is most of
/// the code that they would compile for the derive.
#[must_use]
pub fn shared_values() -> [Box<dyn Value>; 13] {
    [
        Box::new(String::new()),
        Box::new(""),
        Box::new(Vec::<String>::new()),
        Box::new(None::<String>),
        Box::new(false),
        Box::new(0_i32),
        Box::new(0_i64),
        Box::new(0_u8),
        Box::new(0_u16),
        Box::new(0_u32),
        Box::new(0_u64),
        Box::new(0_usize),
        Box::new(0_f64),
    ]
}

#[diagnostic::on_unimplemented(
    message = "`fields` takes a `Vec<FieldError>`, not `{Self}`",
    label = "not field errors"
)]
pub trait IntoFieldErrors {
    fn into_field_errors(self) -> Vec<FieldError>;
}

impl IntoFieldErrors for Vec<FieldError> {
    fn into_field_errors(self) -> Vec<FieldError> {
        self
    }
}

impl IntoFieldErrors for FieldError {
    fn into_field_errors(self) -> Vec<FieldError> {
        vec![self]
    }
}

impl IntoFieldErrors for Option<FieldError> {
    fn into_field_errors(self) -> Vec<FieldError> {
        self.into_iter().collect()
    }
}

impl<const N: usize> IntoFieldErrors for [FieldError; N] {
    fn into_field_errors(self) -> Vec<FieldError> {
        self.into()
    }
}

#[diagnostic::on_unimplemented(
    message = "`retry_after` takes a `Duration` or an `Option<Duration>`, not `{Self}`",
    label = "not a wait"
)]
pub trait IntoWait {
    fn into_wait(self) -> Option<Duration>;
}

impl IntoWait for Duration {
    fn into_wait(self) -> Option<Duration> {
        Some(self)
    }
}

impl IntoWait for Option<Duration> {
    fn into_wait(self) -> Self {
        self
    }
}

/// The error itself, or the one in a box, since a box of an error need not be an error.
pub trait AsDynError<'a> {
    fn as_dyn_error(&self) -> &(dyn Error + 'a);
}

impl<'a, T: Error + 'a> AsDynError<'a> for T {
    fn as_dyn_error(&self) -> &(dyn Error + 'a) {
        self
    }
}

impl<'a> AsDynError<'a> for dyn Error + 'a {
    fn as_dyn_error(&self) -> &(dyn Error + 'a) {
        self
    }
}

impl<'a> AsDynError<'a> for dyn Error + Send + Sync + 'a {
    fn as_dyn_error(&self) -> &(dyn Error + 'a) {
        self
    }
}
