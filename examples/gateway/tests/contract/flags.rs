//! Flags that are wrong, or that ask for something else than serving.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::Output;

use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::timeout;

use crate::support::{Gateway, PATIENCE, command, raw};

async fn run(flags: &[&str]) -> Output {
    let mut command = command();
    command.args(flags);
    output(command).await
}

async fn output(mut command: Command) -> Output {
    // Where all flags are good after all, it is at a port that nobody else wants.
    command.env("EDGE_LISTEN", "127.0.0.1:0");
    let output = timeout(PATIENCE, command.output()).await;
    output.expect("an end in time").unwrap()
}

/// One line that names all of these, on stderr alone, and the status of a command used wrongly.
fn assert_refused(output: &Output, named: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.ends_with('\n'), "{stderr}");
    for name in named {
        assert!(stderr.contains(name), "{name} in {stderr}");
    }
    assert!(output.stdout.is_empty(), "{output:?}");
}

#[tokio::test]
async fn a_port_in_use_is_one_line_with_redis_too() {
    let mut command = command();
    command.args(["--redis", "redis://127.0.0.1:1"]);
    tower_edge_tests::failed_listen(command).await;
}

#[tokio::test]
async fn a_bad_value_is_one_line_that_says_what_is_valid() {
    let rows: [(&str, &[&str], &str); 11] = [
        (
            "--listen",
            &["3000", "localhost", "127.0.0.1:99999", "1.2.3.4.5:1"],
            "127.0.0.1:3000",
        ),
        (
            "--metrics",
            &["9464", "localhost", ":9464"],
            "127.0.0.1:3000",
        ),
        (
            "--upstream",
            &[
                "127.0.0.1:80",
                "ftp://a",
                "http://",
                "not a url",
                "https://a",
            ],
            "http://",
        ),
        (
            "--limit",
            &[
                "5", "a=5", "a=0/1s", "a=-1/1s", "=5/1s", "a=5/1", "a=x/1s", "a=5/0s",
            ],
            "",
        ),
        (
            "--limit",
            &[
                "a=5/1w",
                "a=99999999999/1s",
                "a=1.5/1s",
                "a=5/-1s",
                "a=5/1s/1s",
            ],
            "",
        ),
        (
            "--timeout",
            &[
                "1",
                "soon",
                "0s",
                "-1s",
                "1.5s",
                "1 s",
                "1w",
                "99999999999999999999s",
            ],
            "",
        ),
        (
            "--min-version",
            &["1.2", "a.1.0-1", "v1.2.0", "latest"],
            "1.2.0",
        ),
        (
            "--min-staged-version",
            &["1.2.0", "a.1.0", "a.1-0"],
            "a.1.0-49",
        ),
        (
            "--trusted-proxy",
            &["10.0.0.0/33", "proxy", "10.0.0/8", "::/129"],
            "10.0.0.0/8",
        ),
        (
            "--address-limit",
            &["5", "a=5/1s", "0/1s", "5/1w", "/1s"],
            "",
        ),
        (
            "--redis",
            &[
                "127.0.0.1:6379",
                "http://127.0.0.1/",
                "redis://127.0.0.1/first",
                "rediss://127.0.0.1/",
            ],
            "redis://",
        ),
    ];

    for (flag, values, valid) in rows {
        for value in values {
            let output = run(&[&format!("{flag}={value}")]).await;
            assert_refused(&output, &[flag, value, valid]);
        }
        // An empty value is bad too; it cannot be named.
        assert_refused(&run(&[flag, ""]).await, &[flag]);
    }
}

#[tokio::test]
async fn a_value_of_several_lines_is_one_line_all_the_same() {
    for flag in ["--timeout", "--limit", "--listen", "--min-version"] {
        assert_refused(&run(&[flag, "1\n2"]).await, &[flag, "expected"]);
    }
}

#[tokio::test]
async fn a_message_has_the_flag_of_a_value_that_is_no_text() {
    let mut command = command();
    command.arg("--timeout").arg(OsStr::from_bytes(b"\xff"));

    assert_refused(&output(command).await, &["--timeout"]);
}

#[tokio::test]
async fn a_long_value_does_not_hide_what_is_wrong() {
    let long = "9".repeat(5000);
    let output = run(&["--timeout", &long]).await;

    assert_refused(&output, &["--timeout", "expected"]);
    assert!(output.stderr.len() < 2000, "{} bytes", output.stderr.len());
}

#[tokio::test]
async fn what_is_not_known_or_missing_is_one_line() {
    for (flags, named) in [
        (&["--nope"][..], &["--nope"][..]),
        (&["--nope=1"], &["--nope"]),
        (&["stray"], &["stray"]),
        (&["--timeout"], &["--timeout"]),
        (&["--listen"], &["--listen"]),
        (&["--limit"], &["--limit"]),
        (&["--development=x"], &["--development"]),
        (&["--bare=x"], &["--bare"]),
        (&["--timeout", "1s", "--timeout", "2s"], &["--timeout"]),
        (&["-x"], &["-x"]),
    ] {
        assert_refused(&run(flags).await, named);
    }
}

/// A line names the flag, the value and what is valid; here the value is missing.
#[tokio::test]
async fn a_message_has_what_is_valid_in_place_of_a_missing_value() {
    let output = run(&["--timeout"]).await;

    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        stderr.contains("250ms") || stderr.contains("--help"),
        "{stderr}"
    );
}

