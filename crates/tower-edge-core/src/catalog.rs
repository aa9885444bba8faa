mod definition;
mod detail_definition;
mod layers;
mod macros;
mod markdown;
pub mod words;

use std::error::Error;
use std::fmt;

use http::StatusCode;

use self::definition::Scope;
pub use self::definition::{Code, Definition, DefinitionOptions, Retry};
pub use self::detail_definition::{DetailDefinition, DetailOptions, DetailType};
pub use self::layers::LAYERS;
use crate::json::Head;
use crate::{Kind, Problem, messages};

/// The error reference of one API: a table of [`Definition`]s with unique keys.
///
/// ```
/// use tower_edge_core::{Kind, Problem, catalog};
///
/// catalog! {
///     static ERRORS;
///     /// The client sends more requests than its plan allows.
///     #[api(RateLimited, message = "Slow down")]
///     const SLOW_DOWN;
/// }
///
/// assert_eq!(ERRORS.by_key("slow_down"), Some(&SLOW_DOWN));
/// // No row has this kind, so the row of its parent describes the problem.
/// assert_eq!(ERRORS.definition_of(&Problem::new(Kind::QuotaExceeded)), Some(&SLOW_DOWN));
/// ```
///
/// [`catalog!`](crate::catalog) makes one when the program is built.
#[derive(Clone, Copy, Debug)]
pub struct Catalog {
    rows: &'static [Definition],
    /// Catalogues whose rows follow.
    merged: &'static [&'static Self],
    /// The index of the row for each kind.
    by_kind: [Option<usize>; Kind::ALL.len()],
}

impl Catalog {
    /// A catalogue of these rows. The first row of each kind that is not set to `default = false` also describes problems of that kind that have no row of
    /// their own.
    ///
    /// # Errors
    ///
    /// When two rows have the same key.
    pub const fn new(rows: &'static [Definition]) -> Result<Self, CatalogError> {
        Self::with_parts(rows, &[])
    }

