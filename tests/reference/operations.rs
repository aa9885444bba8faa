//! Operations that utoipa and aide document.

use std::path::Path;
use std::{env, fs};

use aide::axum::ApiRouter;
use aide::axum::routing::get;
use serde_json::Value;
use tower_edge::ApiError;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::problem::LAYERS;
use tower_edge::reference::{Reference, into_responses, operation_output};
use tower_edge_formats::{JsonApi, PlexMcp};
use utoipa::OpenApi;

use crate::openapi::{INSTALL, validate};

#[derive(Debug, ApiError)]
#[expect(dead_code, reason = "the rows of the errors are what is documented")]
enum OrderError {
    /// Others were faster.
    #[error("{sku} is out of stock")]
    #[api(Conflict)]
    OutOfStock {
        #[api(detail)]
        sku: String,
        #[api(detail)]
        left: usize,
    },
    #[api(Conflict)]
    BasketLocked,
    #[api(RateLimited, default)]
    SlowDown,
}

fn errors() -> Reference {
    let format = ProblemDetails::new()
        .with_catalog(&OrderError::CATALOG)
        .with_type_base("/errors/");
    Reference::new("Shop API", &OrderError::CATALOG).with_format(format)
}

into_responses!(OrderError, errors(), LAYERS);
operation_output!(OrderError, errors(), LAYERS);

#[utoipa::path(get, path = "/order", responses((status = 200, description = "The order"), OrderError))]
async fn order() -> Result<(), OrderError> {
    Err(OrderError::BasketLocked)
}

#[derive(OpenApi)]
#[openapi(paths(order))]
struct Document;

#[test]
fn utoipa_has_the_errors_of_the_operation() {
    check("utoipa", serde_json::to_value(Document::openapi()).unwrap());
}

#[test]
fn aide_has_the_errors_of_the_operation() {
    let mut api = aide::openapi::OpenApi::default();
    let router = ApiRouter::new().api_route("/order", get(order));
    let _: axum::Router = router.finish_api(&mut api);

    check("aide", serde_json::to_value(api).unwrap());
}

#[test]
fn an_operation_has_its_own_errors_alone() {
    let row = OrderError::CATALOG.by_key("out_of_stock").unwrap();

    let responses = errors().to_responses([row]);

    assert!(responses.keys().eq(["409"]));
    let content = &responses["409"]["content"]["application/problem+json"];
    let schema = "#/components/schemas/ProblemDetailsOutOfStock";
    assert_eq!(content["schema"]["$ref"], schema);
    assert_eq!(content["examples"].as_object().unwrap().len(), 1);
}

#[test]
fn an_operation_of_several_formats_has_the_content_of_all() {
    let row = OrderError::CATALOG.by_key("slow_down").unwrap();
    let json_api = JsonApi::new().with_catalog(&OrderError::CATALOG);
    let several = errors()
        .with_format(json_api)
        .with_format(PlexMcp)
        .with_named_format("v1", PlexMcp);

    let response = &several.to_responses([row])["429"];

    let content = response["content"].as_object().unwrap();
    assert_eq!(content.len(), 3);
    let schemas = content["application/json"]["schema"]["anyOf"].as_array();
    assert_eq!(schemas.unwrap().len(), 2);
    assert!(response["headers"]["Retry-After"].is_object());
}

/// The document has each response as the reference writes it, and a validator accepts it.
fn check(name: &str, mut document: Value) {
    errors().add_to_openapi(document.as_object_mut().unwrap());

    let responses = &document["paths"]["/order"]["get"]["responses"];
    let rows = OrderError::CATALOG.definitions();
    for (status, response) in errors().to_responses(rows.chain(LAYERS.definitions())) {
        assert_eq!(responses[&status], response, "{status}");
    }
    let conflict = &responses["409"]["content"]["application/problem+json"]["schema"];
    assert_eq!(conflict["oneOf"].as_array().unwrap().len(), 2);
    let limited = &responses["429"]["content"]["application/problem+json"]["schema"];
    assert_eq!(
        limited["$ref"],
        "#/components/schemas/ProblemDetailsSlowDown"
    );
    assert!(responses["504"].is_object());
    let details = &document["components"]["schemas"]["ProblemDetailsOutOfStock"]["properties"];
    assert_eq!(details["left"]["type"], "integer");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.json"));
    fs::write(&file, document.to_string()).unwrap();
    let (accepted, printed) = validate(&file);
    assert!(accepted, "{printed}; {INSTALL}");
}
