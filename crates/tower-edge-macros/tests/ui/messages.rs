use tower_edge::ApiError;

#[derive(Debug, ApiError)]
enum Messages {
    #[error("{skku} is out of stock, {} left")]
    #[api(Conflict)]
    NoField { #[api(detail)] sku: String },
    #[error("{sku:>width$} {")]
    #[api(Conflict)]
    Unsupported { sku: String, width: usize },
    #[error(fmt = show)]
    #[api(Conflict)]
    Function { sku: String },
    #[error("{sku}", .sku)]
    #[api(Conflict)]
    Unused { sku: String },
    #[error("the database failed: {0}")]
    #[api(Internal)]
    Source(#[from] std::io::Error),
    #[error("{host} failed in {shard}")]
    #[api(Internal)]
    Hidden { #[api(development)] host: String, #[api(internal)] shard: u8 },
    #[error("{}", .card.len())]
    #[api(Conflict)]
    Redacted { #[api(redacted)] card: String },
    #[error("a")]
    #[api(Conflict, message = "b")]
    Both,
    #[api(Conflict, message = "{sku} is out of stock")]
    Template { sku: String },
}

fn main() {}
