//! The catalogue of what the layers reject with: complete, and without effect on any body.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use http::StatusCode;
use tower_edge::envelope::format::{JsonRpc, ProblemDetails, RpcErrorStyle};
use tower_edge::envelope::{Context, Format, JsonRpcIds};
use tower_edge::problem::{
    Catalog, ErrorId, Exposure, Facts, FieldError, LAYERS, Phase, RateLimitFacts, TimeoutFacts,
    VersionFacts, catalog,
};
use tower_edge::{Kind, Problem};
use tower_edge_formats::{Aip193, Connect, JsonApi};

catalog! {
    static NONE;
}
catalog! {
    static SHOP;
    #[api(Conflict, status = 410, message = "Out of stock")]
    const OUT_OF_STOCK;
    #[api(UpstreamError, message = "Our fault")]
    const _;
    #[api(RateLimited, key = "slow-down", message = "Slow down", default = false)]
    const SLOW_DOWN;
}
catalog! {
    static NONE_AND_LAYERS = [NONE, LAYERS];
}
catalog! {
    static SHOP_AND_LAYERS = [SHOP, LAYERS];
}

#[test]
fn merging_the_layers_changes_no_byte() {
    for (own, merged) in [(&NONE, &NONE_AND_LAYERS), (&SHOP, &SHOP_AND_LAYERS)] {
        for (own, merged) in formats(own).iter().zip(&formats(merged)) {
            let problems = Kind::ALL.iter().flat_map(|kind| problems(*kind));
            for problem in problems.chain([Problem::from(StatusCode::IM_A_TEAPOT)]) {
                for exposure in [Exposure::Production, Exposure::Development] {
                    let written = |format| written(format, &problem, exposure);

                    assert_eq!(written(&**own), written(&**merged), "{}", own.name());
                }
            }
        }
    }
}

/// As each format takes the catalogue of its user.
fn formats(catalog: &'static Catalog) -> Vec<Box<dyn Format>> {
    let rpc = JsonRpc::new(catalog);
    vec![
        Box::new(ProblemDetails::new().with_catalog(catalog)),
        Box::new(
            ProblemDetails::new()
                .with_catalog(catalog)
                .with_type_base("urn:problem:"),
        ),
        Box::new(JsonApi::new().with_catalog(catalog)),
        Box::new(Aip193::new().with_catalog(catalog)),
        Box::new(Connect::new().with_catalog(catalog)),
        Box::new(rpc),
        Box::new(rpc.with_error_style(RpcErrorStyle::HttpStatus)),
        Box::new(rpc.with_error_style(RpcErrorStyle::ToolResult)),
    ]
}

/// One that says nothing, and one with all that a layer can know.
fn problems(kind: Kind) -> [Problem; 4] {
    let limit = Duration::from_secs(60);
    let facts = [
        Facts::RateLimit(RateLimitFacts::new("default".into(), 3, limit, 4)),
        Facts::Timeout(TimeoutFacts::new(Phase::Total, limit, limit)),
        Facts::Version(VersionFacts::new("1.0.0", "1.1.0".into())),
    ];
    let [limited, late, outdated] = facts.map(|facts| {
        let mut problem = Problem::new(kind)
            .with_facts(facts)
            .with_detail("supported", ["1"])
            .with_detail("upstream", "plex")
            .with_development_detail("upstream_status", 418)
            .with_field_error(FieldError::new("title", "is required"))
            .with_retry_after(limit);
        problem.set_error_id(ErrorId::named("err_0", SystemTime::UNIX_EPOCH).unwrap());
        problem
    });
    [Problem::new(kind), limited, late, outdated]
}

fn written(format: &dyn Format, problem: &Problem, exposure: Exposure) -> (StatusCode, String) {
    let ids = JsonRpcIds::from_json(br#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#);
    let context = Context::default()
        .with_exposure(exposure)
        .with_json_rpc_ids(Some(&ids));
    let (status, mut body) = (format.status(problem, &context), Vec::new());
    format.body(problem, &context, &mut body);
    (status, String::from_utf8(body).unwrap())
}

#[test]
fn the_layers_have_a_row_for_each_kind_that_they_reject_with_and_no_other() {
    let mut kinds = BTreeSet::new();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    for folder in ["tower-edge/src", "tower-edge-core/src/rate_limit"] {
        add_kinds(&crates.join(folder), &mut kinds);
    }
    // What axum's WebSocket route, hyper and tower-http respond with, without a body.
    let bare = [
        Kind::HeaderFieldsTooLarge,
        Kind::NotAcceptable,
        Kind::UpgradeRequired,
    ];
    kinds.extend(bare.map(|kind| format!("{kind:?}")));

    let rows = LAYERS.definitions().map(|row| format!("{:?}", row.kind()));

    assert_eq!(rows.collect::<BTreeSet<_>>(), kinds);
}

/// Adds the kinds that the code in this folder names, without its tests.
fn add_kinds(folder: &Path, kinds: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // The first reads the codes of other services, and the second responds as a handler.
        let others = ["client/decode/json.rs", "src/reference_router.rs"];
        let is_other = others.iter().any(|other| path.ends_with(other));
        if is_other || path.file_stem().unwrap() == "tests" {
            continue;
        }
        if path.is_dir() {
            add_kinds(&path, kinds);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let is_test = |line: &&str| line.starts_with("#[cfg(") && line.contains("test");
        let code = text.lines().take_while(|line| !is_test(line));
        for line in code.filter(|line| !line.trim_start().starts_with("//")) {
            let names = line.split(|c: char| !c.is_alphanumeric() && c != ':');
            for name in names.filter_map(|path| path.strip_prefix("Kind::")) {
                kinds.extend(
                    Kind::ALL
                        .iter()
                        .map(|kind| format!("{kind:?}"))
                        .filter(|kind| kind == name),
                );
            }
        }
    }
}
