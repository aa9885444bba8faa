//! The bytes of a body: each format's, and what serde's derive makes of the same.

use std::hint::black_box;

use serde::Serialize;
use tower_edge::envelope::format::{
    AdsMcp, MediaNest, PlexMcp, Plexichat, ProblemDetails, RouterMcp,
};
use tower_edge::envelope::{Context, Format};
use tower_edge::{Kind, Problem};

use crate::scenario::Scenario;

/// A plain 404 in each format, and by a derive.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    vec![
        render("render_ads", AdsMcp),
        render("render_medianest", MediaNest),
        render("render_plexichat", Plexichat),
        render("render_plexmcp", PlexMcp),
        render("render_problem", ProblemDetails),
        render("render_routermcp", RouterMcp),
        serde_render(),
    ]
}

fn render(name: &'static str, format: impl Format + 'static) -> Scenario {
    let problem = Problem::new(Kind::NotFound);
    Scenario::of(name, move || {
        let mut out = Vec::with_capacity(256);
        format.body(black_box(&problem), &Context::default(), &mut out);
        black_box(out);
    })
}

/// The bytes of `render_medianest`.
fn serde_render() -> Scenario {
    Scenario::of("render_serde", || {
        black_box(serde_json::to_vec(black_box(&Body::new("NOT_FOUND"))).unwrap_or_default());
    })
}

/// An error in the format of `render_medianest`, to be written by serde.
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
