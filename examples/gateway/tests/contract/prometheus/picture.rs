//! The dashboard, drawn from Prometheus' results, for `docs/guide/in-production.md`.

use std::error::Error;
use std::fs;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::{
    ChartBuilder, Color, DrawingArea, IntoDrawingArea, IntoFont, LineSeries, RGBColor, Rectangle,
    SVGBackend, Text, WHITE,
};
use serde_json::Value;
use tower_edge_tests::{Panel, Prometheus};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn Error>>;

/// A line of a panel: its name, and its values with the seconds that they are at.
struct Line {
    name: String,
    points: Vec<(f64, f64)>,
}

/// Draws what the panels show of the last seconds.
pub(super) async fn draw(
    prometheus: &Prometheus,
    seconds: u32,
    without_variables: impl Fn(&str) -> String,
) {
    let mut drawn = Vec::new();
    for panel in Panel::all() {
        let mut lines = Vec::new();
        for query in &panel.queries {
            let expression = without_variables(&query.expression);
            let series = prometheus.query_range(&expression, seconds).await;
            lines.extend(series.iter().map(|series| line(series, &query.legend)));
        }
        let top = |line: &Line| line.points.iter().map(|point| point.1).fold(0.0, f64::max);
        lines.sort_by(|one, other| top(other).total_cmp(&top(one)));
        drawn.push((panel, lines));
    }
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/guide/in-production/dashboard.svg"
    );
    fs::create_dir_all(Path::new(file).parent().unwrap()).unwrap();
    fs::write(file, svg(&drawn).unwrap()).unwrap();
}

fn line(series: &Value, legend: &str) -> Line {
    let mut parts = legend.split("{{");
    let begin = parts.next().unwrap().to_owned();
    // A label that is empty is none to Prometheus.
    let name = parts.fold(begin, |name, part| {
        let (label, rest) = part.split_once("}}").unwrap();
        name + series["metric"][label].as_str().unwrap_or_default() + rest
    });
    let points = series["values"].as_array().unwrap().iter();
    let points: Vec<_> = points
        .map(|point| {
            let value = point[1].as_str().unwrap().parse().unwrap_or(f64::NAN);
            (point[0].as_f64().unwrap(), value)
        })
        .filter(|(_, value)| f64::is_finite(*value))
        .collect();
    let name = name.trim();
    let name = if name.is_empty() { "(none)" } else { name };
    Line {
        name: name.to_owned(),
        points,
    }
}

fn svg(panels: &[(Panel, Vec<Line>)]) -> Result<String, Box<dyn Error>> {
    let points = panels
        .iter()
        .flat_map(|(_, lines)| lines)
        .flat_map(|line| &line.points);
    let times = points.map(|point| point.0);
    let (start, end) = (
        times.clone().fold(f64::MAX, f64::min),
        times.fold(0.0, f64::max),
    );
    let rows = panels.len().div_ceil(COLUMNS);
    let height = u32::try_from(rows)? * HEIGHT;
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        root.fill(&BACKGROUND)?;
        for (area, (panel, lines)) in root.split_evenly((rows, COLUMNS)).iter().zip(panels) {
            let area = area.margin(5, 5, 5, 5);
            area.fill(&WHITE)?;
            draw_panel(&area, panel, lines, start, end - start)?;
        }
        root.present()?;
    }
    Ok(svg)
}

fn draw_panel(area: &Area<'_>, panel: &Panel, lines: &[Line], start: f64, seconds: f64) -> Drawn {
    let (width, height) = area.dim_in_pixel();
    area.draw(&Text::new(panel.title.clone(), (10, 8), TITLE.into_font()))?;
    let (_, below) = area.split_vertically(26);
    if lines.is_empty() {
        let center = (
            i32::try_from(width)? / 2 - 24,
            i32::try_from(height)? / 2 - 20,
        );
        below.draw(&Text::new("no data", center, FONT.into_font()))?;
        return Ok(());
    }
    let longest = lines.iter().map(|line| line.name.len()).max();
    let columns = if longest > Some(MAX_NAME_OF_TWO) {
        1
    } else {
        2
    };
    let legend_lines = lines.len().min(MAX_NAMES).div_ceil(columns);
    let (plot, legend) =
        below.split_vertically(height - 26 - 6 - 15 * u32::try_from(legend_lines)?);

    let points = lines.iter().flat_map(|line| &line.points);
    let top = points.map(|point| point.1).fold(0.0, f64::max);
    let top = if top == 0.0 { 1.0 } else { top * 1.1 };
    let mut chart = ChartBuilder::on(&plot)
        .margin(6)
        .margin_right(14)
        .x_label_area_size(18)
        .y_label_area_size(52)
        .build_cartesian_2d(0.0..seconds, 0.0..top)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(WHITE)
        .bold_line_style(GRID)
        .axis_style(GRID)
        .x_labels(8)
        .y_labels(4)
        .label_style(FONT)
        .x_label_formatter(&|seconds| format!("{seconds:.0} s"))
        .y_label_formatter(&|value| with_unit(*value, &panel.unit))
        .draw()?;
    for (line, color) in lines.iter().zip(COLORS.iter().cycle()) {
        let points = line
            .points
            .iter()
            .map(|(time, value)| (time - start, *value));
        chart.draw_series(LineSeries::new(points, color.stroke_width(2)))?;
    }
    for (at, (line, color)) in lines.iter().zip(COLORS).take(MAX_NAMES).enumerate() {
        let left = 12 + i32::try_from(at % columns)? * i32::try_from(width)? / 2;
        let top = 15 * i32::try_from(at / columns)?;
        let corners = [(left, top + 2), (left + 10, top + 11)];
        legend.draw(&Rectangle::new(corners, color.filled()))?;
        legend.draw(&Text::new(
            line.name.clone(),
            (left + 15, top),
            FONT.into_font(),
        ))?;
    }
    Ok(())
}

fn with_unit(value: f64, unit: &str) -> String {
    match unit {
        "s" if value < 1.0 => format!("{:.0} ms", value * 1000.0),
        "s" => format!("{value:.1} s"),
        "percentunit" => format!("{:.0} %", value * 100.0),
        "reqps" | "ops" => format!("{value:.1}/s"),
        _ => format!("{value:.1}"),
    }
}

const BACKGROUND: RGBColor = RGBColor(236, 238, 242);
const GRID: RGBColor = RGBColor(214, 218, 224);
const COLORS: [RGBColor; 8] = [
    RGBColor(16, 122, 140),
    RGBColor(222, 135, 46),
    RGBColor(122, 66, 150),
    RGBColor(200, 60, 60),
    RGBColor(70, 140, 60),
    RGBColor(60, 90, 180),
    RGBColor(150, 110, 60),
    RGBColor(120, 125, 135),
];
const COLUMNS: usize = 3;
const FONT: (&str, u32) = ("sans-serif", 11);
const TITLE: (&str, u32) = ("sans-serif", 14);
const HEIGHT: u32 = 240;
const WIDTH: u32 = 1320;
/// As many as find room.
const MAX_NAME_OF_TWO: usize = 34;
const MAX_NAMES: usize = 8;
