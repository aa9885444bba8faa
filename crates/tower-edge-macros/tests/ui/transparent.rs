use tower_edge::{ApiError, Problem};

#[derive(Debug, ApiError)]
enum Transparent {
    #[api(transparent)]
    None,
    #[api(transparent)]
    Two(Problem, u8),
    #[api(transparent, Conflict)]
    Kind(Problem),
    #[error("a")]
    #[api(transparent)]
    Message(Problem),
    #[api(transparent)]
    Detail(#[api(internal = "a")] Problem),
    #[error(transparent)]
    #[api(Conflict)]
    Forwarded,
}

fn main() {}
