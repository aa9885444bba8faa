use plotters::prelude::{
    ChartBuilder, Color, DrawingArea, EmptyElement, IntoDrawingArea, IntoFont, RGBColor, Rectangle,
    SVGBackend, Text, WHITE,
};
use plotters::style::Palette;

use super::figures::{Figure, Figures, STACKS};
use crate::failure::Failure;

/// What is drawn of a figure.
type Of = fn(&Figure) -> f64;

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// Three panels of bars: time, instructions and allocations, for each answer by each stack.
///
/// # Errors
///
/// When it cannot be drawn.
pub(super) fn svg(figures: &Figures) -> Result<String, Failure> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        root.fill(&WHITE).map_err(Failure::drawing)?;
        let (legend, panels) = root.split_vertically(34);
        for (at, stack) in STACKS.iter().enumerate() {
            let left = 20 + 130 * i32::try_from(at).unwrap_or_default();
            let square = Rectangle::new([(left, 10), (left + 14, 24)], color(at).filled());
            let name = Text::new(*stack, (left + 20, 11), FONT.into_font());
            legend.draw(&square).map_err(Failure::drawing)?;
            legend.draw(&name).map_err(Failure::drawing)?;
        }
        for (panel, (title, of)) in panels.split_evenly((1, PANELS.len())).iter().zip(PANELS) {
            bars(panel, title, figures, of)?;
        }
        root.present().map_err(Failure::drawing)?;
    }
    Ok(svg)
}

fn bars(panel: &Area<'_>, title: &str, figures: &Figures, of: Of) -> Result<(), Failure> {
    let all = figures.rows.iter().flat_map(|row| &row.stacks);
    let top = all.map(of).fold(1.0, f64::max) * 1.1;
    let mut chart = ChartBuilder::on(panel)
        .caption(title, FONT)
        .margin(10)
        .x_label_area_size(24)
        .y_label_area_size(48)
        .build_cartesian_2d(0.0..figures.rows.len() as f64, 0.0..top)
        .map_err(Failure::drawing)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(WHITE)
        .x_labels(0)
        .y_labels(6)
        .y_label_formatter(&|value| format!("{value:.0}"))
        .draw()
        .map_err(Failure::drawing)?;
    for (group, row) in figures.rows.iter().enumerate() {
        let left = group as f64 + 0.08;
        for (at, figure) in row.stacks.iter().enumerate() {
            let (from, value) = (left + 0.28 * at as f64, of(figure));
            let bar = Rectangle::new([(from, 0.0), (from + 0.26, value)], color(at).filled());
            let label = EmptyElement::at((from, value))
                + Text::new(short(value), (0, -11), SMALL.into_font());
            chart.draw_series([bar]).map_err(Failure::drawing)?;
            chart.draw_series([label]).map_err(Failure::drawing)?;
        }
        let label =
            EmptyElement::at((left + 0.3, 0.0)) + Text::new(row.answer, (0, 6), FONT.into_font());
        chart.draw_series([label]).map_err(Failure::drawing)?;
    }
    Ok(())
}

fn short(value: f64) -> String {
    match value {
        large if large >= 10_000.0 => format!("{:.0}k", large / 1000.0),
        middling if middling >= 1000.0 => format!("{:.1}k", middling / 1000.0),
        small => format!("{small:.0}"),
    }
}

/// The colours of the pictures; they differ in lightness too.
pub(super) fn color(at: usize) -> RGBColor {
    let (red, green, blue) = Colors::COLORS[at % Colors::COLORS.len()];
    RGBColor(red, green, blue)
}

struct Colors;

impl Palette for Colors {
    const COLORS: &'static [(u8, u8, u8)] = &[(190, 194, 200), (16, 122, 140), (222, 135, 46)];
}

const PANELS: [(&str, Of); 3] = [
    ("nanoseconds a request", |figure| figure.nanos),
    ("instructions a request", |figure| figure.instructions),
    ("allocations a request", |figure| figure.allocations),
];
pub(super) const FONT: (&str, u32) = ("sans-serif", 14);
const SMALL: (&str, u32) = ("sans-serif", 9);
const SIZE: (u32, u32) = (1080, 360);
