//! Errors inside, that the log or the problem cannot take.
use std::error::Error;

use tower_edge::ApiError;

#[derive(Debug, ApiError)]
enum Sources {
    #[api(Internal)]
    OneThread(#[from] Box<dyn Error>),
    #[api(Internal)]
    HalfOfIt { source: Option<Box<dyn std::error::Error + Send>> },
    #[api(Internal)]
    AnyThread(#[source] Box<dyn Error + Send + Sync>),
}

fn main() {}
