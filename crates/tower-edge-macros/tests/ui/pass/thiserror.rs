//! Beside thiserror's derive.
#![deny(warnings)]

use std::error::Error;

use tower_edge::{ApiError, Problem};

/// Display, Error and From are thiserror's.
#[derive(Debug, thiserror::Error, ApiError)]
pub enum ShopError {
    /// Width by argument.
    #[error("{sku} of {0}", .left + 1)]
    #[api(Conflict)]
    OutOfStock { #[api(detail)] sku: String, left: usize },
    /// Its text is logged alone.
    #[error(transparent)]
    #[api(Internal)]
    Database(#[from] std::io::Error),
    /// As it is.
    #[error(transparent)]
    #[api(transparent)]
    Edge(#[from] Problem),
    /// What thiserror displays is logged, and this is sent.
    #[error("{host}: {0}", .card.len())]
    #[api(Unavailable, message = "{shop} is closed")]
    Closed { #[api(detail)] shop: String, host: String, card: String },
    /// What thiserror displays is neither sent nor logged.
    #[error("card {card}: {source}")]
    #[api(Internal)]
    Terminal { #[api(redacted)] card: String, source: std::io::Error },
    /// What thiserror displays is not sent.
    #[error("card {card}")]
    #[api(PaymentRequired)]
    Card { #[api(detail, redacted)] card: String },
}

fn main() {
    let of = |error: ShopError| Problem::from(error);

    let sent = of(ShopError::OutOfStock { sku: "tea".into(), left: 1 });
    let database = of(std::io::Error::other("hunter2").into());
    let card = of(ShopError::Card { card: "4111".into() });

    assert_eq!(sent.message(), Some("tea of 2"));
    assert_eq!((database.message(), database.key()), (None, "database"));
    assert_eq!(card.message(), Some("card [redacted]"));
    assert_eq!(card.details()[0].json(), "\"[redacted]\"");

    let closed = of(ShopError::Closed { shop: "tea".into(), host: "db".into(), card: "4".into() });
    assert_eq!(closed.message(), Some("tea is closed"));
    assert_eq!(closed.source().unwrap().to_string(), "db: 1");

    let source = std::io::Error::other("hunter2");
    let terminal = of(ShopError::Terminal { card: "4111".into(), source });
    assert_eq!(terminal.message(), None);
    let logged = terminal.source().unwrap();
    assert_eq!(logged.to_string(), "card [redacted]: hunter2");
    assert!(logged.source().unwrap().is::<std::io::Error>());
}
