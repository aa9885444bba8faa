//! All words.
#![deny(warnings)]

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;
use std::num::{NonZeroU8, NonZero};
use std::time::Duration;

use tower_edge::problem::{ApiError, FieldError};
use tower_edge::Problem;

/// Each word of the derive, in a crate that denies what it can.
#[derive(Debug, ApiError)]
#[api(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum ShopError {
    /// Others were faster.
    #[error("{sku} is out of stock")]
    #[api(Conflict, title = "Not so many left", fix = "Order at most `left`")]
    OutOfStock { #[api(detail)] sku: String, #[api(detail)] left: usize },
    #[api(Internal)]
    Database(#[from] #[source] std::io::Error),
    #[api(transparent)]
    Edge(Problem),
    #[api(Gone, key = "k", code = -7, status = 404, message = "m", cause = "c", retry = never, level = warn)]
    #[api(deprecated = "use X", alias = "a", alias = "b", default)]
    All,
    #[error("{0:>3} of {max}: {}", .0.len(), max = .1)]
    #[api(BadRequest)]
    Arguments(#[api(detail = "text")] &'static str, u8),
    #[api(Validation)]
    Fields(#[api(fields)] Vec<FieldError>, #[api(retry_after)] Option<Duration>),
    #[error("card {card}")]
    #[api(PaymentRequired)]
    Card { #[api(detail, redacted)] card: String, source: Option<std::io::Error> },
    #[api(BadRequest)]
    Types {
        #[api(detail)] a: Option<char>,
        #[api(detail)] b: Cow<'static, str>,
        #[api(detail)] c: NonZeroU8,
        #[api(detail)] d: NonZero<u64>,
        #[api(detail)] e: [f32; 2],
        #[api(detail)] f: HashSet<bool>,
        #[api(detail)] g: BTreeMap<String, u8>,
        #[api(detail)] h: IpAddr,
        #[api(detail(name = "i", type = array(date_time)))] r#type: Vec<String>,
        #[api(internal)] j: Result<u8, u8>,
        #[api(development)] k: Box<str>,
    },
    #[api(Internal)]
    Boxed(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the database failed: {0}")]
    #[api(Internal)]
    Logged(#[source] std::io::Error),
    #[error("{host} timed out: {source:?} after {}", .after.as_secs())]
    #[api(Conflict, status = 504, message = "{operation} took too long")]
    Both {
        #[api(detail)] operation: &'static str,
        #[api(development)] host: String,
        after: Duration,
        source: Option<std::io::Error>,
    },
    #[deprecated]
    #[api(Internal)]
    Old,
}

/// A struct is one row.
#[derive(Debug, ApiError)]
#[error("{0} is locked")]
#[api(Locked, rename_all = "kebab-case")]
struct CartLocked(#[api(detail = "cart")] u64);

mod local {
    #[derive(Debug, ::tower_edge::ApiError)]
    #[api(crate = "renamed")]
    enum Inner {
        #[api(Gone)]
        A,
    }
    use tower_edge as renamed;

    pub fn problem() -> renamed::Problem {
        Inner::A.into()
    }
}

fn main() {
    assert_eq!(ShopError::CATALOG.len(), 11);
    assert_eq!(CartLocked(7).to_string(), "7 is locked");
    assert_eq!(local::problem().key(), "a");
}
