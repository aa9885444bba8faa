use crate::counters::Count;

pub(crate) const fn counted(count: Count) {
    let _ = count.name();
}
