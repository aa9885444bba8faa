use super::wrk::Seen;

/// What one program did in one round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side {
    pub(super) seen: Seen,
    pub(super) cpu_seconds: f64,
}

impl Side {
    /// Microseconds of CPU for a request.
    pub(super) fn cpu(&self) -> f64 {
        self.cpu_seconds * 1e6 / self.seen.requests.max(1.0)
    }
}

/// What one round says of the layers: with them over without them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ratios {
    pub(super) cpu: f64,
    pub(super) p50: f64,
    pub(super) p99: f64,
    pub(super) per_second: f64,
}

impl Ratios {
    pub(super) fn of(bare: &Side, full: &Side) -> Self {
        let of = |part: fn(&Side) -> f64| part(full) / part(bare).max(f64::MIN_POSITIVE);
        Self {
            cpu: of(Side::cpu),
            p50: of(|side| side.seen.p50.as_secs_f64()),
            p99: of(|side| side.seen.p99.as_secs_f64()),
            per_second: of(|side| side.seen.per_second),
        }
    }
}

/// The median over the rounds.
pub(super) fn median(rounds: &[Ratios], of: fn(&Ratios) -> f64) -> f64 {
    let mut ratios: Vec<_> = rounds.iter().map(of).collect();
    ratios.sort_by(f64::total_cmp);
    let (below, above) = (ratios.len().saturating_sub(1) / 2, ratios.len() / 2);
    match (ratios.get(below), ratios.get(above)) {
        (Some(below), Some(above)) => f64::midpoint(*below, *above),
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn side(requests: f64, cpu_seconds: f64) -> Side {
        let seen = Seen {
            requests,
            per_second: requests / 2.0,
            p50: Duration::from_millis(2),
            p99: Duration::from_millis(4),
        };
        Side { seen, cpu_seconds }
    }

    #[test]
    fn a_ratio_is_the_layers_over_bare() {
        let ratios = Ratios::of(&side(1000.0, 0.01), &side(500.0, 0.01));

        assert!((ratios.cpu - 2.0).abs() < 1e-9);
        assert!((ratios.per_second - 0.5).abs() < 1e-9);
        assert!((ratios.p99 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_median_is_of_the_rounds_and_not_of_their_order() {
        let rounds = [3.0, 1.0, 2.0, 10.0].map(|cpu| Ratios {
            cpu,
            p50: 1.0,
            p99: 1.0,
            per_second: 1.0,
        });

        assert!((median(&rounds, |ratios| ratios.cpu) - 2.5).abs() < 1e-9);
        assert!((median(&rounds[..3], |ratios| ratios.cpu) - 2.0).abs() < 1e-9);
    }
}
