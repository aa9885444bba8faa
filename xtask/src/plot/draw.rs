use std::error::Error;

use plotters::prelude::{
    ChartBuilder, Circle, Color, DrawingArea, EmptyElement, IntoDrawingArea, IntoFont,
    IntoLogRange, LineSeries, RGBColor, Rectangle, SVGBackend, Text, WHITE,
};

use super::figures::{Memory, Row, STACKS};

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type Drawn<T = ()> = Result<T, Box<dyn Error>>;

/// Three panels of bars: time, instructions and allocations, for each response by each stack.
///
/// # Errors
///
/// When it cannot be drawn.
pub(super) fn cost(rows: &[Row]) -> Drawn<String> {
    svg((1080, 900), |root| {
        let (legend, panels) = root.split_vertically(56);
        for ((at, (stack, ..)), color) in (0..).zip(STACKS).zip(COLORS) {
            let (left, top) = (20 + at % 3 * 350, 10 + at / 3 * 22);
            let corners = [(left, top), (left + 14, top + 14)];
            legend.draw(&Rectangle::new(corners, color.filled()))?;
            legend.draw(&Text::new(stack, (left + 20, top + 1), FONT.into_font()))?;
        }
        for (panel, (of, title)) in panels.split_evenly((PANELS.len(), 1)).iter().zip(PANELS) {
            bars(panel, title, of, rows)?;
        }
        Ok(())
    })
}

fn bars(panel: &Area<'_>, title: &str, of: usize, rows: &[Row]) -> Drawn {
    let all = rows.iter().flat_map(|row| row.stacks);
    let top = all.map(|stack| stack.figure[of]).fold(1.0, f64::max) * 1.1;
    let mut chart = ChartBuilder::on(panel)
        .caption(title, FONT)
        .margin(10)
        .x_label_area_size(24)
        .y_label_area_size(48)
        .build_cartesian_2d(0.0..rows.len() as f64, 0.0..top)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(WHITE)
        .x_labels(0)
        .y_labels(6)
        .y_label_formatter(&|value| format!("{value:.0}"))
        .draw()?;
    for (group, row) in rows.iter().enumerate() {
        let (left, width) = (group as f64 + 0.08, 0.84 / STACKS.len() as f64);
        for (at, (stack, color)) in row.stacks.iter().zip(COLORS).enumerate() {
            let (from, value) = (left + width * at as f64, stack.figure[of]);
            let corners = [(from, 0.0), (from + width - 0.02, value)];
            let label = Text::new(thousands(value), (0, -11), SMALL.into_font());
            chart.draw_series([Rectangle::new(corners, color.filled())])?;
            chart.draw_series([EmptyElement::at((from, value)) + label])?;
        }
        let label = Text::new(row.response, (0, 6), FONT.into_font());
        chart.draw_series([EmptyElement::at((left + 0.3, 0.0)) + label])?;
    }
    Ok(())
}

/// A line for each store: bytes for a key, against the number of keys.
///
/// # Errors
///
/// When it cannot be drawn.
pub(super) fn memory(stores: &[(&str, Memory)]) -> Drawn<String> {
    let points = || stores.iter().flat_map(|(_, memory)| memory);
    let most = points().map(|(_, bytes)| *bytes).fold(1.0, f64::max) * 1.15;
    let keys = points().map(|(keys, _)| *keys).max().unwrap_or(1);
    svg((720, 320), |root| {
        let mut chart = ChartBuilder::on(root)
            .caption("bytes for a key, against the number of keys", FONT)
            .margin(10)
            .margin_right(190)
            .x_label_area_size(28)
            .y_label_area_size(40)
            .build_cartesian_2d((1000..keys).log_scale(), 0.0..most)?;
        chart
            .configure_mesh()
            .light_line_style(WHITE)
            .y_labels(6)
            .x_label_formatter(&|keys| match keys {
                1_000_000.. => format!("{} M", keys / 1_000_000),
                _ => format!("{} k", keys / 1000),
            })
            .y_label_formatter(&|value| format!("{value:.0}"))
            .draw()?;
        for ((name, memory), color) in stores.iter().zip(COLORS.iter().skip(1)) {
            let points = || memory.iter().map(|(keys, bytes)| (*keys, *bytes));
            chart.draw_series(LineSeries::new(points(), color.stroke_width(2)))?;
            chart.draw_series(points().map(|point| Circle::new(point, 3, color.filled())))?;
            if let Some((keys, bytes)) = points().next_back() {
                let label = Text::new(format!("{name} {bytes:.1}"), (10, -7), FONT.into_font());
                chart.draw_series([EmptyElement::at((keys, bytes)) + label])?;
            }
        }
        Ok(())
    })
}

fn svg(size: (u32, u32), draw: impl FnOnce(&Area<'_>) -> Drawn) -> Drawn<String> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        root.fill(&WHITE)?;
        draw(&root)?;
        root.present()?;
    }
    Ok(svg)
}

fn thousands(value: f64) -> String {
    match value {
        10_000.0.. => format!("{:.0}k", value / 1000.0),
        1000.0.. => format!("{:.1}k", value / 1000.0),
        _ => format!("{value:.0}"),
    }
}

/// Of [`STACKS`], in their order; they differ in lightness too.
const COLORS: [RGBColor; 6] = [
    RGBColor(190, 194, 200),
    RGBColor(16, 122, 140),
    RGBColor(222, 135, 46),
    RGBColor(122, 66, 150),
    RGBColor(240, 190, 120),
    RGBColor(90, 60, 40),
];
/// Which number of a figure is drawn.
const PANELS: [(usize, &str); 3] = [
    (2, "nanoseconds a request"),
    (0, "instructions a request"),
    (1, "allocations a request"),
];
const FONT: (&str, u32) = ("sans-serif", 14);
const SMALL: (&str, u32) = ("sans-serif", 9);
