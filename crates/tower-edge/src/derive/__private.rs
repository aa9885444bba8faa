//! What the code of `#[derive(ApiError)]` calls. It is part of the derive, and not of the API.
//!
//! A function that is not generic is compiled here, and not in each crate that has errors.

use std::error::Error;
use std::fmt::Display;
use std::time::Duration;

#[cfg(feature = "axum")]
pub use ::axum::response::{IntoResponse, Response};
use ::serde::Serialize;
#[cfg(feature = "tonic")]
pub use ::tonic::Status;
use http::StatusCode;
pub use tower_edge_core::{
    Catalog, Code, Definition, DetailDefinition, DetailType, Kind, Level, Problem, Retry,
    Visibility,
};

use crate::BoxError;
use crate::problem::FieldError;

/// A row for the problems that are made from it, unless it is the default of its kind.
#[must_use]
pub const fn row(key: &'static str, kind: Kind) -> Definition {
    Definition::new(key, kind).with_default(false)
}

/// The derive takes numbers from 400 to 599 alone.
#[must_use]
pub const fn status(number: u16) -> StatusCode {
    match StatusCode::from_u16(number) {
        Ok(status) => status,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[must_use]
pub fn problem(row: &'static Definition) -> Problem {
    Problem::from(row)
}

pub fn transparent(inner: impl Into<Problem>) -> Problem {
    inner.into()
}

/// The message of an error with fields in it.
#[must_use]
pub fn text(error: &dyn Display) -> Option<String> {
    Some(error.to_string())
}

#[must_use]
pub fn with_message(problem: Problem, message: Option<String>) -> Problem {
    match message {
        Some(message) => problem.with_message(message),
        None => problem,
    }
}

/// What takes several types of fields. A name that is `&'static str` is cheaper to check than one that becomes a `Cow`.
pub trait ProblemExt {
    #[must_use]
    fn public(self, name: &'static str, value: impl Serialize) -> Self;

    #[must_use]
    fn development(self, name: &'static str, value: impl Serialize) -> Self;

    #[must_use]
    fn internal(self, name: &'static str, value: impl Serialize) -> Self;

    #[must_use]
    fn with_field_errors(self, errors: impl IntoFieldErrors) -> Self;

    #[must_use]
    fn with_optional_retry_after(self, wait: impl IntoWait) -> Self;

    #[must_use]
    fn with_optional_source(self, source: Option<impl Into<BoxError>>) -> Self;
}

impl ProblemExt for Problem {
    fn public(self, name: &'static str, value: impl Serialize) -> Self {
        self.with_detail(name, value)
    }

    fn development(self, name: &'static str, value: impl Serialize) -> Self {
        self.with_development_detail(name, value)
    }

    fn internal(self, name: &'static str, value: impl Serialize) -> Self {
        self.with_internal_detail(name, value)
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
            Some(source) => self.with_source(source),
            None => self,
        }
    }
}

/// Compiles the details of common types here. Without optimization, crates with errors share the code: it is most of what
/// they would compile for the derive.
#[must_use]
pub fn shared_details(problem: Problem) -> Problem {
    macro_rules! shared {
        ($($value:expr),*) => {
            problem
                $(
                    .public("", $value)
                    .development("", $value)
                    .internal("", $value)
                )*
        };
    }
    shared!(
        String::new(),
        "",
        Vec::<String>::new(),
        None::<String>,
        false,
        0_i32,
        0_i64,
        0_u8,
        0_u16,
        0_u32,
        0_u64,
        0_usize,
        0_f64
    )
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

/// The error itself, or the one in a box, which is none.
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
