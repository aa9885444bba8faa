use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use tower_edge_core::http_ext::fnv_1a;

/// A map from the values of labels that only grows, up to a limit. Looking up an existing entry takes no lock.
#[derive(Debug)]
pub(crate) struct Labeled<T> {
    buckets: OnceLock<Box<[Entry<T>; BUCKETS]>>,
    len: AtomicUsize,
}

type Entry<T> = OnceLock<Box<Node<T>>>;

#[derive(Debug)]
struct Node<T> {
    labels: Box<[Box<str>]>,
    next: Entry<T>,
    value: T,
}

impl<T> Labeled<T> {
    pub(crate) const fn new() -> Self {
        Self {
            buckets: OnceLock::new(),
            len: AtomicUsize::new(0),
        }
    }

    /// The value for these labels, made if there is none. `None` if there is no room for another one.
    pub(crate) fn get_or_insert_with(&self, labels: &[&str], make: impl Fn() -> T) -> Option<&T> {
        let buckets = self.buckets.get_or_init(empty);
        let mut entry = &buckets[bucket(labels)];
        loop {
            let node = match entry.get() {
                Some(node) => node,
                None if self.len.load(Ordering::Relaxed) >= MAX_SERIES => return None,
                // Another thread may have inserted other labels first.
                None => entry.get_or_init(|| {
                    self.len.fetch_add(1, Ordering::Relaxed);
                    Box::new(Node {
                        labels: labels.iter().map(|label| (*label).into()).collect(),
                        next: OnceLock::new(),
                        value: make(),
                    })
                }),
            };
            if node
                .labels
                .iter()
                .map(|label| &**label)
                .eq(labels.iter().copied())
            {
                return Some(&node.value);
            }
            entry = &node.next;
        }
    }
}

fn empty<T>() -> Box<[Entry<T>; BUCKETS]> {
    Box::new([const { OnceLock::new() }; BUCKETS])
}

fn bucket(labels: &[&str]) -> usize {
    let hashes = labels.iter().map(|label| fnv_1a(label.as_bytes()));
    let hash = hashes.fold(0, |sum: u64, hash| sum.rotate_left(5) ^ hash);
    // Folded, since the low bits of FNV are no better than the high ones.
    usize::try_from((hash ^ hash >> 32) % BUCKETS as u64).unwrap_or(0)
}

const BUCKETS: usize = 64;
/// The most series of one metric that a layer has, without the one for all others.
const MAX_SERIES: usize = 1000;
/// The value of labels for which there is no room.
pub(crate) const OTHER: &str = "other";
