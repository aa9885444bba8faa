use std::time::Duration;

use http::StatusCode;
use tower_edge_core::http_ext::whole_milliseconds;
use tower_edge_core::json::Object;
use tower_edge_core::problem::Facts;
use tower_edge_core::problem_details::version_members;
use tower_edge_core::{Code, Context, Definition, Format, Problem, messages};

use super::catalog::CATALOG;

/// `{"error": {"code", "message", …}}`: the code is the HTTP status or a word, and further members
/// stand beside it. `retry_after` is a number of seconds with a fraction.
///
/// ```
/// use tower_edge_core::{Context, Format, Kind, Problem};
/// use tower_edge_formats::Plexichat;
///
/// let problem = Problem::new(Kind::NotFound);
/// let mut out = Vec::new();
/// Plexichat.body(&problem, &Context::default(), &mut out);
///
/// assert_eq!(
///     String::from_utf8_lossy(&out),
///     r#"{"error":{"code":404,"message":"Resource not found"}}"#,
/// );
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Plexichat;

impl Format for Plexichat {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        let row = CATALOG.definition_of(problem);
        let mut object = Object::open(out);
        let mut error = object.object("error");
        match row.map(Definition::code) {
            Some(Code::Text(code)) => error.text("code", code),
            _ => {
                let status = context.status();
                let status = status.unwrap_or_else(|| self.status(problem, context));
                error.integer("code", status.as_u16().into())
            }
        };
        error.text("message", messages::message(problem, row));
        if let Some(Facts::Version(facts)) = problem.facts() {
            version_members(facts, &mut error);
        }
        if let Some(wait) = problem.retry_after() {
            error.serialize("retry_after", &seconds(wait));
        }
        if !problem.field_errors().is_empty() {
            error.objects("errors", problem.field_errors(), messages::field_error);
        }
        error.details(messages::details(
            problem,
            row,
            context.exposure(),
            &MEMBERS,
        ));
    }

    fn name(&self) -> &'static str {
        "plexichat"
    }

    fn status(&self, problem: &Problem, _: &Context<'_>) -> StatusCode {
        CATALOG.status_of(problem)
    }
}

/// The wait in seconds, rounded up to milliseconds, so that no client comes back too early.
fn seconds(wait: Duration) -> f64 {
    Duration::from_millis(whole_milliseconds(wait)).as_secs_f64()
}

const MEMBERS: [&str; 4] = ["code", "errors", "message", "retry_after"];

#[cfg(test)]
mod tests {
    use tower_edge_core::Kind;

    use super::*;

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "a detail `code` cannot be sent")]
    fn a_detail_with_the_name_of_a_member_of_every_body_is_reported() {
        let problem = Problem::new(Kind::NotFound).with_detail("code", 7);

        Plexichat.body(&problem, &Context::default(), &mut Vec::new());
    }
}