    /// A catalogue of all rows of these catalogues, in this order.
    ///
    /// ```
    /// use tower_edge_core::catalog;
    ///
    /// catalog! {
    ///     static SHOP;
    ///     #[api(Conflict)]
    ///     const OUT_OF_STOCK;
    /// }
    /// catalog! {
    ///     static ACCOUNTS;
    ///     #[api(NotFound)]
    ///     const NO_SUCH_ACCOUNT;
    /// }
    /// // The same as `Catalog::merge(&[&SHOP, &ACCOUNTS])?`.
    /// catalog! {
    ///     static ERRORS = [SHOP, ACCOUNTS];
    /// }
    ///
    /// assert_eq!(ERRORS.definitions().count(), 2);
    /// ```
    ///
    /// Two rows with one key do not compile:
    ///
    /// ```compile_fail,E0080
    /// # use tower_edge_core::catalog;
    /// catalog! {
    ///     static SHOP;
    ///     #[api(NotFound)]
    ///     const NO_SUCH_ITEM;
    /// }
    /// catalog! {
    ///     static WAREHOUSE;
    ///     #[api(Gone, key = "no_such_item")]
    ///     const _;
    /// }
    /// catalog! {
    ///     static ERRORS = [SHOP, WAREHOUSE];
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// When two rows have the same key.
    pub const fn merge(catalogs: &'static [&'static Self]) -> Result<Self, CatalogError> {
        Self::with_parts(&[], catalogs)
    }

    const fn with_parts(
        rows: &'static [Definition],
        merged: &'static [&'static Self],
    ) -> Result<Self, CatalogError> {
        let mut catalog = Self {
            rows,
            merged,
            by_kind: [None; Kind::ALL.len()],
        };
        let own = catalog.first_by_kind(Scope::Kind);
        let fallback = catalog.first_by_kind(Scope::Fallback);
        let mut at = 0;
        while at < Kind::ALL.len() {
            catalog.by_kind[at] = match nearest(&own, Kind::ALL[at]) {
                None => nearest(&fallback, Kind::ALL[at]),
                found => found,
            };
            at += 1;
        }
        match catalog.duplicate() {
            Some(key) => Err(CatalogError { key }),
            None => Ok(catalog),
        }
    }

    /// [`new`](Self::new) and [`merge`](Self::merge), for [`catalog!`](crate::catalog): two rows with the same key do
    /// not compile.
    #[doc(hidden)]
    #[must_use]
    #[expect(clippy::panic, reason = "it runs when the program is built")]
    pub const fn at_compile_time(catalog: Result<Self, CatalogError>) -> Self {
        match catalog {
            Ok(catalog) => catalog,
            Err(error) => {
                let message = Head::new(&["duplicate key in the catalogue: "], error.key);
                panic!("{}", message.as_str())
            }
        }
    }

    /// [`new`](Self::new) for `#[derive(ApiError)]`, which has checked that the keys are unique. If no row stands for a
    /// kind, as in most enums, it skips the search for the row of each kind. That search is most of the compile time of
    /// a catalogue.
    #[doc(hidden)]
    #[must_use]
    pub const fn of_unique(rows: &'static [Definition]) -> Self {
        let catalog = Self {
            rows,
            merged: &[],
            by_kind: [None; Kind::ALL.len()],
        };
        let mut at = 0;
        while at < rows.len() {
            if !matches!(rows[at].scope(), Scope::Own) {
                return Self::at_compile_time(Self::new(rows));
            }
            at += 1;
        }
        catalog
    }

    /// The rows, in the order of the reference.
    pub fn definitions(&self) -> impl Iterator<Item = &'static Definition> + Clone + use<> {
        let catalog = *self;
        (0..self.len()).filter_map(move |at| catalog.get(at).filter(|_| !catalog.is_hidden(at)))
    }

    /// The number of rows. Each [index](Self::index_of) is lower than this.
    #[must_use]
    #[expect(
        clippy::len_without_is_empty,
        reason = "nobody needs a catalogue without rows"
    )]
    pub const fn len(&self) -> usize {
        let mut len = self.rows.len();
        let mut part = 0;
        while part < self.merged.len() {
            len += self.merged[part].len();
            part += 1;
        }
        len
    }

    /// The row of this [index](Self::index_of).
    #[must_use]
    pub const fn get(&self, at: usize) -> Option<&'static Definition> {
        if at < self.rows.len() {
            return Some(&self.rows[at]);
        }
        let mut at = at - self.rows.len();
        let mut part = 0;
        while part < self.merged.len() {
            if at < self.merged[part].len() {
                return self.merged[part].get(at);
            }
            at -= self.merged[part].len();
            part += 1;
        }
        None
    }

    /// The row with this key.
    #[must_use]
    pub fn by_key(&self, key: &str) -> Option<&'static Definition> {
        self.definitions().find(|row| row.key() == key)
    }

    /// The row for this kind, else the row for its [parent](Kind::parent).
    #[must_use]
    pub fn by_kind(&self, kind: Kind) -> Option<&'static Definition> {
        self.get(self.row_of(kind)?)
    }

    /// The row that describes a problem: its own definition if that is in this catalogue, else the row for its kind.
    #[must_use]
    pub fn definition_of(&self, problem: &Problem) -> Option<&'static Definition> {
        self.get(self.index_of(problem)?)
    }

    /// The index of the [row of a problem](Self::definition_of), for a table beside the rows.
    #[must_use]
    pub fn index_of(&self, problem: &Problem) -> Option<usize> {
        // Most rows already differ by the key.
        let is = |row: &Definition, own: &Definition| row.key() == own.key() && row == own;
        let own = |own| (0..self.len()).find(|at| self.get(*at).is_some_and(|row| is(row, own)));
        let own = problem.definition().and_then(own);
        own.or_else(|| self.row_of(problem.kind()))
    }

    /// The status of a problem in this catalogue: its own, else that of its row, else that of its kind.
    #[must_use]
    pub fn status_of(&self, problem: &Problem) -> StatusCode {
        messages::status(problem, self.definition_of(problem))
    }

    fn row_of(&self, kind: Kind) -> Option<usize> {
        self.by_kind.get(kind as usize).copied().flatten()
    }

    /// The index of the first row of this scope, for each kind.
    const fn first_by_kind(&self, scope: Scope) -> [Option<usize>; Kind::ALL.len()] {
        let mut first = [None; Kind::ALL.len()];
        let mut at = 0;
        while let Some(row) = self.get(at) {
            let kind = row.kind() as usize;
            if first[kind].is_none() && row.scope() as usize == scope as usize {
                first[kind] = Some(at);
            }
            at += 1;
        }
        first
    }

    /// Whether the reference leaves this row out. It leaves a fallback row out if another row stands for the kind, or
    /// if a row of the API looks the same to clients. In the second case, the fallback row still describes the problems
    /// of its kind.
    const fn is_hidden(&self, at: usize) -> bool {
        let Some(row) = self.get(at) else { return true };
        let is_for_kind = match self.by_kind[row.kind() as usize] {
            Some(other) => other == at,
            None => false,
        };
        matches!(row.scope(), Scope::Fallback) && (!is_for_kind || self.is_listed(row))
    }

    /// Whether a row of the API has the key, the kind, the code and the status of this one.
    const fn is_listed(&self, fallback: &Definition) -> bool {
        let mut at = 0;
        while let Some(row) = self.get(at) {
            let is_alike = row.kind() as usize == fallback.kind() as usize
                && row.status().as_u16() == fallback.status().as_u16()
                && !matches!(row.scope(), Scope::Fallback);
            if let Code::Text(code) = row.code()
                && is_alike
                && same(code, fallback.key())
                && same(row.key(), fallback.key())
            {
                return true;
            }
            at += 1;
        }
        false
    }

    /// The first key that occurs twice.
    ///
    /// It looks for an earlier row with the same key only if an earlier one has the same hash: the compiler rejects a
    /// constant that takes many steps.
    const fn duplicate(&self) -> Option<&'static str> {
        let mut seen = [0_u64; 1024];
        let mut at = 0;
        while let Some(row) = self.get(at) {
            if !self.is_hidden(at) {
                let hash = hash(row.key());
                let (word, bit) = (hash / 64, 1 << (hash % 64));
                if seen[word] & bit != 0 && self.has_before(at, row.key()) {
                    return Some(row.key());
                }
                seen[word] |= bit;
            }
            at += 1;
        }
        None
    }

    /// Whether a row before this index has the key.
    const fn has_before(&self, end: usize, key: &str) -> bool {
        let mut at = 0;
        while at < end {
            if let Some(row) = self.get(at)
                && same(row.key(), key)
                && !self.is_hidden(at)
            {
                return true;
            }
            at += 1;
        }
        false
    }
}

/// The index for this kind, else for its parent.
const fn nearest(by_kind: &[Option<usize>; Kind::ALL.len()], kind: Kind) -> Option<usize> {
    match (by_kind[kind as usize], kind.parent()) {
        (None, Some(parent)) => nearest(by_kind, parent),
        (found, _) => found,
    }
}

/// [FNV-1a](https://datatracker.ietf.org/doc/html/rfc9923#section-2), folded to 16 bits.
const fn hash(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut hash: u32 = 0x811c_9dc5;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    ((hash >> 16) ^ (hash & 0xffff)) as usize
}

/// Two rows of a [`Catalog`] have the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CatalogError {
    key: &'static str,
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "duplicate key {:?}: expected another key for each row",
            self.key
        )
    }
}

impl Error for CatalogError {}

/// `str` equality, which is not yet const. It compares from the end, as keys differ there first: the compiler rejects a
/// constant that takes many steps.
const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let mut at = left.len();
    if at != right.len() {
        return false;
    }
    while at > 0 {
        at -= 1;
        if left[at] != right[at] {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests;
