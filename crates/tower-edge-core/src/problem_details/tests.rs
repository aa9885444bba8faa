use std::time::Duration;

use super::*;
use crate::problem::RateLimitFacts;
use crate::{CorrelationId, ErrorId, catalog};

catalog! {
    static ERRORS;
    #[api(PermissionDenied, key = "out of credit", message = "You do not have enough credit.")]
    const OUT_OF_CREDIT;
    #[api(RateLimited, key = "slow-down", status = 503, message = "Your plan allows fewer requests.",
        development(shard: integer))]
    const _;
}

fn text(format: &ProblemDetails, problem: &Problem) -> String {
    let mut out = Vec::new();
    format.body(problem, &Context::default(), &mut out);
    String::from_utf8(out).unwrap()
}

fn written(format: &ProblemDetails, problem: &Problem) -> serde_json::Value {
    serde_json::from_str(&text(format, problem)).unwrap()
}

fn typed() -> ProblemDetails {
    ProblemDetails::new().with_type_base(String::from("urn:problem:"))
}

fn body(problem: &Problem) -> String {
    text(&ProblemDetails, problem)
}

// RFC 9457, section 3.1.2: the status member is the status of the response.
#[test]
fn type_title_status_and_detail_are_always_there() {
    for kind in Kind::ALL {
        let body: serde_json::Value = serde_json::from_str(&body(&Problem::new(*kind))).unwrap();

        assert_eq!(body["type"], "about:blank");
        let title = phrase(kind.status()).unwrap_or(kind.title());
        assert_eq!(body["title"], title);
        assert_eq!(body["status"], kind.status().as_u16());
        assert_eq!(body["detail"], sentence(*kind));
    }
}

