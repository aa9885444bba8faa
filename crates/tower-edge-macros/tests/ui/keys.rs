use tower_edge::ApiError;

#[derive(Debug, ApiError)]
enum Keys {
    #[api(Conflict, default)]
    OutOfStock,
    #[api(Gone, key = "out_of_stock")]
    Other,
    #[api(Gone, alias = "other_one", alias = "other")]
    OtherOne,
    #[api(Conflict, default)]
    Second,
}

fn main() {}
