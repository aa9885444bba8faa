//! Beside thiserror's derive.
#![deny(warnings)]

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
}
