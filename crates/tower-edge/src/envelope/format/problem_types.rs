use std::borrow::Cow;

use http::HeaderValue;
use tower_edge_core::http_ext::percent_encode;
use tower_edge_core::problem_details::{self, ProblemDetails};
use tower_edge_core::{Context, Definition, Format, Problem};

/// [`ProblemDetails`] whose `type` is a URI: this base and the [key](Problem::key) of the problem, for
/// a page that says what to do about it.
///
/// The `title` is that of the type: the message of the problem's definition, else what its kind is
/// called. A problem that says no more than its status is `about:blank`.
///
/// ```
/// use tower_edge::envelope::format::ProblemTypes;
/// use tower_edge::envelope::{Context, Format};
/// use tower_edge::{Kind, Problem};
///
/// let format = ProblemTypes::new("https://example.com/errors/");
/// let mut out = Vec::new();
/// format.body(&Problem::new(Kind::QuotaExceeded), &Context::default(), &mut out);
///
/// assert_eq!(
///     String::from_utf8(out)?,
///     r#"{"type":"https://example.com/errors/quota_exceeded","title":"Quota Exceeded","status":429,"detail":"The quota of this period is used up."}"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ProblemTypes {
    base: Cow<'static, str>,
}

impl ProblemTypes {
    /// Types under this base, which the key follows as it is: the base ends with `/`, `#` or `:`.
    #[must_use]
    pub fn new(base: impl Into<Cow<'static, str>>) -> Self {
        Self { base: base.into() }
    }

    /// The URI of a problem's type.
    #[must_use]
    pub fn uri(&self, problem: &Problem) -> String {
        let mut uri = String::from(&*self.base);
        let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        percent_encode(problem.key(), is_unreserved, &mut uri);
        uri
    }
}

impl Format for ProblemTypes {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        if is_a_bare_status(problem) {
            return ProblemDetails.body(problem, context, out);
        }
        let title = || problem.kind().title();
        let title = problem.definition().map_or_else(title, Definition::message);
        problem_details::write(&self.uri(problem), title, problem, context, out);
    }

    fn content_type(&self) -> HeaderValue {
        ProblemDetails.content_type()
    }

    fn name(&self) -> &'static str {
        "problem_types"
    }
}

/// A status that has no kind of its own has no type either.
fn is_a_bare_status(problem: &Problem) -> bool {
    let kind = problem.kind().status();
    problem.definition().is_none() && problem.own_status().is_some_and(|own| own != kind)
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use tower_edge_core::Kind;

    use super::*;

    static OUT_OF_CREDIT: Definition = Definition::new("out of credit", Kind::PermissionDenied)
        .with_message("You do not have enough credit.");

    fn body(problem: &Problem) -> serde_json::Value {
        let mut out = Vec::new();
        ProblemTypes::new(String::from("urn:problem:")).body(
            problem,
            &Context::default(),
            &mut out,
        );
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn every_kind_has_a_type_of_its_own() {
        for kind in Kind::ALL {
            let body = body(&Problem::new(*kind));

            assert_eq!(body["type"], format!("urn:problem:{kind}"));
            assert_eq!(body["title"], kind.title());
        }
    }

    // RFC 9457, section 3.1.3: the title does not change from occurrence to occurrence.
    #[test]
    fn the_type_and_the_title_are_those_of_the_definition() {
        let problem = Problem::from(&OUT_OF_CREDIT)
            .with_message("Your balance is 30, and that costs 50.")
            .with_detail("balance", 30_i64);

        assert_eq!(
            body(&problem),
            serde_json::json!({
                "type": "urn:problem:out%20of%20credit",
                "title": "You do not have enough credit.",
                "status": 403,
                "detail": "Your balance is 30, and that costs 50.",
                "balance": 30,
            })
        );
    }

    // RFC 9457, section 4.2.1.
    #[test]
    fn a_status_that_says_no_more_than_itself_is_about_blank() {
        let problem = Problem::from_status(StatusCode::IM_A_TEAPOT).unwrap();

        let body = body(&problem);

        assert_eq!(body["type"], "about:blank");
        assert_eq!(body["title"], "I'm a teapot");
        assert_eq!(body["status"], 418);
    }
}
