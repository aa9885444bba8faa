use tower_edge::ApiError;

#[derive(Debug, ApiError)]
enum Generic<'a, T> {
    #[api(Conflict)]
    A(&'a T),
}

#[derive(Debug, ApiError)]
enum Empty {}

#[derive(ApiError)]
union Both {
    left: u8,
    right: u8,
}

#[derive(Debug, ApiError)]
struct NoKind;

fn main() {}
