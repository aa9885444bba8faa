//! Who is let through, by what.

use http::{Method, Request, Response};
use tokio_test::block_on;
use tower::{Layer, ServiceExt, service_fn};
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::version_gate::extract::{Header, Query, UserAgent, VersionExtractor};
use tower_edge::version_gate::{
    AppVersion, OnUnknown, VersionGateLayer, VersionPolicy, VersionRule,
};

use super::gated::{by, gate, of, policy, responded, staged, version};
use crate::response::Unread;

#[test]
fn builds_are_numbers_and_stages_have_an_order() {
    for (minimum, older, newer) in [
        ("a.1.0-49", "a.1.0-9", "a.1.0-50"),
        ("a.1.9-1", "a.1.8-99", "a.1.10-1"),
        ("b.1.0-1", "a.9.9-9", "r.0.0-1"),
    ] {
        let gate = staged(minimum);

        assert_eq!(responded(ProblemDetails, &gate, of(older)).status, 426);
        for served in [minimum, newer] {
            assert_eq!(responded(ProblemDetails, &gate, of(served)).body, "served");
        }
    }
    // An unknown stage is not the earliest.
    assert_eq!(
        responded(ProblemDetails, &staged("a.1.0-1"), of("beta.1.0-1")).status,
        400
    );
}

#[test]
fn a_pre_release_comes_before_its_release_and_a_build_does_not_count() {
    for (client, status) in [("1.2.0-rc.1", 426), ("1.2.0+build.1", 200)] {
        let response = responded(ProblemDetails, &gate(), of(client));

        assert_eq!(response.status, status, "{client}");
    }
}

// What app stores and clients send.
#[test]
fn versions_of_apps_are_compared_by_number_however_they_are_written() {
    let minimum: AppVersion = "1.2.0".parse().unwrap();
    let gate = VersionGateLayer::new(minimum);
    for (client, status) in [
        ("v1.2.0", 200),
        ("1.2", 200),
        ("1.2.0.4", 200),
        ("1.2.0 (345)", 200),
        ("1.2.0+345", 200),
        ("1.2.0 (345.1)", 200),
        ("1.2.0-beta", 200),
        ("01.02.03", 200),
        ("", 200),
        ("v1.1.9", 426),
        ("1.1", 426),
        ("1.1.9.9", 426),
        ("1.1.9 (345)", 426),
        ("01.01.03", 426),
        ("1.2.0 (345", 400),
        ("latest", 400),
    ] {
        let response = responded(ProblemDetails, &gate, of(client));

        assert_eq!(response.status, status, "{client:?}");
    }
}

#[test]
fn no_number_overflows_and_nothing_long_is_read() {
    let calendar: AppVersion = "2024.1.3".parse().unwrap();
    let calendar = VersionGateLayer::new(calendar);
    let long = format!("1.2.0-{}", "1".repeat(59));
    for huge in [
        "18446744073709551616.0.0",
        "1.99999999999999999999.0",
        &long,
        &"9".repeat(60_000),
    ] {
        assert_eq!(responded(ProblemDetails, &gate(), of(huge)).status, 400);
        assert_eq!(responded(ProblemDetails, &calendar, of(huge)).status, 400);
    }
    for huge in ["a.18446744073709551616.0-1", "a.1.0-99999999999999999999"] {
        assert_eq!(
            responded(ProblemDetails, &staged("a.1.0-1"), of(huge)).status,
            400
        );
    }
    // Leading zeros are for calendars.
    assert_eq!(
        responded(ProblemDetails, &calendar, of("2024.01.3")).body,
        "served"
    );
    assert_eq!(responded(ProblemDetails, &gate(), of("01.2.0")).status, 400);
    assert_eq!(
        responded(ProblemDetails, &staged("a.1.0-1"), of("a.01.0-1")).status,
        400
    );
}

