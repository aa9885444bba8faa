//! Pages that a server sends under the strictest policy that they work with, and a script that reads them.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::Html;
use axum::routing::get;
use tokio::process::Command;
use tokio::time::timeout;
use tower_edge::reference::Reference;
use tower_edge_tests::serve;

use crate::shop::{hostile, shop};

#[tokio::test]
async fn a_reader_finds_an_error_in_chromium() {
    let one = shop().error_html("sold_out", "/shop").unwrap();
    let pages = Router::new()
        .route("/shop", page(shop().to_html()))
        .route("/shop/out_of_stock", page(one))
        .route("/hostile", page(hostile().to_html()));
    let address = serve(pages).await;

    let mut script = Command::new("node");
    script
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/reference/page.mjs"))
        .arg(format!("http://{address}"))
        .env("BROWSER", root().join("target/tools/reference-tools/node"))
        .env("CHROMIUM", chromium())
        .kill_on_drop(true);
    if env::var_os("EDGE_UPDATE").is_some() {
        script.env(
            "SCREENSHOT",
            root().join("docs/guide/own-errors/reference.png"),
        );
    }
    let output = timeout(SCRIPT_TIME, script.output()).await;
    let output = output.unwrap_or_else(|_| panic!("the script takes more than {SCRIPT_TIME:?}"));
    let output = output.unwrap_or_else(|error| panic!("cannot run node: {error}; {INSTALL}"));

    let report = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{report}{errors}\n{INSTALL}");
}

fn page(html: String) -> axum::routing::MethodRouter {
    let policy = [(CONTENT_SECURITY_POLICY, Reference::CONTENT_SECURITY_POLICY)];
    get(async move || (policy, Html(html)))
}

fn chromium() -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path)
        .map(|folder| folder.join("chromium"))
        .find(|program| program.is_file());
    found.unwrap_or_else(|| {
        panic!("chromium is missing (Debian: apt-get install chromium); {INSTALL}")
    })
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

const INSTALL: &str = "`cargo xtask test` installs Chromium, node and what drives them";
/// Far more than a slow machine takes.
const SCRIPT_TIME: Duration = Duration::from_secs(180);
