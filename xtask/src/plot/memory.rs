use plotters::prelude::{
    ChartBuilder, Circle, Color, EmptyElement, IntoDrawingArea, IntoFont, IntoLogRange, LineSeries,
    SVGBackend, Text, WHITE,
};

use super::cost::{FONT, color};
use crate::failure::Failure;
use crate::measure::Memory;

/// A line for each store: bytes for a key, against the number of keys.
///
/// # Errors
///
/// When it cannot be drawn.
pub(super) fn svg(stores: &[Memory]) -> Result<String, Failure> {
    let points = || stores.iter().flat_map(|store| &store.points);
    let most = points().map(|(_, bytes)| *bytes).fold(1.0, f64::max) * 1.15;
    let keys = points().map(|(keys, _)| *keys).max().unwrap_or(1);
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        root.fill(&WHITE).map_err(Failure::drawing)?;
        let mut chart = ChartBuilder::on(&root)
            .caption("bytes for a key, against the number of keys", FONT)
            .margin(10)
            .margin_right(190)
            .x_label_area_size(28)
            .y_label_area_size(40)
            .build_cartesian_2d((1000..keys).log_scale(), 0.0..most)
            .map_err(Failure::drawing)?;
        chart
            .configure_mesh()
            .light_line_style(WHITE)
            .y_labels(6)
            .x_label_formatter(&|keys| short(*keys))
            .y_label_formatter(&|value| format!("{value:.0}"))
            .draw()
            .map_err(Failure::drawing)?;
        for (at, store) in stores.iter().enumerate() {
            // Ours in our colour: it is the second in the other picture.
            let color = color(at + 1);
            let line = LineSeries::new(store.points.iter().copied(), color.stroke_width(2));
            chart.draw_series(line).map_err(Failure::drawing)?;
            let dots = store.points.iter();
            let dots = dots.map(|point| Circle::new(*point, 3, color.filled()));
            chart.draw_series(dots).map_err(Failure::drawing)?;
            if let Some((keys, bytes)) = store.points.last() {
                let name = format!("{} {bytes:.1}", NAMES.get(at).unwrap_or(&""));
                let label =
                    EmptyElement::at((*keys, *bytes)) + Text::new(name, (10, -7), FONT.into_font());
                chart.draw_series([label]).map_err(Failure::drawing)?;
            }
        }
        root.present().map_err(Failure::drawing)?;
    }
    Ok(svg)
}

fn short(keys: u64) -> String {
    match keys {
        millions if millions >= 1_000_000 => format!("{} M", millions / 1_000_000),
        thousands if thousands >= 1_000 => format!("{} k", thousands / 1_000),
        few => few.to_string(),
    }
}

/// As [`crate::measure::memory`] lists them.
const NAMES: [&str; 3] = ["MemoryStore, any key", "governor, u64", "governor, String"];
const SIZE: (u32, u32) = (720, 320);