#[test]
fn a_status_without_a_phrase_has_a_title_all_the_same() {
    let problem = Problem::from_status(StatusCode::from_u16(498).unwrap()).unwrap();

    assert!(
        body(&problem).starts_with(r#"{"type":"about:blank","title":"Bad Request","status":498,"#)
    );
}

#[test]
fn field_errors_are_pointed_at() {
    let problem = Problem::new(Kind::Validation)
        .with_field_error(FieldError::new("tmdbId", "must be a positive integer").with_value("-1"))
        .with_field_error(FieldError::new("a/b ~ü", "unknown"))
        .with_field_error(FieldError::from_parameter("page", "missing"));

    assert_eq!(
        body(&problem),
        r##"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"The request has fields that are not valid.","errors":[{"detail":"must be a positive integer","pointer":"#/tmdbId","value":"-1"},{"detail":"unknown","pointer":"#/a~1b%20~0%C3%BC"},{"detail":"missing","parameter":"page"}]}"##
    );
}

#[test]
fn a_refusal_names_the_policy_and_the_wait_of_the_header() {
    let facts = RateLimitFacts::new("second".into(), 5, Duration::from_secs(1), 6);
    let problem = Problem::new(Kind::RateLimited)
        .with_facts(Facts::RateLimit(facts))
        .with_retry_after(Duration::from_millis(200));

    assert_eq!(
        body(&problem),
        r#"{"type":"about:blank","title":"Too Many Requests","status":429,"detail":"Too many requests; try again later.","violated-policies":["second"],"retry_after":1}"#
    );
}

#[test]
fn a_detail_cannot_take_the_place_of_what_is_known() {
    let facts = RateLimitFacts::new("a\"b".into(), 5, Duration::from_secs(1), 6);
    let problem = Problem::new(Kind::RateLimited)
        .with_facts(Facts::RateLimit(facts))
        .with_retry_after(Duration::from_secs(1))
        .with_field_error(FieldError::new("a", "b"))
        .with_detail("retry_after", 9_i64)
        .with_detail("errors", 9_i64)
        .with_detail("timeout_ms", 9_i64)
        .with_detail("violated-policies", 9_i64);

    assert_eq!(
        body(&problem),
        r##"{"type":"about:blank","title":"Too Many Requests","status":429,"detail":"Too many requests; try again later.","errors":[{"detail":"b","pointer":"#/a"}],"violated-policies":["a\"b"],"retry_after":1,"timeout_ms":9}"##
    );
}

#[test]
fn a_server_error_has_the_id_that_is_in_the_log() {
    let mut problem = Problem::new(Kind::Internal).with_detail("error_id", "another");
    problem.set_error_id(ErrorId::new(7, std::time::SystemTime::UNIX_EPOCH));
    let id = problem.error_id().unwrap().to_string();

    let body = body(&problem);

    assert!(
        body.ends_with(&format!(r#","error_id":"{id}"}}"#)),
        "{body}"
    );
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "a detail `status` cannot be sent")]
fn a_detail_with_the_name_of_a_standard_member_is_reported() {
    let _ = body(&Problem::new(Kind::Internal).with_detail("status", 200));
}

#[test]
fn a_detail_whose_name_comes_from_outside_is_left_out() {
    let problem = Problem::new(Kind::Internal).with_detail(String::from("status"), 200);

    assert_eq!(body(&problem), body(&Problem::new(Kind::Internal)));
}

#[test]
fn a_member_with_a_name_that_is_taken_is_an_error() {
    for name in ["status", "errors", "min_version"] {
        let error = ProblemDetails::new().with_member(name, |_, _| None);

        let error = error.unwrap_err().to_string();
        assert!(error.starts_with(&format!("reserved member {name:?}: ")));
    }
}

#[test]
fn a_member_borrows_from_what_it_is_about_and_its_name_is_escaped() {
    let format = ProblemDetails::new()
        .with_member("q\"", |_, context| {
            Some(context.correlation_id()?.as_str().into())
        })
        .unwrap();
    let id = CorrelationId::parse(&HeaderValue::from_static("req_1")).unwrap();
    let context = Context::default().with_correlation_id(Some(&id));
    let mut out = Vec::new();

    format.body(&Problem::new(Kind::NotFound), &context, &mut out);

    let body: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(body["q\""], "req_1");
}

#[test]
fn a_detail_that_is_not_shown_does_not_take_the_place_of_a_member() {
    let format = ProblemDetails::new();
    let format = format.with_member("instance", |_, _| Some("/a".into()));
    let problem = Problem::new(Kind::NotFound).with_development_detail("instance", "/b");

    assert_eq!(written(&format.unwrap(), &problem)["instance"], "/a");
}

// RFC 3986, section 3: a `/` may stand in each part where one is added.
#[test]
fn a_slash_is_between_the_base_and_the_key() {
    for (base, uri) in [
        ("https://a.example", "https://a.example/gone"),
        ("https://a.example/e", "https://a.example/e/gone"),
        ("https://a.example/e/", "https://a.example/e/gone"),
        ("https://a.example/e#", "https://a.example/e#gone"),
        ("https://a.example/e#of", "https://a.example/e#of/gone"),
        ("https://a.example/e?", "https://a.example/e?gone"),
        ("https://a.example/e?key=", "https://a.example/e?key=gone"),
        ("/errors", "/errors/gone"),
        ("urn:problem:", "urn:problem:gone"),
        ("urn:problem:shop", "urn:problem:shop/gone"),
        ("", "about:blank"),
    ] {
        let format = ProblemDetails::new().with_type_base(base);

        let written = written(&format, &Problem::new(Kind::Gone));

        assert_eq!(written["type"], uri, "{base}");
    }
}

// RFC 9457, section 3: the second example.
#[test]
fn the_errors_of_the_example_of_the_standard_can_be_made() {
    catalog! {
        static EXAMPLE;
        #[api(Validation, key = "validation-error", message = "Your request is not valid.")]
        const _;
    }
    let format = ProblemDetails::new()
        .with_catalog(&EXAMPLE)
        .with_type_base("https://example.net/");
    let problem = Problem::new(Kind::Validation)
        .with_field_error(FieldError::new("age", "must be a positive integer"))
        .with_field_error(
            FieldError::new("profile.color", "must be 'green', 'red' or 'blue'")
                .with_pointer("/profile/color"),
        );

    assert_eq!(
        written(&format, &problem),
        serde_json::json!({
            "type": "https://example.net/validation-error",
            "title": "Your request is not valid.",
            "status": 422,
            "detail": "Your request is not valid.",
            "errors": [
                {"detail": "must be a positive integer", "pointer": "#/age"},
                {"detail": "must be 'green', 'red' or 'blue'", "pointer": "#/profile/color"},
            ],
        })
    );
}

#[test]
fn every_kind_has_a_type_of_its_own() {
    for kind in Kind::ALL {
        let body = written(&typed(), &Problem::new(*kind));

        assert_eq!(body["type"], format!("urn:problem:{kind}"));
        assert_eq!(body["title"], kind.title());
    }
}

// RFC 9457, section 3.1.3: the title does not change from occurrence to occurrence.
#[test]
fn the_type_and_the_title_are_those_of_the_definition() {
    let problem = Problem::from(&OUT_OF_CREDIT)
        .with_message("Your balance is 30, and that costs 50.")
        .with_detail("balance", 30);

    assert_eq!(
        written(&typed(), &problem),
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

    let body = written(&typed().with_catalog(&ERRORS), &problem);

    assert_eq!(body["type"], "about:blank");
    assert_eq!(body["title"], "I'm a teapot");
    assert_eq!(body["status"], 418);
}

#[test]
fn what_a_layer_rejects_with_is_described_by_the_row_for_its_kind() {
    let problem = Problem::new(Kind::QuotaExceeded)
        .with_detail("shard", 7)
        .with_detail("plan", "free");
    let format = typed().with_catalog(&ERRORS);

    assert_eq!(format.status(&problem, &Context::default()), 503);
    assert_eq!(
        written(&format, &problem),
        serde_json::json!({
            "type": "urn:problem:slow-down",
            "title": "Your plan allows fewer requests.",
            "status": 503,
            "detail": "Your plan allows fewer requests.",
            "plan": "free",
        })
    );
    let blank = written(&ProblemDetails::new().with_catalog(&ERRORS), &problem);
    assert_eq!(blank["type"], "about:blank");
    assert_eq!(blank["title"], "Service Unavailable");
    assert_eq!(blank["detail"], "Your plan allows fewer requests.");
}

// RFC 9457, section 3.1.2: the status member is the status of the response.
#[test]
fn the_status_is_that_which_is_sent() {
    let context = Context::default().with_status(StatusCode::IM_A_TEAPOT);
    let mut out = Vec::new();

    ProblemDetails.body(&Problem::new(Kind::Internal), &context, &mut out);

    let body: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(
        (&body["status"], &body["title"]),
        (&418.into(), &"I'm a teapot".into())
    );
}

#[test]
fn a_member_of_the_service_follows_unless_a_detail_has_its_name() {
    let format = ProblemDetails::new()
        .with_member("service", |_, _| Some("old".into()))
        .and_then(|format| format.with_member("service", |_, _| Some("media".into())))
        .and_then(|format| {
            format.with_member("instance", |problem, _| {
                Some(format!("urn:error:{}", problem.error_id()?).into())
            })
        })
        .unwrap();
    let mut problem = Problem::new(Kind::Internal);
    problem.set_error_id(ErrorId::new(7, std::time::SystemTime::UNIX_EPOCH));

    let added = text(&format, &problem);
    let replaced = written(&format.clone(), &problem.with_detail("instance", "/a"));

    let members = r#","service":"media","instance":"urn:error:err_0000000000000007"}"#;
    assert!(added.ends_with(members), "{added}");
    assert_eq!(added.matches("service").count(), 1);
    assert_eq!(replaced["instance"], "/a");
    assert_eq!(replaced["service"], "media");
    assert!(
        written(&format, &Problem::new(Kind::Internal))
            .get("instance")
            .is_none()
    );
}

#[test]
fn a_row_describes_a_problem_with_another_status_too() {
    let problem = Problem::new(Kind::RateLimited)
        .with_status(StatusCode::FORBIDDEN)
        .with_detail("shard", 7);

    let body = written(&typed().with_catalog(&ERRORS), &problem);

    assert_eq!(body["type"], "urn:problem:slow-down");
    assert_eq!(body["status"], 403);
    assert_eq!(body.get("shard"), None);
}
