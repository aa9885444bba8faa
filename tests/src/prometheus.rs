//! A real Prometheus, from Debian's package of that name.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::{env, fs, process};

use http::Request;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::client::Client;
use crate::deadline::in_time;

/// A Prometheus on a free port of 127.0.0.1, which scrapes one target each second. It is killed when this is dropped,
/// and its files are removed.
#[derive(Debug)]
pub struct Prometheus {
    address: SocketAddr,
    client: Client,
    directory: PathBuf,
    process: Child,
}

impl Prometheus {
    /// Scrapes `http://TARGET/metrics`, as the job `gateway`.
    ///
    /// # Panics
    ///
    /// When prometheus is missing, or does not start.
    pub async fn scraping(target: &str) -> Self {
        // Nobody else's, as no other server listens on the target's port.
        let name = format!("tower-edge-prometheus-{}-{target}", process::id());
        let directory = env::temp_dir().join(name.replace(':', "-"));
        fs::create_dir_all(&directory).unwrap();
        let config = format!(
            "{{global: {{scrape_interval: 1s}}, scrape_configs: [{{job_name: gateway, static_configs: \
             [{{targets: [\"{target}\"]}}]}}]}}"
        );
        fs::write(directory.join("prometheus.yml"), config).unwrap();
        let child = Command::new("prometheus")
            .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data"])
            .arg("--web.listen-address=127.0.0.1:0")
            .current_dir(&directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut child = child.unwrap_or_else(|error| {
            panic!("prometheus: {error}; `cargo xtask test` installs it; it is in Debian's package of that name")
        });

        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let listens = async {
            let mut address = None;
            while let Some(line) = log.next_line().await.unwrap() {
                if let Some((_, listening)) = line.split_once(r#"msg="Listening on" address="#) {
                    address = listening.parse().ok();
                }
                if line.contains("Server is ready") {
                    return address;
                }
            }
            None
        };
        let address = in_time(listens).await.expect("a prometheus that starts");
        // A process that nobody listens to would stop once the pipe is full.
        tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
        Self {
            address,
            client: Client::http_1(),
            directory,
            process: child,
        }
    }

    /// The series that a query has now, each with its `metric` and its `value`.
    pub async fn query(&self, query: &str) -> Vec<Value> {
        self.get(&format!("query?query={}", encoded(query))).await
    }

    /// The series that a query had in the last seconds, each with its `metric` and its `values`, one a second.
    pub async fn query_range(&self, query: &str, seconds: u32) -> Vec<Value> {
        let now = self.query("time()").await;
        let now = now[0].as_f64().expect("a time");
        let (query, start) = (encoded(query), now - f64::from(seconds));
        let path = format!("query_range?query={query}&start={start}&end={now}&step=1");
        self.get(&path).await
    }

    async fn get(&self, path: &str) -> Vec<Value> {
        let request = Request::get(format!("http://{}/api/v1/{path}", self.address));
        let response = self.client.send(request).await;
        let body = response.json();
        assert_eq!(body["status"], "success", "{path}: {body}");
        body["data"]["result"].as_array().unwrap().clone()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.process.start_kill();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// As a value in a query.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
