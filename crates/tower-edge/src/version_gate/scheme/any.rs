use std::fmt;
use std::sync::Arc;

use super::Scheme;

/// A scheme, whatever its type.
pub(in super::super) struct AnyScheme<V> {
    parse: Arc<Parse<V>>,
    rank: Arc<Rank<V>>,
}

type Parse<V> = dyn Fn(&str) -> Option<V> + Send + Sync;
type Rank<V> = dyn Fn(&V) -> Option<V> + Send + Sync;

impl<V> AnyScheme<V> {
    pub(in super::super) fn new(scheme: impl Scheme<Version = V> + Send + Sync + 'static) -> Self {
        let scheme = Arc::new(scheme);
        let same = scheme.clone();
        Self {
            parse: Arc::new(move |text| scheme.parse(text)),
            rank: Arc::new(move |version| same.rank(version)),
        }
    }

    pub(in super::super) fn parse(&self, text: &str) -> Option<V> {
        (self.parse)(text)
    }

    pub(in super::super) fn rank(&self, version: &V) -> Option<V> {
        (self.rank)(version)
    }
}

impl<V> Clone for AnyScheme<V> {
    fn clone(&self) -> Self {
        Self {
            parse: self.parse.clone(),
            rank: self.rank.clone(),
        }
    }
}

impl<V> fmt::Debug for AnyScheme<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyScheme(..)")
    }
}
