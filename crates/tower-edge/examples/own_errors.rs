//! Six errors of a shop from one enum: responses in the format of RFC 9457, and the page that their `type`s lead to.
//!
//! `cargo run -p tower-edge --example own_errors --features axum,derive,reference`, and then:
//!
//! ```sh
//! curl -i localhost:3000/orders/tea/2     # 409, with the details `sku` and `left`
//! curl -i localhost:3000/orders/cocoa/2   # 500, without its cause, which the log has
//! curl -i localhost:3000/orders/tea/two   # 422, with a field error
//! curl -i -X POST localhost:3000/errors   # 405, in the same format
//! ```
//!
//! The page is at <http://localhost:3000/errors>.

use std::io;

use axum::response::Html;
use axum::{Router, routing::get};
use tokio::net::TcpListener;
use tower_edge::axum::Path;
use tower_edge::envelope::{EnvelopeLayer, format::ProblemDetails};
use tower_edge::{ApiError, BoxError, Edge, Problem, problem::FieldError, reference::Reference};

#[derive(Debug, ApiError)]
enum ShopError {
    /// The shop has never had it.
    #[error("there is no {0}")]
    #[api(NotFound, title = "No such article", fix = "Search for the article")]
    NoSuchArticle(#[api(detail = "sku")] String),
    /// Others were faster.
    #[error("{sku} is out of stock")]
    #[api(Conflict, title = "Not so many left", fix = "Order at most `left`")]
    OutOfStock {
        #[api(detail)]
        sku: String,
        #[api(detail)]
        left: usize,
    },
    /// The plan ends at a hundred articles.
    #[api(PaymentRequired, title = "Your plan is too small", fix = "Upgrade")]
    PlanTooSmall,
    #[api(Validation, title = "The order is not valid")]
    Invalid(#[api(fields)] Vec<FieldError>),
    #[api(Internal)]
    Database(#[from] io::Error),
    #[api(transparent)]
    Edge(#[from] Problem),
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    Ok(axum::serve(TcpListener::bind("127.0.0.1:3000").await?, app()).await?)
}

fn app() -> Router {
    let format = ProblemDetails::new()
        .with_catalog(&ShopError::CATALOG)
        .with_type_base("http://localhost:3000/errors#");
    let errors = Reference::new("Shop API", &ShopError::CATALOG).with_format(format.clone());
    Router::new()
        .route("/orders/{sku}/{count}", get(order))
        .route("/errors", get(Html(errors.to_html())))
        .layer(Edge::new().layer(EnvelopeLayer::new(format)))
}

async fn order(Path((sku, count)): Path<(String, u32)>) -> Result<String, ShopError> {
    match (&*sku, count) {
        (_, 0) => Err(ShopError::Invalid(vec![FieldError::new(
            "count",
            "must be 1 or more",
        )])),
        (_, 101..) => Err(ShopError::PlanTooSmall),
        ("cocoa", _) => Err(io::Error::other("postgres://10.0.0.3 is down"))?,
        ("tea", 2..) => Err(ShopError::OutOfStock { sku, left: 1 }),
        ("tea", _) => Ok("thank you\n".to_owned()),
        _ => Err(ShopError::NoSuchArticle(sku)),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn each_error_has_its_status_and_a_type_that_the_page_explains() {
        let text = async |path| {
            let request = axum::extract::Request::get(path).body(Body::empty());
            let body = app().oneshot(request.unwrap()).await.unwrap().into_body();
            String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().into()).unwrap()
        };

        let page = text("/errors").await;

        for (path, key, status) in [
            ("/orders/x/1", "no_such_article", 404),
            ("/orders/tea/2", "out_of_stock", 409),
            ("/orders/tea/101", "plan_too_small", 402),
            ("/orders/tea/0", "invalid", 422),
            ("/orders/cocoa/1", "database", 500),
        ] {
            let body = text(path).await;
            assert!(
                body.contains(&format!("\"type\":\"http://localhost:3000/errors#{key}\"")),
                "{body}"
            );
            assert!(body.contains(&format!("\"status\":{status}")), "{body}");
            assert!(!body.contains("postgres"), "{body}");
            assert!(page.contains(&format!("<article id=\"{key}\"")), "{key}");
        }
    }
}
