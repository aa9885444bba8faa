//! Details with the name of a member that each problem of RFC 9457 has. A log has none of them.
use tower_edge::ApiError;

#[derive(Debug, ApiError)]
enum Members {
    #[api(Conflict)]
    Names { #[api(detail)] status: u16, #[api(development = "title")] heading: String, #[api(detail)] r#type: u8 },
    #[api(Conflict)]
    Detail(#[api(detail(name = "detail", type = string))] String),
    #[api(Conflict)]
    Allowed { #[api(internal)] status: u16, #[api(detail)] instance: String },
}

fn main() {}
