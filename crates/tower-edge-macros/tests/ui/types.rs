use tower_edge::ApiError;

#[derive(Debug)]
struct Plain;

#[derive(Debug, ApiError)]
enum Types {
    #[api(RateLimited)]
    Wait { #[api(retry_after)] wait: u64 },
    #[api(Validation)]
    Fields { #[api(fields)] fields: Vec<String> },
    #[api(Conflict)]
    Value { #[api(detail(type = object))] plain: Plain },
    #[api(transparent)]
    Foreign(std::fmt::Error),
}

fn main() {}