#[tokio::test]
async fn limits_have_to_have_names_of_their_own() {
    for flags in [
        &["--limit", "a=5/1s", "--limit", "a=6/1m"][..],
        &[
            "--limit", "a=5/1s", "--limit", "b=1/1s", "--limit", "a=5/1s",
        ],
        &["--limit", "a=5/1s,a=6/1m"],
    ] {
        assert_refused(&run(flags).await, &["--limit", "'a", "own"]);
    }
}

#[tokio::test]
async fn given_limits_replace_the_defaults() {
    let gateway = Gateway::with(&["--limit", "a=7/1m", "--limit", "b=900/1h"]).await;

    let response = gateway.get("/problem/api/media/7").send().await;

    let policies = response.field("ratelimit-policy");
    assert_eq!(policies, r#""a";q=7;w=60, "b";q=900;w=3600"#);
}

#[tokio::test]
async fn periods_have_five_units() {
    for (period, count, window) in [
        // Windows have whole seconds there.
        ("500ms", 14, 1),
        ("2s", 7, 2),
        ("1m", 7, 60),
        ("1h", 7, 3600),
        ("1d", 7, 86_400),
    ] {
        let gateway = Gateway::with(&["--limit", &format!("a=7/{period}")]).await;
        let response = gateway.get("/problem/api/media/7").send().await;

        let policy = format!(r#""a";q={count};w={window}"#);
        assert_eq!(response.field("ratelimit-policy"), policy);
    }
}

#[tokio::test]
async fn a_port_in_use_is_a_clear_line_and_status_1() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let output = run(&["--listen", &address]).await;

    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains(&address), "{stderr}");
    assert!(output.stdout.is_empty());
}

#[tokio::test]
async fn help_lists_every_flag_and_its_variable() {
    let output = run(&["--help"]).await;

    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
    for name in [
        "listen",
        "upstream",
        "limit",
        "timeout",
        "min-version",
        "min-staged-version",
        "redis",
        "trusted-proxy",
        "address-limit",
        "key-secret",
        "max-upstream-calls",
        "write-timeout",
        "max-connections-per-address",
        "development",
        "bare",
    ] {
        assert!(stdout.contains(&format!("--{name}")), "{name} in {stdout}");
        let variable = format!("EDGE_{}", name.to_ascii_uppercase().replace('-', "_"));
        assert!(stdout.contains(&variable), "{variable} in {stdout}");
    }
}

#[tokio::test]
async fn help_says_what_holds_of_slow_and_many_connections_by_default() {
    let output = run(&["--help"]).await;

    let help = String::from_utf8(output.stdout).unwrap();
    for (flag, expected) in [
        ("--write-timeout", &["[default: 30s]"][..]),
        (
            "--max-connections-per-address",
            &["[default: 256]", "--trusted-proxy"],
        ),
    ] {
        let (_, after) = help.split_once(&format!("{flag} <")).expect(flag);
        let (of_flag, _) = after.split_once("\n      --").expect(flag);
        for expected in expected {
            assert!(of_flag.contains(expected), "{expected} in {of_flag}");
        }
    }
}

#[tokio::test]
async fn a_password_in_a_url_is_not_shown() {
    for flag in ["--redis", "--upstream"] {
        for url in ["redis://me:s3cret@127.0.0.1/first", "me:s3cret@host"] {
            let output = run(&[flag, url]).await;

            assert_refused(&output, &[flag, "@", url.split_once('@').unwrap().1]);
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(!stderr.contains("s3cret"), "{stderr}");
        }
        let variable = format!("EDGE_{}", flag[2..].to_ascii_uppercase());
        let mut help = command();
        help.arg("--help")
            .env(variable, "redis://me:s3cret@127.0.0.1/");
        let stdout = output(help).await.stdout;
        let stdout = String::from_utf8_lossy(&stdout);
        assert!(!stdout.contains("s3cret"), "{stdout}");
    }
}

#[tokio::test]
async fn an_upstream_with_credentials_is_refused() {
    for url in [
        "http://me:s3cret@127.0.0.1:1/base",
        "http://s3cret@127.0.0.1",
    ] {
        let output = run(&["--upstream", url]).await;

        assert_refused(
            &output,
            &["--upstream", "@127.0.0.1", "without credentials"],
        );
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!stderr.contains("s3cret"), "{stderr}");
    }
}

#[tokio::test]
async fn bare_serves_the_routes_without_any_layer() {
    let gateway = Gateway::with(&["--bare", "--limit", "one=1/1m"]).await;

    for _ in 0..3 {
        let ask = gateway.get("/medianest/api/media/7");
        let response = ask
            .header("x-client-version", "0.0.1")
            .send_unchecked()
            .await;

        assert_eq!(response.status, 200);
        for name in [
            "x-correlation-id",
            "x-ratelimit-limit",
            "access-control-allow-origin",
        ] {
            assert!(!response.has(name), "{response:?}");
        }
    }
}

#[tokio::test]
async fn bare_has_the_same_server() {
    let gateway = Gateway::with(&["--bare"]).await;

    let without_host = "GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n";
    assert_eq!(raw(&gateway, without_host).await.status, 400);
    gateway.signal("TERM").await;
    let (_, _, stderr) = gateway.end().await;

    let is_access = |line: &&str| line.contains(" tower_edge::access: request ");
    let lines: Vec<_> = stderr.lines().filter(is_access).collect();
    assert_eq!(lines.len(), 1, "{stderr}");
    assert!(lines[0].contains("status_code=400"), "{stderr}");
}
