use super::figures::{Figure, Figures};
use crate::failure::Failure;

/// The text with the table of these figures between its two marks.
///
/// # Errors
///
/// When a mark is missing.
pub(super) fn with_figures(readme: &str, figures: &Figures) -> Result<String, Failure> {
    let marks = || {
        let (before, rest) = readme.split_once(BEGIN)?;
        Some((before, rest.split_once(END)?.1))
    };
    let (before, after) = marks().ok_or(Failure::Marks)?;
    Ok(format!("{before}{BEGIN}\n{}{END}{after}", table(figures)))
}

/// What each stack adds to the bare router.
fn table(figures: &Figures) -> String {
    let mut table = String::from("\n| | tower-edge | the others |\n|---|---|---|\n");
    for row in &figures.rows {
        let [bare, ours, theirs] = &row.stacks;
        let cell = |figure: &Figure| {
            format!(
                "{} instructions, {} allocations, {:.1} µs",
                hundreds(figure.instructions - bare.instructions),
                figure.allocations - bare.allocations,
                (figure.nanos - bare.nanos) / 1000.0
            )
        };
        table += &format!("| {} | {} | {} |\n", row.answer, cell(ours), cell(theirs));
    }
    table + "\n"
}

/// Rounded to hundreds, which is as exact as instructions are from one machine to another.
fn hundreds(instructions: f64) -> String {
    let rounded = format!("{:.0}", instructions / 100.0);
    let (thousands, hundreds) = rounded.split_at(rounded.len().saturating_sub(1));
    format!("{thousands},{hundreds}00")
}

const BEGIN: &str = "<!-- figures, by `cargo xtask plot` -->";
const END: &str = "<!-- end of figures -->";

#[cfg(test)]
mod tests {
    use super::super::figures::Row;
    use super::*;

    fn figures() -> Figures {
        let figure = |times| Figure {
            allocations: 2.0 * times,
            instructions: 4_040.0 * times,
            nanos: 500.0 * times,
        };
        Figures {
            rows: vec![Row {
                answer: "200",
                stacks: [figure(1.0), figure(2.0), figure(4.0)],
            }],
        }
    }

    #[test]
    fn the_figures_are_over_bare_and_stand_between_the_marks() {
        let readme = format!("before\n{BEGIN}\nold\n{END}\nafter\n");

        assert_eq!(
            with_figures(&readme, &figures()).unwrap(),
            format!(
                "before\n{BEGIN}\n\n| | tower-edge | the others |\n|---|---|---|\n\
                 | 200 | 4,000 instructions, 2 allocations, 0.5 µs | 12,100 instructions, 6 allocations, 1.5 µs |\n\n{END}\nafter\n"
            )
        );
    }

    #[test]
    fn a_text_without_marks_is_left_alone() {
        assert!(with_figures("no marks", &figures()).is_err());
    }
}
