//! The references of the documents, and that of a shop.

use std::sync::Arc;

use tower_edge::Kind;
use tower_edge::envelope::Format;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::problem::{
    Catalog, Code, Definition, DetailDefinition, DetailType, Visibility, catalog,
};
use tower_edge::reference::Reference;
use tower_edge_formats::{
    AdsMcp, Aip193, Connect, JsonApi, Mcp, MediaNest, PlexMcp, Plexichat, RouterMcp, ads_mcp, mcp,
    medianest, plexichat, plexmcp, routermcp,
};

/// A format with a catalogue.
pub(crate) struct Written {
    pub(crate) catalog: &'static Catalog,
    pub(crate) format: Arc<dyn Format>,
    /// The member that has the code, from the outside in.
    pub(crate) code: &'static [&'static str],
    pub(crate) name: &'static str,
}

impl Written {
    pub(crate) fn reference(&self) -> Reference {
        let reference = Reference::new(format!("The API of {}", self.name), self.catalog);
        reference.with_named_format(self.name, self.format.clone())
    }
}

/// The formats of the documents with their catalogues, and the others with that of the shop.
pub(crate) fn all() -> Vec<Written> {
    let written = |name, code, format, catalog| Written {
        catalog,
        format,
        code,
        name,
    };
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

pub(crate) fn named(name: &str) -> Written {
    let found = all().into_iter().find(|written| written.name == name);
    found.unwrap_or_else(|| panic!("no format {name}"))
}

catalog! {
    /// The errors of a shop.
    pub(crate) static SHOP;

    /// Others were faster.
    pub(crate) const OUT_OF_STOCK = Definition::new("out_of_stock", Kind::Conflict)
        .with_message("Out of stock").with_message_template("{sku} is out of stock")
        .with_cause("Others were faster").with_resolution("Order at most `left`")
        .with_details(&[
            DetailDefinition::new("sku", DetailType::String).with_description("What was ordered."),
            DetailDefinition::new("left", DetailType::Integer),
            DetailDefinition::new("restocked_at", DetailType::DateTime).optional(),
            DetailDefinition::new("alternatives", DetailType::Array(&DetailType::String)).optional(),
            DetailDefinition::new("is_reserved", DetailType::Boolean),
            DetailDefinition::new("weight", DetailType::Number),
            DetailDefinition::new("labels", DetailType::Object),
            DetailDefinition::new("note", DetailType::Any).optional(),
            DetailDefinition::new("shard", DetailType::Integer).with_description("Sharding is secret.")
                .with_visibility(Visibility::Development),
            DetailDefinition::new("host", DetailType::String).with_visibility(Visibility::Internal),
        ]).with_default(false);
    const _ = Definition::new("no_such_article", Kind::NotFound).with_message("No such article");
    const _ = Definition::new("bad_order", Kind::Validation).with_message("The order is not valid");
    const _ = Definition::new("slow_down", Kind::RateLimited).with_message("Too many orders");
    const _ = Definition::new("closed", Kind::Unavailable).with_message("The shop is closed");
    const _ = Definition::new("old_app", Kind::VersionOutdated).with_message("The app is too old")
        .with_code(Code::Text("update")).with_deprecation("slow_down");
    const _ = Definition::new("failed", Kind::Internal).with_message("The shop has failed");
}
