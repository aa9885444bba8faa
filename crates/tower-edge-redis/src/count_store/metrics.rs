use crate::counters::Count;

pub(crate) fn counted(count: Count) {
    metrics::counter!(count.name()).increment(1);
}
