//! Which requests a limit is for, by which quota.

use http::{Method, Request, Response};
use tower_edge::rate_limit::headers::HeaderStyle;
use tower_edge::rate_limit::key::{RouteTemplate, key_fn};
use tower_edge::rate_limit::{ApiKey, Key, KeyExtractor, Limit, Limits, Quota};
use tower_edge::{Kind, Problem};

use crate::limits::harness::{field, layer, per_minute, request, send};

const ONE: Quota = Quota::per_minute(1);

fn everybody() -> impl KeyExtractor + Send + Sync {
    key_fn(|_| Some(Key::from("everybody")))
}

fn get(path: &str) -> Request<()> {
    Request::get(path).body(()).unwrap()
}

fn request_by(method: Method) -> Request<()> {
    Request::builder().method(method).body(()).unwrap()
}

fn policies(response: &Response<()>) -> String {
    field(response, "ratelimit-policy")
}

// RFC 9110, section 9.3.2: a HEAD is a GET without the content.
#[test]
fn head_is_limited_wherever_get_is() {
    for (methods, status) in [
        (vec![Method::GET], 429),
        (vec![Method::HEAD], 429),
        (vec![Method::POST], 200),
    ] {
        let limit = layer(Limit::new(ONE, everybody()).with_methods(methods.clone()));
        send(&limit, request_by(methods[0].clone()));

        let head = send(&limit, request_by(Method::HEAD));

        assert_eq!(head.status(), status, "{methods:?}");
    }
    let heads = layer(Limit::new(ONE, everybody()).with_methods([Method::HEAD]));
    assert!(send(&heads, request_by(Method::GET)).headers().is_empty());
}

#[test]
fn paths_are_selected_without_a_router() {
    let patterns = ["/login", "/media/{id}", "/files/{*rest}", "/edge.Echo/Say"];

    for (path, is_limited) in [
        ("/login", true),
        ("/login?next=%2F", true),
        ("/log%69n", true),
        ("/media/7", true),
        ("/files/a/b", true),
        ("/edge.Echo/Say", true),
        ("/", false),
        ("/login/now", false),
        ("/media", false),
        ("/media/7/8", false),
        ("/edge.Echo/Sing", false),
    ] {
        let limit = Limit::new(ONE, everybody()).with_paths(patterns).unwrap();

        let response = send(&layer(limit), get(path));

        let has_fields = response.headers().contains_key("x-ratelimit-limit");
        assert_eq!(has_fields, is_limited, "{path}");
    }
    assert!(
        Limit::new(ONE, everybody())
            .with_paths(["/{a}{b}"])
            .is_err()
    );
}

#[test]
fn routes_and_methods_have_to_match_both() {
    let limit = Limit::new(ONE, everybody())
        .with_routes(["/media/{id}"])
        .with_methods([Method::GET]);
    let limit = layer(limit);
    let send = |method| {
        let mut request = request_by(method);
        let template = RouteTemplate("/media/{id}".into());
        request.extensions_mut().insert(template);
        send(&limit, request).status().as_u16()
    };

    let methods = [Method::GET, Method::HEAD, Method::POST];

    assert_eq!(methods.map(send), [200, 429, 200]);
}

#[test]
fn a_quota_is_computed_for_each_request() {
    const DEFAULT: Quota = Quota::per_minute(1).named("default");
    let quota = |head: tower_edge::Head<'_>| head.extensions.get().copied().unwrap_or(DEFAULT);
    let limits = Limits::from(Limit::by(quota, ApiKey)).with_header_style(HeaderStyle::IETF);
    let limit = layer(limits);
    let send = |key: &str, own: Option<Quota>| {
        let mut request = request(key);
        if let Some(own) = own {
            request.extensions_mut().insert(own);
        }
        send(&limit, request)
    };

    let large = Quota::per_minute(3).named("large");
    for _ in 0..3 {
        let response = send("a", Some(large));
        assert_eq!(response.status(), 200);
        assert_eq!(policies(&response), "\"large\";q=3;w=60");
    }
    assert_eq!(send("a", Some(large)).status(), 429);
    // What was used of one quota is not used of the other.
    let other = send("a", None);
    assert_eq!(other.status(), 200);
    assert_eq!(policies(&other), "\"default\";q=1;w=60");
    assert_eq!(send("a", None).status(), 429);
    assert_eq!(send("b", None).status(), 200);
}

