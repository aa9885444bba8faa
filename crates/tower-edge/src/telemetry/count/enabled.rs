use std::fmt;
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::OnceLock;
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder, Unit};

use super::{Labeled, OTHER};

/// A metric of the [table](crate::metrics).
pub(crate) trait Metric {
    type Handle: Handle;

    const DESCRIPTION: &'static str;
    const LABELS: &'static [&'static str];
    const NAME: &'static str;
    const UNIT: Unit;
}

/// A handle from the recorder.
pub(crate) trait Handle: Sized {
    #[cfg(test)]
    const KIND: &'static str;

    fn describe<M: Metric>(recorder: &dyn Recorder);

    fn register(recorder: &dyn Recorder, key: &Key) -> Self;
}

/// The series of one metric that a layer has. A clone has no handles yet, and gets its own for the same series.
pub(crate) struct Series<M: Metric> {
    known: Labeled<M::Handle>,
    /// The series of all labels for which there is no room.
    other: OnceLock<M::Handle>,
    metric: PhantomData<fn() -> M>,
}

impl<M: Metric> Series<M> {
    pub(crate) const fn new() -> Self {
        Self {
            known: Labeled::new(),
            other: OnceLock::new(),
            metric: PhantomData,
        }
    }

    /// The handle of the series with these values of the labels, in the order of the table.
    fn handle(&self, values: &[&str]) -> &M::Handle {
        let known = self
            .known
            .get_or_insert_with(values, || register::<M>(values));
        known.unwrap_or_else(|| {
            let values = vec![OTHER; values.len()];
            self.other.get_or_init(|| register::<M>(&values))
        })
    }
}

#[cfg(any(
    feature = "client",
    feature = "correlation-id",
    feature = "envelope",
    feature = "rate-limit",
    feature = "timeout",
    feature = "version-gate"
))]
impl<M: Metric<Handle = Counter>> Series<M> {
    #[inline]
    pub(crate) fn increment(&self, values: &[&str]) {
        self.handle(values).increment(1);
    }
}

impl<M: Metric<Handle = Gauge>> Series<M> {
    pub(crate) fn add(&self, change: f64) {
        self.handle(&[]).increment(change);
    }
}

impl<M: Metric<Handle = Histogram>> Series<M> {
    #[inline]
    pub(crate) fn record(&self, values: &[&str], time: Duration) {
        self.handle(values).record(time);
    }
}

/// Registers a series, and describes its metric. It happens a few times for each metric.
#[cold]
fn register<M: Metric>(values: &[&str]) -> M::Handle {
    debug_assert_eq!(M::LABELS.len(), values.len(), "labels of {}", M::NAME);
    let labels = M::LABELS.iter().zip(values);
    let labels = labels.map(|(label, value)| Label::new(*label, (*value).to_owned()));
    let key = Key::from_parts(M::NAME, labels.collect::<Vec<_>>());
    metrics::with_recorder(|recorder| {
        M::Handle::describe::<M>(recorder);
        M::Handle::register(recorder, &key)
    })
}

macro_rules! impl_handle {
    ($handle:ident, $kind:literal, $describe:ident, $register:ident) => {
        impl Handle for $handle {
            #[cfg(test)]
            const KIND: &'static str = $kind;

            fn describe<M: Metric>(recorder: &dyn Recorder) {
                recorder.$describe(M::NAME.into(), Some(M::UNIT), M::DESCRIPTION.into());
            }

            fn register(recorder: &dyn Recorder, key: &Key) -> Self {
                recorder.$register(key, &METADATA)
            }
        }
    };
}

impl_handle!(Counter, "counter", describe_counter, register_counter);
impl_handle!(Gauge, "gauge", describe_gauge, register_gauge);
impl_handle!(
    Histogram,
    "histogram",
    describe_histogram,
    register_histogram
);

impl<M: Metric> Clone for Series<M> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<M: Metric> Default for Series<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M: Metric> fmt::Debug for Series<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(M::NAME)
    }
}

// A recorder's handle may be neither. Without this, a feature would remove traits of a layer.
impl<M: Metric> UnwindSafe for Series<M> {}
impl<M: Metric> RefUnwindSafe for Series<M> {}

const METADATA: Metadata<'_> = Metadata::new("tower_edge", Level::INFO, Some("tower_edge"));
