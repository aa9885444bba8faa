//! One operation whose errors stand in the OpenAPI documents of utoipa and of aide.
//!
//! `cargo run -p tower-edge --example openapi --features axum,derive,reference`, and then:
//!
//! ```console
//! $ curl -s localhost:3000/utoipa.json | jq -c '.paths["/orders"].post.responses | keys'   # as in /aide.json
//! ["200","400","401","404","405","406","408","413","414","415","422","426","429","431","499","500","501","502","503","504"]
//! $ curl -X POST localhost:3000/orders
//! {"type":"/errors/no_such_article","title":"No such article","status":404,"detail":"there is no tea","sku":"tea"}
//! ```

use aide::axum::{ApiRouter, routing::post};
use axum::{Json, Router, routing::get};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower_edge::envelope::{EnvelopeLayer, format::ProblemDetails};
use tower_edge::problem::LAYERS;
use tower_edge::reference::{Reference, into_responses, operation_output};
use tower_edge::{ApiError, BoxError, Edge};
use utoipa::OpenApi;

#[derive(Debug, ApiError)]
enum ShopError {
    #[error("there is no {0}")]
    #[api(NotFound, title = "No such article")]
    NoSuchArticle(#[api(detail = "sku")] String),
}

// With `LAYERS`, an operation also has the errors that the layers respond with.
into_responses!(ShopError, errors(), LAYERS); // for utoipa
operation_output!(ShopError, errors(), LAYERS); // for aide

#[utoipa::path(post, path = "/orders", responses((status = 200, description = "The order"), ShopError))]
async fn order() -> Result<(), ShopError> {
    Err(ShopError::NoSuchArticle("tea".to_owned()))
}

#[derive(OpenApi)]
#[openapi(paths(order))]
struct Document;

fn format() -> ProblemDetails {
    ProblemDetails::new()
        .with_catalog(&ShopError::CATALOG)
        .with_type_base("/errors/")
}

fn errors() -> Reference {
    Reference::new("Shop API", &ShopError::CATALOG).with_format(format())
}

/// The document as JSON, with the schemas of the errors.
fn with_schemas(document: impl Serialize) -> Json<Value> {
    let mut document = json!(document);
    if let Some(document) = document.as_object_mut() {
        errors().add_to_openapi(document);
    }
    Json(document)
}

fn app() -> Router {
    let mut api = aide::openapi::OpenApi::default();
    let orders = ApiRouter::new().api_route("/orders", post(order));
    let orders: Router = orders.finish_api(&mut api);
    let (utoipa, aide) = (with_schemas(Document::openapi()), with_schemas(api));
    Router::new()
        .merge(orders)
        .route("/utoipa.json", get(async || utoipa))
        .route("/aide.json", get(async || aide))
        .layer(Edge::new().layer(EnvelopeLayer::new(format())))
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    Ok(axum::serve(TcpListener::bind("127.0.0.1:3000").await?, app()).await?)
}

#[cfg(test)]
#[tokio::test]
async fn both_documents_have_the_errors_of_the_operation() {
    use axum::{body::Body, extract::Request};
    use tower_edge_tests::oneshot;

    for path in ["/utoipa.json", "/aide.json"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let document = oneshot(app(), request).await.json();

        let name = "ProblemDetailsNoSuchArticle";
        let own = json!({ "$ref": format!("#/components/schemas/{name}") });
        let responses = &document["paths"]["/orders"]["post"]["responses"];
        // Next to it stands the 404 of a layer, for a path without a route.
        let schema = &responses["404"]["content"]["application/problem+json"]["schema"];
        assert!(schema["oneOf"].as_array().unwrap().contains(&own));
        assert!(document["components"]["schemas"][name].is_object());
        assert!(responses["500"].is_object(), "a layer responds with it");
    }
}
