use http::HeaderValue;

use super::*;

fn retained(fields: &RequestFields, sent: &[(&str, &'static str)]) -> Vec<(String, String)> {
    let mut headers = HeaderMap::new();
    for (name, value) in sent {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_static(value));
    }
    fields.retain(&mut headers);
    let fields = headers.iter();
    let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
    fields
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect()
}

#[test]
fn the_default_list_is_in_order_and_has_what_the_presets_take_off() {
    assert!(DEFAULT.is_sorted_by(|one, next| one.as_str() < next.as_str()));
    for name in CREDENTIALS.iter().chain(&CONTENT).chain(&CONDITIONS) {
        assert!(DEFAULT.contains(name), "{name}");
    }
}

// Addresses, hosts, schemes, URLs and methods that an upstream believes of its proxy.
#[test]
fn what_a_client_says_of_its_connection_or_rewrites_is_not_listed() {
    let claims = [
        "CF-Connecting-IP",
        "CF-Connecting-IPv6",
        "CF-IPCountry",
        "CF-Ray",
        "CF-Visitor",
        "Client-IP",
        "Fastly-Client-IP",
        "Fly-Client-IP",
        "Forwarded",
        "Front-End-Https",
        "Host",
        "Proxy",
        "Remote-Addr",
        "True-Client-IP",
        "X-API-Key",
        "X-Accel-Redirect",
        "X-Arr-SSL",
        "X-Azure-ClientIP",
        "X-Client-Cert",
        "X-Client-IP",
        "X-Cluster-Client-IP",
        "X-Correlation-ID",
        "X-Custom-IP-Authorization",
        "X-Envoy-External-Address",
        "X-Envoy-Internal",
        "X-Envoy-Original-Path",
        "X-Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Port",
        "X-Forwarded-Prefix",
        "X-Forwarded-Proto",
        "X-Forwarded-Protocol",
        "X-Forwarded-Scheme",
        "X-Forwarded-Server",
        "X-Forwarded-Ssl",
        "X-Forwarded-User",
        "X-HTTP-Method",
        "X-HTTP-Method-Override",
        "X-Host",
        "X-Method-Override",
        "X-Original-For",
        "X-Original-Forwarded-For",
        "X-Original-Host",
        "X-Original-Remote-Addr",
        "X-Original-URI",
        "X-Original-URL",
        "X-ProxyUser-Ip",
        "X-Real-IP",
        "X-Remote-Addr",
        "X-Remote-IP",
        "X-Remote-User",
        "X-Request-ID",
        "X-Rewrite-URL",
        "X-Scheme",
        "X-Sendfile",
        "X-SSL-Client-Cert",
        "X-Url-Scheme",
        "X-WAP-Profile",
    ];

    for claim in claims {
        for name in [claim.to_owned(), claim.replace('-', "_")] {
            let retained = retained(&RequestFields::new(), &[(&name, "1"), ("accept", "*/*")]);

            assert_eq!(retained, [("accept".into(), "*/*".into())], "{name}");
        }
    }
}

// RFC 3875, section 4.1.18: CGI does not distinguish hyphens from underscores.
#[test]
fn an_underscore_does_not_pass_for_a_hyphen() {
    for name in ["x_tenant", "user_agent", "content_type", "accept_language"] {
        let fields = RequestFields::new().allow(HeaderName::from_static("x-tenant"));

        assert!(retained(&fields, &[(name, "1")]).is_empty(), "{name}");
    }
}

#[test]
fn end_to_end_fields_are_listed() {
    let sent: Vec<_> = DEFAULT
        .iter()
        .filter(|name| !name.as_str().starts_with("trace"))
        .map(|name| (name.as_str(), "1"))
        .collect();

    assert_eq!(retained(&RequestFields::default(), &sent).len(), sent.len());
    let hints = [
        "sec-fetch-site",
        "sec-ch-ua-mobile",
        "baggage",
        "if-none-match",
    ];
    for name in hints.map(HeaderName::from_static) {
        assert!(RequestFields::new().allows(&name), "{name}");
    }
}

#[test]
fn fields_that_only_some_servers_need_are_not_listed() {
    for name in [
        "depth",
        "destination",
        "if",
        "lock-token",
        "overwrite",
        "timeout",
        "if-schedule-tag-match",
        "ttl",
        "topic",
        "urgency",
        "a-im",
        "available-dictionary",
        "dictionary-id",
    ] {
        let name = HeaderName::from_static(name);

        assert!(!RequestFields::new().allows(&name), "{name}");
        assert!(RequestFields::new().allow(name.clone()).allows(&name));
    }
}

#[test]
fn a_field_that_is_allowed_reaches_the_upstream_and_one_that_is_denied_does_not() {
    let tenant = HeaderName::from_static("x-tenant");
    let fields = RequestFields::new()
        .allow(tenant.clone())
        .allow(tenant.clone())
        .deny(&header::REFERER);
    let sent = [("x-tenant", "a"), ("x-tenant", "b"), ("referer", "c")];

    let expected = [("x-tenant", "a"), ("x-tenant", "b")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(retained(&fields, &sent), expected);
    assert!(!fields.deny(&tenant).allows(&tenant));
}

#[test]
fn presets_take_off_what_a_proxy_keeps_to_itself() {
    let fields = RequestFields::new()
        .without_credentials()
        .without_content()
        .without_conditions();

    for name in CREDENTIALS.iter().chain(&CONTENT).chain(&CONDITIONS) {
        assert!(!fields.allows(name), "{name}");
    }
    for name in [header::ACCEPT, header::COOKIE, header::USER_AGENT] {
        assert!(fields.allows(&name), "{name}");
    }
}

// RFC 9110, section 7.6.1.
#[test]
fn a_field_that_connection_names_is_removed_though_it_is_listed() {
    let fields = RequestFields::new().allow(header::CONNECTION);
    let sent = [("connection", "accept, close"), ("accept", "*/*")];

    assert!(retained(&fields, &sent).is_empty());
}

// RFC 9113, section 8.2.3.
#[test]
fn cookies_that_http_2_has_split_are_one_field_again() {
    let sent = [("cookie", "a=1"), ("cookie", "b=2"), ("cookie", "c=3")];

    let retained = retained(&RequestFields::new(), &sent);

    assert_eq!(retained, [("cookie".into(), "a=1; b=2; c=3".into())]);
}

// W3C Trace Context, section 4.3.
#[test]
fn a_trace_context_that_is_not_valid_is_dropped() {
    let sent = [("traceparent", "00-0-0-00"), ("tracestate", "a=b")];

    assert!(retained(&RequestFields::new(), &sent).is_empty());
}
