//! What is logged about the server that limits are counted on, and which names the clients have there.

use std::env::temp_dir;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::net::TcpSocket;
use tokio::process::Command;
use tokio::time::timeout;
use tower_edge_tests::RedisServer;

use crate::support::{Gateway, PATIENCE, command};

const SECRET: &str = "000102030405060708090a0b0c0d0e0f";

/// A gateway whose log can be read while it serves.
struct Logged {
    gateway: Gateway,
    log: PathBuf,
}

impl Logged {
    async fn start(name: &str, flags: &[&str]) -> Self {
        let log = temp_dir().join(format!("gateway-{}-{name}.log", std::process::id()));
        let mut shell = Command::new("/bin/sh");
        shell
            .env_clear()
            .args(["-c", r#"exec "$0" "$@" 2>"$LOG""#])
            .env("LOG", &log)
            .arg(command().as_std().get_program())
            .args(["--listen", "127.0.0.1:0"])
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let gateway = Gateway::run(shell).await;
        Self { gateway, log }
    }

    async fn ask(&self) {
        let ask = self.gateway.get("/problem/api/media/7");
        assert_eq!(ask.header("x-api-key", "a").send().await.status, 200);
    }

    fn read(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Asks until the log has this, then some more.
    async fn until(&self, line: &str) {
        let logged = async {
            while !self.read().contains(line) {
                self.ask().await;
            }
        };
        timeout(PATIENCE, logged).await.expect(line);
        for _ in 0..20 {
            self.ask().await;
        }
    }

    /// The lines of the log about the server, when the gateway has ended.
    async fn lines(self) -> Vec<String> {
        self.gateway.signal("TERM").await;
        let (status, _, _) = self.gateway.end().await;
        assert!(status.success());
        let log = fs::read_to_string(&self.log).unwrap();
        fs::remove_file(&self.log).unwrap();
        let lines = log.lines().filter(|line| line.contains("Redis"));
        lines.map(ToOwned::to_owned).collect()
    }
}

const LOST: &str = "the Redis server is lost";
const BACK: &str = "the Redis server is back";

#[tokio::test]
async fn a_server_that_is_lost_and_back_is_one_warning_and_one_line() {
    let mut server = RedisServer::start();
    let url = server.url();
    let flags = ["--limit", "burst=100000/1m", "--redis", &url];
    let gateway = Logged::start("lost", &[&flags[..], &["--key-secret", SECRET]].concat()).await;
    gateway.ask().await;

    server.kill();
    gateway.until(LOST).await;
    server.restart();
    gateway.until(BACK).await;

    let lines = gateway.lines().await;
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(
        lines[0].contains("WARN") && lines[0].contains(LOST),
        "{lines:#?}"
    );
    assert!(
        lines[1].contains("INFO") && lines[1].contains(BACK),
        "{lines:#?}"
    );
}

#[tokio::test]
async fn a_warning_says_why_and_keeps_the_password() {
    // The port is taken, and nobody listens on it.
    let deaf = TcpSocket::new_v4().unwrap();
    deaf.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let url_of_deaf = format!("redis://{}", deaf.local_addr().unwrap());
    let locked = RedisServer::with(&["--requirepass", "sesame"]);
    let wrong = locked.url().replace("redis://", "redis://:hunter2@");
    let primary = RedisServer::start();
    let replica = primary.replica();

    for (name, url, why) in [
        ("refused", &url_of_deaf, "Connection refused"),
        ("password", &wrong, "authentication failed"),
        ("no-password", &locked.url(), "NOAUTH"),
        ("replica", &replica.url(), "ReadOnly"),
    ] {
        let flags = ["--limit", "burst=100000/1m", "--redis", url];
        let gateway = Logged::start(name, &[&flags[..], &["--key-secret", SECRET]].concat()).await;
        gateway.until(LOST).await;

        let lines = gateway.lines().await;
        let [line] = &lines[..] else {
            panic!("{lines:#?}")
        };
        assert!(line.contains("WARN") && line.contains(why), "{line}");
        assert!(
            !line.contains("hunter2") && !line.contains("redis://"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn names_of_keys_need_the_secret_and_a_gateway_without_one_says_so() {
    let server = RedisServer::start();
    let url = server.url();
    let mut names = Vec::new();

    for (index, (secret, warnings)) in [
        (None, 1),
        (Some(SECRET), 0),
        (Some("100102030405060708090a0b0c0d0e0f"), 0),
    ]
    .into_iter()
    .enumerate()
    {
        let mut flags = vec!["--limit", "hour=100/1h", "--redis", &url];
        flags.extend(secret.iter().flat_map(|secret| ["--key-secret", secret]));
        let gateway = Logged::start(&format!("secret-{index}"), &flags).await;
        gateway.ask().await;
        names.push(server.ask(&["KEYS", "*"]));
        server.execute(&["FLUSHALL"]);

        let log = gateway.read();
        assert_eq!(log.matches("--key-secret").count(), warnings, "{log}");
        gateway.lines().await;
    }

    names.sort();
    names.dedup();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[tokio::test]
async fn a_bad_secret_is_refused_and_not_printed() {
    for flag in [true, false] {
        let mut command = command();
        match flag {
            true => command.args(["--key-secret", "hunter2"]),
            false => command.env("EDGE_KEY_SECRET", "hunter2"),
        };
        let output = timeout(PATIENCE, command.output()).await;
        let output = output.expect("an end in time").unwrap();

        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), stderr.lines().count()), (Some(2), 1));
        assert!(
            stderr.contains("--key-secret") && stderr.contains("32"),
            "{stderr}"
        );
        assert!(!stderr.contains("hunter2"), "{stderr}");
    }
    let help = command()
        .arg("--help")
        .env("EDGE_KEY_SECRET", SECRET)
        .output();
    let help = String::from_utf8(help.await.unwrap().stdout).unwrap();
    assert!(help.contains("EDGE_KEY_SECRET") && !help.contains(SECRET));
}
