//! The document in OpenAPI, held against the gateway by programs that read it: each response has a status that the
//! document has for its route, and the fields, the content type and the schema of that status.

use std::process::{Output, Stdio};

use futures_util::future::join_all;
use tokio::process::Command;
use tokio::time::timeout;

use crate::clients::SCRIPT_TIME;
use crate::support::{Gateway, PREFIXES};

#[tokio::test]
async fn a_validator_accepts_the_document() {
    let output = run(&["-m", "openapi_spec_validator", DOCUMENT]).await;

    assert_clean(&output);
}

#[tokio::test]
async fn responses_are_as_the_document_says() {
    // Events come every 300 ms, which the upstream's time has to be longer than.
    let gateway = Gateway::with(&["--limit", "burst=1000000/1m", "--timeout", "400ms"]).await;

    // Its threads share what is not made for it, so each run has one.
    let runs = [
        // `stall` is left out, as its response breaks off, which a client takes for a failure.
        (
            "^/(ads|medianest|plexichat)/(?!api/upstream/st)",
            &["--max-examples=5"][..],
        ),
        (
            "^/(plexmcp|problem|routermcp)/(?!api/upstream/st)|^/[a-z.]+$|^/errors/",
            &["--max-examples=5"],
        ),
        // Each of its responses takes a second and a half.
        ("/stream$", &["--max-examples=1", "--phases=fuzzing"]),
    ];
    let runs = runs
        .iter()
        .map(|(paths, flags)| conforms(&gateway, paths, flags));
    join_all(runs).await;
}

#[tokio::test]
async fn rejections_by_a_limit_are_as_the_document_says() {
    let gateway = Gateway::with(&["--limit", "burst=1/1h"]).await;

    conforms(
        &gateway,
        "^/[a-z]+/(api/(?!upstream/st)|mcp)",
        &["--max-examples=1", "--phases=fuzzing"],
    )
    .await;

    for prefix in PREFIXES {
        let response = gateway.get(&format!("{prefix}/api/private")).send().await;
        assert_eq!(response.status, 429);
    }
}

#[tokio::test]
async fn a_status_that_the_document_lacks_is_noticed() {
    let gateway = Gateway::start().await;
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/openapi-without-404.json");
    let document = std::fs::read_to_string(DOCUMENT)
        .unwrap()
        .replace("\"404\": {", "\"418\": {");
    std::fs::write(file, document).unwrap();

    let output = schemathesis(
        &gateway,
        file,
        "^/plexmcp/api/media/",
        &["--max-examples=2"],
    )
    .await;

    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success(), "{printed}");
    assert!(printed.contains("Undocumented status code"), "{printed}");
}

async fn conforms(gateway: &Gateway, paths: &str, flags: &[&str]) {
    assert_clean(&schemathesis(gateway, DOCUMENT, paths, flags).await);
}

/// Responses of 5xx are not checked as errors: routes of this API fail on demand.
async fn schemathesis(gateway: &Gateway, document: &str, paths: &str, flags: &[&str]) -> Output {
    let url = format!("http://{}", gateway.address);
    let mut arguments = vec!["-m", "schemathesis.cli", "--no-color", "run", document];
    arguments.extend(["--url", &url, "--include-path-regex", paths]);
    arguments.extend(FLAGS);
    arguments.extend(flags);
    run(&arguments).await
}

/// Runs Python with the tools; their output is a report in the end.
async fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(python().await);
    let command = command.args(arguments).kill_on_drop(true);
    let command = command
        .env("SCHEMATHESIS_HOOKS", HOOKS)
        .env("PYTHONPATH", TOOLS);
    let folder = command.current_dir(env!("CARGO_TARGET_TMPDIR"));
    let output = timeout(3 * SCRIPT_TIME, folder.output()).await;
    let output = output.expect("a run in time");
    output.unwrap_or_else(|error| panic!("cannot run Python: {error}; {INSTALL}"))
}

fn assert_clean(output: &Output) {
    let printed = [&output.stdout[..], &output.stderr].concat();
    assert!(
        output.status.success(),
        "{}; {INSTALL}",
        String::from_utf8_lossy(&printed)
    );
}

/// The Python that the tools were installed for.
pub(crate) async fn python() -> &'static str {
    for python in ["python3", "/usr/bin/python3"] {
        let mut probe = Command::new(python);
        let probe = probe
            .args(["-c", "import schemathesis"])
            .env("PYTHONPATH", TOOLS);
        let status = probe.stderr(Stdio::null()).status().await;
        if status.is_ok_and(|status| status.success()) {
            return python;
        }
    }
    panic!("no Python with schemathesis; {INSTALL}");
}

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/reference/openapi.json");
const HOOKS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/contract/clients/schemathesis_hooks.py"
);
pub(crate) const INSTALL: &str =
    "`cargo xtask test` installs openapi-spec-validator, schemathesis and httplint";
pub(crate) const TOOLS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../target/tools/reference-tools/python"
);

/// The same requests each time.
const FLAGS: [&str; 8] = [
    "--checks=status_code_conformance,content_type_conformance,response_headers_conformance,\
     response_schema_conformance",
    "--phases=examples,coverage,fuzzing",
    "--seed=1",
    "--generation-database=none",
    "--no-shrink",
    "--suppress-health-check=all",
    "--continue-on-failure",
    "--warnings=off",
];
