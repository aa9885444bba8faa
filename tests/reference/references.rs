//! The references of the documents, and that of a shop.

use std::sync::{Arc, LazyLock};

use serde_json::Value;

use tower_edge::Kind;
use tower_edge::envelope::Format;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::problem::{Catalog, Code, Definition, DetailDefinition, DetailType, Visibility};
use tower_edge::reference::Reference;
use tower_edge_formats::{
    AdsMcp, Aip193, Connect, JsonApi, Mcp, MediaNest, PlexMcp, Plexichat, RouterMcp, ads_mcp, mcp,
    medianest, plexichat, plexmcp, routermcp,
};

/// A format with a catalogue.
pub(crate) struct Written {
    pub(crate) catalog: &'static Catalog,
    /// The member that has the code, from the outside in.
    pub(crate) code: &'static [&'static str],
    pub(crate) name: &'static str,
    pub(crate) openapi: Value,
    pub(crate) reference: Reference,
    pub(crate) schema: Value,
    pub(crate) types: String,
}

impl Written {
    fn new(
        name: &'static str,
        code: &'static [&'static str],
        format: Arc<dyn Format>,
        catalog: &'static Catalog,
    ) -> Self {
        let reference = Reference::new(format!("the API of {name}"), catalog);
        let reference = reference.with_named_format(name, format);
        Self {
            catalog,
            code,
            name,
            openapi: reference.to_openapi(),
            schema: reference.to_json_schema(),
            types: reference.to_typescript(),
            reference,
        }
    }
}

/// The formats of the documents with their catalogues, and the others with that of the shop.
pub(crate) fn all() -> &'static [Written] {
    static ALL: LazyLock<Vec<Written>> = LazyLock::new(written);
    &ALL
}

fn written() -> Vec<Written> {
    let written = Written::new;
    let nested: &[&str] = &["error", "code"];
    let typed = ProblemDetails::new().with_type_base("https://shop.example/errors/");
    let mut connect = Connect::new();
    connect = connect.with_catalog(&SHOP);
    vec![
        written(
            "ads_mcp",
            &["code"][..],
            Arc::new(AdsMcp) as Arc<dyn Format>,
            &ads_mcp::CATALOG,
        ),
        written(
            "medianest",
            nested,
            Arc::new(MediaNest),
            &medianest::CATALOG,
        ),
        written(
            "plexichat",
            nested,
            Arc::new(Plexichat),
            &plexichat::CATALOG,
        ),
        written("plexmcp", nested, Arc::new(PlexMcp), &plexmcp::CATALOG),
        written(
            "routermcp",
            nested,
            Arc::new(routermcp::RPC),
            &routermcp::CATALOG,
        ),
        written(
            "routermcp_rest",
            &["error"],
            Arc::new(RouterMcp),
            &routermcp::REST,
        ),
        written("mcp", nested, Arc::new(Mcp::new()), &mcp::CATALOG),
        written(
            "problem_details",
            &["type"],
            Arc::new(typed.with_catalog(&SHOP)),
            &SHOP,
        ),
        written(
            "bare_problem_details",
            &["status"],
            Arc::new(ProblemDetails),
            &SHOP,
        ),
        written(
            "json_api",
            &["errors", "", "code"],
            Arc::new(JsonApi::new().with_catalog(&SHOP)),
            &SHOP,
        ),
        written(
            "aip_193",
            &["error", "code"],
            Arc::new(Aip193::new().with_catalog(&SHOP)),
            &SHOP,
        ),
        written("connect", &["code"], Arc::new(connect), &SHOP),
    ]
}

pub(crate) fn named(name: &str) -> &'static Written {
    let found = all().iter().find(|written| written.name == name);
    found.unwrap_or_else(|| panic!("no format {name}"))
}

/// Others were faster.
pub(crate) const OUT_OF_STOCK: Definition = Definition::new("out_of_stock", Kind::Conflict)
    .with_message("Out of stock")
    .with_message_template("{sku} is out of stock")
    .with_cause("Others were faster")
    .with_resolution("Order at most `left`")
    .with_details(&[
        DetailDefinition::new("sku", DetailType::String).with_description("What was ordered."),
        DetailDefinition::new("left", DetailType::Integer),
        DetailDefinition::new("restocked_at", DetailType::DateTime).optional(),
        DetailDefinition::new("alternatives", DetailType::Array(&DetailType::String)).optional(),
        DetailDefinition::new("is_reserved", DetailType::Boolean),
        DetailDefinition::new("weight", DetailType::Number),
        DetailDefinition::new("labels", DetailType::Object),
        DetailDefinition::new("note", DetailType::Any).optional(),
        DetailDefinition::new("shard", DetailType::Integer)
            .with_description("Sharding is secret.")
            .with_visibility(Visibility::Development),
        DetailDefinition::new("host", DetailType::String).with_visibility(Visibility::Internal),
    ])
    .with_default(false);
/// The errors of a shop.
pub(crate) static SHOP: Catalog = {
    const ROWS: &[Definition] = &[
        OUT_OF_STOCK,
        Definition::new("no_such_article", Kind::NotFound).with_message("No such article"),
        Definition::new("bad_order", Kind::Validation).with_message("The order is not valid"),
        Definition::new("slow_down", Kind::RateLimited).with_message("Too many orders"),
        Definition::new("closed", Kind::Unavailable).with_message("The shop is closed"),
        Definition::new("old_app", Kind::VersionOutdated)
            .with_message("The app is too old")
            .with_code(Code::Text("update"))
            .with_deprecation("slow_down"),
        Definition::new("failed", Kind::Internal).with_message("The shop has failed"),
        // Its title is its code, and its type is called as that of all codes would be.
        Definition::new("code", Kind::Gone).with_message("code"),
    ];
    Catalog::at_compile_time(Catalog::new(ROWS))
};
