//! Whether memory grows.

/// The memory that a process has, over the seconds since it was started.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    samples: Vec<Sample>,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    seconds: f64,
    kib: f64,
}

impl Memory {
    pub(crate) fn add(&mut self, seconds: f64, kib: f64) {
        self.samples.push(Sample { seconds, kib });
    }

    /// The first and the last sample, in MiB.
    pub(crate) fn ends(&self) -> Option<(f64, f64)> {
        let (first, last) = (self.samples.first()?, self.samples.last()?);
        Some((first.kib / 1024.0, last.kib / 1024.0))
    }

    /// The most that it has been, in MiB.
    pub(crate) fn peak(&self) -> f64 {
        let all = self.samples.iter().map(|sample| sample.kib / 1024.0);
        all.fold(0.0, f64::max)
    }

    /// How many MiB it gains by its slope over the samples; `None` with fewer than two.
    ///
    /// The slope is the median of those between any two samples
    /// ([Theil and Sen](https://en.wikipedia.org/wiki/Theil%E2%80%93Sen_estimator)), which a leak raises, and a step, a
    /// peak, or memory that is given back does not.
    pub(crate) fn growth(&self) -> Option<f64> {
        let (first, last) = (self.samples.first()?, self.samples.last()?);
        let pairs = self.samples.iter().enumerate().flat_map(|(at, one)| {
            let later = self.samples.iter().skip(at + 1);
            later.map(move |other| (other.kib - one.kib) / (other.seconds - one.seconds))
        });
        let mut slopes: Vec<f64> = pairs.filter(|slope| slope.is_finite()).collect();
        slopes.sort_unstable_by(f64::total_cmp);
        let slope = slopes.get(slopes.len() / 2)?;
        Some(slope * (last.seconds - first.seconds) / 1024.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(kib: impl IntoIterator<Item = f64>) -> Memory {
        let mut memory = Memory::default();
        let mut seconds = 0.0;
        for kib in kib {
            memory.add(seconds, kib);
            seconds += 0.5;
        }
        memory
    }

    #[test]
    fn a_leak_grows_by_what_it_leaks() {
        let leak = memory((0..=100).map(|number| 20_000.0 + 102.4 * f64::from(number)));

        let growth = leak.growth().unwrap();

        assert!((growth - 10.0).abs() < 1e-6, "{growth}");
    }

    #[test]
    fn a_leak_shows_through_noise() {
        let noise = [0.0, 900.0, -300.0, 40.0, -700.0];
        let leak = (0..=100_u8).map(|number| {
            20_000.0 + 102.4 * f64::from(number) + noise[usize::from(number) % noise.len()]
        });

        let growth = memory(leak).growth().unwrap();

        assert!((growth - 10.0).abs() < 0.5, "{growth}");
    }

    #[test]
    fn a_step_and_a_peak_are_no_growth() {
        let step = memory((0..100).map(|number| if number < 20 { 20_000.0 } else { 30_000.0 }));
        let peak = memory((0..100).map(|number| if number == 50 { 90_000.0 } else { 20_000.0 }));

        assert!(step.growth().unwrap().abs() < 1e-6);
        assert!(peak.growth().unwrap().abs() < 1e-6);
    }

    #[test]
    fn one_sample_has_no_slope() {
        assert_eq!(memory([1.0]).growth(), None);
        assert_eq!(memory([]).growth(), None);
    }
}
