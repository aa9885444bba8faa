use std::time::Duration;

use tower_edge::ApiError;
use tower_edge::problem::FieldError;

#[derive(Debug)]
struct Money;

#[derive(Debug, ApiError)]
enum Fields {
    #[api(Conflict)]
    UnknownType { #[api(detail)] price: Money, #[api(detail)] prices: Vec<Money>, #[api(detail)] pair: (u8, u8) },
    #[api(Conflict)]
    NamedType { #[api(detail(type = strng))] a: Money, #[api(detail(type = array))] b: Money, #[api(detail(typ = any))] c: Money },
    #[api(Conflict)]
    NoName(#[api(detail)] String),
    #[api(Conflict)]
    OneName { #[api(detail = "a")] left: u8, #[api(development = "a")] right: u8 },
    #[api(Conflict)]
    ForTwo { #[api(detail, internal)] left: u8 },
    #[api(RateLimited)]
    Waits { #[api(retry_after)] first: Duration, #[api(retry_after)] second: Duration },
    #[api(Validation)]
    Lists { #[api(fields)] first: Vec<FieldError>, #[api(fields)] second: Vec<FieldError> },
    #[api(Internal)]
    Sources { #[source] first: std::io::Error, #[source] second: std::io::Error },
    #[api(Internal)]
    SentSource { #[source] #[api(detail(type = string))] first: std::io::Error },
    #[api(Internal)]
    FromMore { #[from] first: std::fmt::Error, second: u8 },
}

fn main() {}
