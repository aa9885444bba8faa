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
    #[error("the name is taken: {0}")]
    #[api(Conflict)]
    Source(#[from] std::io::Error),
    #[error("{host} failed in {shard}")]
    #[api(Internal, status = 409)]
    Hidden { #[api(development)] host: String, #[api(internal)] shard: u8 },
    #[error("{}", .card.len())]
    #[api(Conflict)]
    Redacted { #[api(redacted)] card: String },
    #[error("a")]
    #[api(Conflict, message = "b")]
    Both,
    #[api(Conflict, message = "{sku} is out of stock")]
    Template { sku: String },
    #[error("the database failed: {0}")]
    #[api(Internal, message = "the database failed: {0}")]
    ServerError(#[source] std::io::Error),
}

fn main() {}
