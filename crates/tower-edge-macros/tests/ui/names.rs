//! The names that HTTP has for a kind, and other spellings of one.
use tower_edge::{ApiError, Problem};

#[derive(Debug, ApiError)]
enum Names {
    #[api(Forbidden)]
    Reason,
    #[api(TooManyRequests, title = "Slow down")]
    Limit,
    #[api(conflict)]
    Case,
    #[api(unauthorized)]
    ReasonInCase,
    #[api(kind = Gone)]
    Key,
    #[api(kind = "NotFound")]
    QuotedKey,
    #[api("Conflict")]
    Quoted,
    #[api("two words")]
    Sentence,
}

// One mistake is one error: what uses the type is none.
#[derive(Debug, ApiError)]
enum Used {
    #[api(Conflit)]
    OutOfStock,
    #[api(Internal)]
    Database(#[from] std::io::Error),
}

fn order() -> Result<(), Used> {
    std::fs::read("stock")?;
    Err(Used::OutOfStock)
}

fn main() {
    let error: Box<dyn std::error::Error> = order().unwrap_err().into();
    println!("{error} {:?} {}", Problem::from(Used::OutOfStock), Used::CATALOG.len());
}
