//! What a busy neighbour of the machine can spoil.

use super::table::Row;
use crate::failure::Failure;

/// Measures again, up to three times in all, what does not hold: noise passes, and what has become dearer stays so.
///
/// # Errors
///
/// When it cannot be measured.
pub(super) fn settled(
    mut measure: impl FnMut() -> Result<Vec<Row>, Failure>,
) -> Result<Vec<Row>, Failure> {
    let mut rows = measure()?;
    for _ in 1..ATTEMPTS {
        if rows.iter().all(|row| row.holds) {
            break;
        }
        rows = measure()?;
    }
    Ok(rows)
}

const ATTEMPTS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    /// How often it was measured what holds from this attempt on, and whether it held in the end.
    fn attempts(holds_at: usize) -> (usize, bool) {
        let mut attempts = 0;
        let rows = settled(|| {
            attempts += 1;
            let holds = attempts >= holds_at;
            Ok(vec![Row {
                text: String::new(),
                holds,
            }])
        });
        let holds = rows.unwrap().iter().all(|row| row.holds);
        (attempts, holds)
    }

    #[test]
    fn measures_again_what_does_not_hold_and_gives_up_in_the_end() {
        assert_eq!(attempts(1), (1, true));
        assert_eq!(attempts(3), (3, true));
        assert_eq!(attempts(4), (3, false));
    }
}