#[test]
fn missing_malformed_and_unknown_are_three_things() {
    let on_tizen = || {
        let request = Request::get("/").header("x-client-version", "0.0.1");
        request.header("x-platform", "tizen").body(()).unwrap()
    };
    let platform = http::HeaderName::from_static("x-platform");
    let extractor = Header::default().with_platform(platform);
    for missing in [OnUnknown::Allow, OnUnknown::Reject] {
        for malformed in [OnUnknown::Allow, OnUnknown::Reject] {
            for unknown in [OnUnknown::Allow, OnUnknown::Reject] {
                let policy = policy()
                    .with_missing(missing)
                    .with_malformed(malformed)
                    .with_unknown_platform(unknown);
                let gate = by(policy).with_extractor(extractor.clone());
                let status = |request| responded(ProblemDetails, &gate, request).status;
                let uncertain = |uncertain| {
                    if uncertain == OnUnknown::Reject {
                        400
                    } else {
                        200
                    }
                };

                assert_eq!(status(Request::new(())), uncertain(missing));
                assert_eq!(status(of("one")), uncertain(malformed));
                let refused = unknown == OnUnknown::Reject;
                assert_eq!(status(on_tizen()), if refused { 426 } else { 200 });
            }
        }
    }
}

#[test]
fn preflights_and_what_people_need_to_leave_are_exempt() {
    let gate = by(policy().with_missing(OnUnknown::Reject))
        .with_exempt(|head| matches!(head.uri.path(), "/health" | "/update" | "/logout"));
    let preflight = Request::options("/api")
        .header("origin", "https://example.com")
        .header("access-control-request-method", "POST");

    assert_eq!(
        responded(ProblemDetails, &gate, preflight.body(()).unwrap()).body,
        "served"
    );
    for (path, method, status) in [
        ("/health", Method::GET, 200),
        ("/logout", Method::POST, 200),
        ("/update", Method::GET, 200),
        ("/healthy", Method::GET, 400),
        ("/api", Method::OPTIONS, 400),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(())
            .unwrap();

        assert_eq!(
            responded(ProblemDetails, &gate, request).status,
            status,
            "{path}"
        );
    }
}

#[test]
fn who_cannot_set_a_field_says_it_in_the_query() {
    let gate = gate().with_extractor(Header::default().or(Query::new("client_version")));
    for (query, status) in [
        ("client_version=1.1.9", 426),
        ("a=b&client_version=1.2.0", 200),
        ("client_version=one", 400),
        ("client_version=1.2.0&client_version=1.1.9", 400),
        ("", 200),
    ] {
        let request = Request::get(format!("/events?{query}")).body(()).unwrap();

        assert_eq!(
            responded(ProblemDetails, &gate, request).status,
            status,
            "{query}"
        );
    }
}

#[test]
fn a_product_is_known_by_its_whole_name_outside_of_comments() {
    let gate = gate().with_extractor(UserAgent::new("App", None).unwrap());
    for (agent, status) in [
        ("App/1.1.9 (like Mozilla/5.0)", 426),
        ("App/1.2.0 App/1.1.9", 200),
        ("Mozilla/5.0 (compatible; App/1.1.9)", 200),
        ("MyApp/1.1.9", 200),
        ("app/1.1.9", 200),
        ("App", 200),
        ("App/one", 400),
    ] {
        let request = Request::get("/").header("user-agent", agent);

        let response = responded(ProblemDetails, &gate, request.body(()).unwrap());

        assert_eq!(response.status, status, "{agent}");
    }
}

#[test]
fn a_refusal_reads_no_body() {
    let service = gate().layer(service_fn(async |_: Request<Unread>| {
        panic!("the inner service was called");
        #[expect(unreachable_code, reason = "it has the type of the response")]
        Ok::<Response<Unread>, std::convert::Infallible>(Response::default())
    }));
    let request = Request::post("/").header("x-client-version", "1.1.9");

    let response = block_on(service.oneshot(request.body(Unread).unwrap())).unwrap();

    assert_eq!(response.status(), 426);
}

#[test]
fn what_a_user_needs_is_decided_behind_the_authentication() {
    #[derive(Clone)]
    struct Encrypting;

    let own = VersionPolicy::builder(VersionRule::new(version("2.0.0"))).build();
    let inside = gate().with_policy_by(move |head| {
        let user = head.extensions.get::<Encrypting>();
        user.and(own.as_ref().ok()).cloned()
    });
    let mut encrypting = of("1.9.0");
    encrypting.extensions_mut().insert(Encrypting);

    assert_eq!(
        responded(ProblemDetails, &inside, of("1.9.0")).body,
        "served"
    );
    let response = responded(ProblemDetails, &inside, encrypting);
    assert_eq!(response.status, 426);
    assert_eq!(response.list("upgrade"), "client/2.0.0");
}
