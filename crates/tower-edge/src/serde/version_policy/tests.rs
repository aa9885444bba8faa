use super::*;

const MINIMUM: &str = "[default]\nminimum = \"1.2.0\"\n";

fn error(text: &str) -> String {
    let policy = toml::from_str::<VersionPolicy<SemVer>>(text);
    policy.unwrap_err().to_string()
}

#[test]
fn a_minimum_is_enough() {
    let policy = toml::from_str::<VersionPolicy<SemVer>>(MINIMUM);

    assert!(policy.is_ok(), "{policy:?}");
}

#[test]
fn each_field_sets_what_it_names() {
    let policy: VersionPolicy<SemVer> = toml::from_str(
        "missing = \"reject\"\nmalformed = \"allow\"\nunknown_platform = \"reject\"\n\
         enforcement = \"dry_run\"\nproduct = \"app\"\nserver_version = \"7.0.0\"\n\
         rollout_key = \"header:x-device\"\n[default]\nminimum = \"1.1.1\"\n\
         recommended = \"2.2.2\"\nmaximum = \"4.4.4\"\nblocked = [\"1.9.9\"]\n\
         update_url = \"https://a/b\"\nannounced_minimum = { version = \"1.2.2\", from = \
         \"2027-03-01T00:00:00Z\", enforcement = 10 }\n[platforms.ios]\nminimum = \"5.5.5\"\n",
    )
    .unwrap();

    let settings = format!("{:?}", policy.to_builder());
    let settings = settings.replace("major: ", "").replace("minor: ", "");
    for part in [
        "missing: Reject",
        "malformed: Allow",
        "unknown_platform: Some(Reject)",
        "enforcement: DryRun",
        "product: \"app\"",
        "rollout_key: Some(",
        "recommended: Some(SemVer(Version { 2, 2,",
        "maximum: Some(SemVer(Version { 4, 4,",
        "blocked: [SemVer(Version { 1, 9,",
        "update_url: Some(\"https://a/b\")",
        "announced: Some(SemVer(Version { 1, 2,",
        "tv_sec: 1803859200",
        "announced_enforcement: Some(Percent(Percent(10)))",
        "server: Some(SemVer(Version { 7,",
        "\"ios\", VersionRule { minimum: SemVer(Version { 5,",
    ] {
        assert!(settings.contains(part), "{part} in {settings}");
    }
}