#[test]
fn what_costs_nothing_is_not_limited_and_needs_no_key() {
    let cost = |head: tower_edge::Head<'_>| u32::from(head.uri.path() != "/free");
    let limit = layer(Limit::new(ONE, ApiKey.required()).with_cost(cost));

    for _ in 0..3 {
        let free = send(&limit, get("/free"));
        assert_eq!((free.status().as_u16(), free.headers().len()), (200, 0));
    }
    assert_eq!(send(&limit, get("/")).status(), 401);
    assert_eq!(
        [(); 2].map(|()| send(&limit, request("a")).status().as_u16()),
        [200, 429]
    );
}

#[test]
fn tiers_of_one_name_share_what_is_used() {
    let paid = Quota::per_minute(4);
    let limit = Limit::new(Quota::per_minute(2), everybody())
        .with_tier(paid, |head| head.uri.path() == "/paid");
    let limit = layer(Limits::new([limit]).unwrap());
    let send = |path| send(&limit, get(path));

    // Each takes half of two, and a quarter of four.
    assert_eq!(field(&send("/paid"), "x-ratelimit-remaining"), "3");
    assert_eq!(field(&send("/paid"), "x-ratelimit-remaining"), "2");
    assert_eq!(field(&send("/"), "x-ratelimit-remaining"), "0");

    assert_eq!(send("/").status(), 429);
}

#[test]
fn a_request_without_a_required_key_is_rejected() {
    for (kind, status, challenge) in [
        (None, 401, "Bearer"),
        (Some(Kind::BadRequest), 400, ""),
        (Some(Kind::PermissionDenied), 403, ""),
    ] {
        let key = match kind {
            Some(kind) => ApiKey.required().with_kind(kind),
            None => ApiKey.required(),
        };
        let limit = layer(Limit::new(ONE, key));

        let response = send(&limit, get("/"));

        assert_eq!(response.status(), status);
        // RFC 9110, section 15.5.2: a 401 has a challenge.
        assert_eq!(field(&response, "www-authenticate"), challenge);
        assert_eq!(field(&response, "x-ratelimit-limit"), "");
        let problem = response.extensions().get::<Problem>().unwrap();
        assert_eq!(problem.status(), status);
        assert_eq!(send(&limit, request("a")).status(), 200);
    }
}

#[test]
fn a_required_key_may_be_found_in_another_place() {
    let limit = layer(Limit::new(ONE, ApiKey.or(everybody()).required()));

    assert_eq!(send(&limit, get("/")).status(), 200);
    assert_eq!(send(&limit, get("/")).status(), 429);
}

#[test]
fn limits_of_one_name_get_numbers() {
    let limits = [1, 2, 3].map(|count| Limit::new(Quota::per_minute(count), everybody()));
    assert!(Limits::new(limits.clone()).is_err());
    let taken = Limit::new(Quota::per_minute(4).named("minute-2"), everybody());
    let limits = limits.into_iter().chain([taken]).collect::<Vec<_>>();
    let limit = layer(Limits::from(limits).with_header_style(HeaderStyle::IETF));

    let response = send(&limit, get("/"));

    assert_eq!(
        policies(&response),
        "\"minute\";q=1;w=60, \"minute-2\";q=2;w=60, \"minute-3\";q=3;w=60, \
         \"minute-2-2\";q=4;w=60"
    );
}

#[test]
fn every_tier_of_a_name_that_is_taken_gets_a_number() {
    let tiers = |count: u32| {
        let limit = Limit::new(Quota::per_minute(count).named("a"), everybody());
        ["b", "c", "d", "e", "f", "g"]
            .into_iter()
            .fold(limit, |limit, name| {
                let quota = Quota::per_minute(count).named(name);
                limit.with_tier(quota, move |head| head.uri.path()[1..] == *name)
            })
    };
    let limit = layer(Limits::from([tiers(5), tiers(7)]).with_header_style(HeaderStyle::IETF));

    for name in ["a", "b", "c", "d", "e", "f", "g"] {
        let response = send(&limit, get(&format!("/{name}")));

        assert_eq!(
            policies(&response),
            format!("\"{name}\";q=5;w=60, \"{name}-2\";q=7;w=60")
        );
    }
}

#[test]
fn a_name_without_room_for_the_number_is_cut() {
    let name = "n".repeat(Quota::MAX_NAME);
    let limits = [1, 2].map(|count| Limit::new(per_minute(&name, count), everybody()));
    let limit = layer(Limits::from(limits).with_header_style(HeaderStyle::IETF));

    let response = send(&limit, get("/"));

    let cut = &name[2..];
    assert_eq!(
        policies(&response),
        format!("\"{name}\";q=1;w=60, \"{cut}-2\";q=2;w=60")
    );
}
