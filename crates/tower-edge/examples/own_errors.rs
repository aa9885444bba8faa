//! The errors of a shop from one enum: responses in the format of RFC 9457, and the page that their `type`s lead to.
//!
//! `cargo run -p tower-edge --example own_errors --features axum,derive,reference`, and then:
//!
//! ```console
//! $ curl localhost:3000/orders/tea/2
//! {"type":"http://localhost:3000/errors#out_of_stock","title":"Not so many left","status":409,"detail":"tea is out of stock","sku":"tea","left":1}
//! $ curl localhost:3000/orders/cocoa/2   # its cause is for the log
//! {"type":"http://localhost:3000/errors#database","title":"Internal Server Error","status":500,"detail":"Internal Server Error","error_id":"err_09db1d01eb6496f4"}
//! ```
//!
//! The page is at <http://localhost:3000/errors>.

use std::io;

use axum::response::Html;
use axum::{Router, routing::get};
use tokio::net::TcpListener;
use tower_edge::axum::Path;
use tower_edge::envelope::{EnvelopeLayer, format::ProblemDetails};
use tower_edge::{ApiError, BoxError, Edge, Problem, reference::Reference};

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
        ("cocoa", _) => Err(io::Error::other("postgres://10.0.0.3 is down"))?,
        ("tea", 2..) => Err(ShopError::OutOfStock { sku, left: 1 }),
        ("tea", _) => Ok("thank you\n".to_owned()),
        _ => Err(ShopError::NoSuchArticle(sku)),
    }
}

#[cfg(test)]
#[tokio::test]
async fn each_error_has_its_status_and_a_type_that_the_page_explains() {
    use axum::{body::Body, extract::Request};
    use tower_edge_tests::oneshot;

    let get = async |path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        oneshot(app(), request).await
    };
    let page = get("/errors").await;

    for (path, status, key) in [
        ("/orders/x/1", 404, "no_such_article"),
        ("/orders/tea/2", 409, "out_of_stock"),
        ("/orders/tea/two", 422, "validation_error"),
        ("/orders/cocoa/1", 500, "database"),
    ] {
        let error = get(path).await;

        assert_eq!(error.status, status);
        let url = format!("http://localhost:3000/errors#{key}");
        assert_eq!(error.json()["type"], url);
        assert!(page.text().contains(&format!("<article id=\"{key}\"")));
        assert!(!error.text().contains("postgres"));
    }
}