#[test]
fn what_is_not_valid_is_named_with_what_is() {
    for (before, after, expected) in [
        (
            "missing = \"deny\"",
            "",
            r#"invalid missing "deny": expected "allow" or "reject""#,
        ),
        (
            "malformed = \"deny\"",
            "",
            r#"invalid malformed "deny": expected"#,
        ),
        (
            "unknown_platform = \"deny\"",
            "",
            r#"invalid unknown_platform "deny": expected"#,
        ),
        ("enforcement = 101", "", "invalid enforcement 101: expected"),
        (
            "enforcement = 5",
            "",
            "invalid enforcement 5 percent: expected a rollout key",
        ),
        (
            "rollout_key = \"x-id\"",
            "",
            r#"invalid rollout_key "x-id": expected "header:NAME""#,
        ),
        (
            "product = \"an app\"",
            "",
            r#"invalid product "an app": expected a token"#,
        ),
        (
            "server_version = \"x\"",
            "",
            r#"invalid server_version "x": not a version: expected"#,
        ),
        (
            "platform = 1",
            "",
            "unknown field `platform`, expected one of `default`",
        ),
        ("", "minimal = \"1\"", "unknown field `minimal`"),
        (
            "",
            "recommended = \"1\"",
            r#"invalid recommended "1": not a version: expected MAJOR"#,
        ),
        (
            "",
            "recommended = \"1.1.0\"",
            "invalid recommended 1.1.0: expected at least the minimum 1.2.0",
        ),
        (
            "",
            "blocked = [\"1.2.0\"]",
            "invalid minimum 1.2.0: expected a version that is not blocked",
        ),
        (
            "",
            "update_url = \"a b\"",
            r#"invalid update_url "a b": expected an absolute URL"#,
        ),
        (
            "",
            "announced_minimum = { version = \"1.3.0\", from = \"March\" }",
            r#"invalid from of the announced_minimum "March": expected a date and time"#,
        ),
        (
            "",
            "announced_minimum = { version = \"1.3.0\", from = 2027-03-01 }",
            r#"invalid from of the announced_minimum "2027-03-01": expected a date and time"#,
        ),
        (
            "",
            "announced_minimum = { version = \"1.3.0\", from = 1 }",
            "invalid from of the announced_minimum 1: expected a date and time",
        ),
        (
            "",
            "announced_minimum = { version = \"1.3.0\", enforcement = 101 }",
            "announced_minimum: invalid enforcement 101: expected",
        ),
        (
            "",
            "announced_minimum = { version = \"1.3.0\", enforcement = 5 }",
            "invalid enforcement of the announced_minimum 5 percent: expected a rollout key",
        ),
        (
            "",
            "announced_minimum = { version = \"1.3.0\", since = 5 }",
            "announced_minimum: unknown field `since`",
        ),
        (
            "",
            "announced_minimum = 1.3",
            "expected announced_minimum as a version in quotes, or as a table",
        ),
        (
            "",
            "recommended = 1.2",
            "invalid recommended 1.2: expected a version in quotes",
        ),
        (
            "",
            "maximum = 2",
            "invalid maximum 2: expected a version in quotes",
        ),
        (
            "",
            "maximum = [\"2\"]",
            "invalid maximum value: expected a version in quotes",
        ),
        (
            "",
            "blocked = [true]",
            "invalid blocked true: expected a version in quotes",
        ),
        (
            "missing = false",
            "",
            "invalid missing false: expected allow or reject in quotes",
        ),
        (
            "",
            "update_url = \"javascript:alert(1)\"",
            r#"invalid update_url "javascript:alert(1)": expected an absolute URL"#,
        ),
        (
            "",
            "[platforms.ios]\nminimum = \"one\"",
            r#"platform ios: invalid minimum "one": not a version"#,
        ),
        (
            "",
            "[platforms.ios]\nminimum = \"1.0.0\"\nmaximum = \"0.9.0\"",
            "platform ios: invalid maximum 0.9.0: expected at least the minimum 1.0.0",
        ),
    ] {
        let error = error(&format!("{before}\n{MINIMUM}{after}"));
        assert!(error.contains(expected), "{error}");
    }
    assert!(error("").contains("missing field `default`"));
    assert!(error("[default]").contains("missing field `minimum`"));
}

// RFC 3339, section 5.6: a time has an offset from UTC.
// https://www.rfc-editor.org/rfc/rfc3339#section-5.6
#[test]
fn a_time_may_have_an_offset() {
    let noon = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_803_902_400));
    for (text, expected) in [
        ("2027-03-01T12:00:00Z", noon),
        ("2027-03-01T12:00:00+00:00", noon),
        ("2027-03-01T13:30:00+01:30", noon),
        ("2027-03-01T04:00:00-08:00", noon),
        ("2027-03-01T12:00:00", None),
        ("2027-03-01T12:00:00+24:00", None),
        ("2027-03-01T12:00:00+1:000", None),
        ("2027-03-01T12:00:00Z+01:00", None),
        ("2027-03-01", None),
        ("ä+01:00", None),
        ("", None),
    ] {
        assert_eq!(time(text), expected, "{text:?}");
    }
}

#[test]
fn an_announced_minimum_may_be_a_version_alone_or_have_a_date_of_toml() {
    for announced in [
        "\"1.3.0\"",
        "{ version = \"1.3.0\" }",
        "{ version = \"1.3.0\", from = 2027-03-01T00:00:00Z }",
        "{ version = \"1.3.0\", from = 2027-03-01 00:00:00+02:00 }",
    ] {
        let text = format!("{MINIMUM}announced_minimum = {announced}");

        let policy = toml::from_str::<VersionPolicy<SemVer>>(&text);

        let policy = format!("{:?}", policy.unwrap().to_builder());
        assert!(policy.contains("announced: Some("), "{policy}");
        let has_date = policy.contains("announced_from: Some(");
        assert_eq!(has_date, announced.contains("from"), "{policy}");
    }
}

#[test]
fn a_version_is_read_from_a_text() {
    assert_eq!(
        serde_json::from_str::<SemVer>("\"1.2.0\"").unwrap(),
        "1.2.0".parse().unwrap()
    );
    assert!(serde_json::from_str::<AppVersion>("\"1.2 (3)\"").is_ok());
    assert!(serde_json::from_str::<Staged>("\"a.1.0-1\"").is_ok());
    let error = serde_json::from_str::<SemVer>("\"1.2\"").unwrap_err();
    assert!(
        error.to_string().contains("not a version: expected MAJOR"),
        "{error}"
    );
}
