//! The bytes of a body: each format's, and what serde's derive makes of the same.

use std::hint::black_box;

use serde::Serialize;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::envelope::{Context, Format};
use tower_edge::{Kind, Problem};
use tower_edge_formats::{AdsMcp, MediaNest, PlexMcp, Plexichat, RouterMcp};

use crate::scenario::Scenario;

/// A plain 404 in each format and by a derive, and what calling a closure costs.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("bare/render", || {
            black_box(());
        }),
        render("ads/render", AdsMcp),
        render("medianest/render", MediaNest),
        render("plexichat/render", Plexichat),
        render("plexmcp/render", PlexMcp),
        render("problem/render", ProblemDetails),
        render("routermcp/render", RouterMcp),
        serde_render(),
    ]
}

fn render(name: &'static str, format: impl Format + 'static) -> Scenario {
    let problem = Problem::new(Kind::NotFound);
    Scenario::new(name, move || {
        let mut out = Vec::with_capacity(256);
        format.body(black_box(&problem), &Context::default(), &mut out);
        black_box(out);
    })
}

/// The bytes of `medianest/render`.
fn serde_render() -> Scenario {
    Scenario::new("serde/render", || {
        black_box(serde_json::to_vec(black_box(&Body::new("NOT_FOUND"))).unwrap_or_default());
    })
}

/// An error in the format of `medianest/render`, to be written by serde.
#[derive(Debug, Serialize)]
pub(crate) struct Body<'a> {
    success: bool,
    error: ErrorBody<'a>,
}

#[derive(Debug, Serialize)]
struct ErrorBody<'a> {
    code: &'a str,
    message: &'a str,
}

impl<'a> Body<'a> {
    pub(crate) const fn new(code: &'a str) -> Self {
        let error = ErrorBody {
            code,
            message: "The requested resource was not found.",
        };
        Self {
            success: false,
            error,
        }
    }
}
