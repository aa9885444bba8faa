mod definition;
mod markdown;

use std::error::Error;
use std::fmt;

use http::StatusCode;

pub use self::definition::{Code, Definition, Retry};
use crate::json::Head;
use crate::{Kind, Problem, messages};

/// Defines the error reference of an API: a constant for each row, and a static [`Catalog`] of all rows in this order.
///
/// ```
/// use tower_edge_core::{Definition, Kind, Problem, catalog};
///
/// catalog! {
///     /// The errors of the media API.
///     pub static ERRORS;
///
///     /// No such title.
///     pub const MEDIA_MISSING = Definition::new("media_missing", Kind::NotFound).with_message("No such title");
///     // Only a layer rejects with it, so it needs no name.
///     const _ = Definition::new("slow_down", Kind::RateLimited).with_message("Slow down");
/// }
///
/// let problem = Problem::from(&MEDIA_MISSING).with_detail("id", 7);
///
/// assert_eq!(ERRORS.definition_of(&problem), Some(&MEDIA_MISSING));
/// assert_eq!(ERRORS.by_kind(Kind::RateLimited).map(Definition::key), Some("slow_down"));
/// ```
///
/// Two rows with one key do not compile:
///
/// ```compile_fail,E0080
/// use tower_edge_core::{Definition, Kind, catalog};
///
/// catalog! {
///     static ERRORS;
///     const _ = Definition::new("media_missing", Kind::NotFound);
///     const _ = Definition::new("media_missing", Kind::Gone);
/// }
/// ```
#[macro_export]
macro_rules! catalog {
    (@row _ $row:expr) => { $row };
    (@row $name:ident $row:expr) => { $name };
    (
        $(#[$doc:meta])* $visibility:vis static $catalog:ident;
        $($(#[$row_doc:meta])* $row_visibility:vis const $name:tt = $row:expr;)*
    ) => {
        $($(#[$row_doc])* $row_visibility const $name: $crate::Definition = $row;)*

        $(#[$doc])* $visibility static $catalog: $crate::Catalog = {
            const ROWS: &[$crate::Definition] = &[$($crate::catalog!(@row $name $row)),*];
            $crate::Catalog::from_rows(ROWS)
        };
    };
}

/// The error reference of one API: a table of [`Definition`]s with unique keys. [`catalog!`](crate::catalog) makes one
/// when the program is built.
///
/// ```
/// use tower_edge_core::{Catalog, Definition, Kind, Problem};
///
/// static ROWS: [Definition; 2] = [
///     Definition::new("rate_limited", Kind::RateLimited).with_message("Too many requests"),
///     Definition::new("not_found", Kind::NotFound),
/// ];
/// let catalog = Catalog::new(&ROWS)?;
///
/// // No row has this kind, so the row of its parent describes the problem.
/// let row = catalog.definition_of(&Problem::new(Kind::QuotaExceeded));
/// assert_eq!(row.map(Definition::key), Some("rate_limited"));
/// # Ok::<(), tower_edge_core::CatalogError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Catalog {
    definitions: &'static [Definition],
    /// The index of the row for each kind.
    rows: [Option<usize>; Kind::ALL.len()],
}

impl Catalog {
    /// A catalogue of these rows. Among rows of one kind, the first is the row for the kind.
    ///
    /// # Errors
    ///
    /// When two rows have the same key.
    pub const fn new(definitions: &'static [Definition]) -> Result<Self, CatalogError> {
        let mut later = 0;
        while later < definitions.len() {
            let mut earlier = 0;
            while earlier < later {
                if same(definitions[earlier].key(), definitions[later].key()) {
                    return Err(CatalogError {
                        key: definitions[later].key(),
                    });
                }
                earlier += 1;
            }
            later += 1;
        }
        let mut rows = [None; Kind::ALL.len()];
        let mut at = 0;
        while at < rows.len() {
            rows[at] = row_index(definitions, Kind::ALL[at]);
            at += 1;
        }
        Ok(Self { definitions, rows })
    }

    /// [`new`](Self::new), for [`catalog!`](crate::catalog): a key that occurs twice does not compile.
    #[doc(hidden)]
    #[must_use]
    #[expect(clippy::panic, reason = "it runs when the program is built")]
    pub const fn from_rows(definitions: &'static [Definition]) -> Self {
        match Self::new(definitions) {
            Ok(catalog) => catalog,
            Err(error) => {
                let message = Head::new(&["two rows have the key "], error.key);
                panic!("{}", message.as_str())
            }
        }
    }

    /// The rows, in the order of the reference.
    #[must_use]
    pub const fn definitions(&self) -> &'static [Definition] {
        self.definitions
    }

    /// The row with this key.
    #[must_use]
    pub fn by_key(&self, key: &str) -> Option<&'static Definition> {
        self.definitions
            .iter()
            .find(|definition| definition.key() == key)
    }

    /// The row for this kind, else that for its [parent](Kind::parent).
    #[must_use]
    pub fn by_kind(&self, kind: Kind) -> Option<&'static Definition> {
        self.definitions.get(self.row_of(kind)?)
    }

    /// The row that describes a problem: its own definition if that is in this catalogue, else the row for its kind.
    #[must_use]
    pub fn definition_of(&self, problem: &Problem) -> Option<&'static Definition> {
        self.definitions.get(self.index_of(problem)?)
    }

    /// The index of [that row](Self::definition_of), for a table beside the rows.
    #[must_use]
    pub fn index_of(&self, problem: &Problem) -> Option<usize> {
        problem
            .definition()
            .and_then(|own| self.definitions.iter().position(|row| row == own))
            .or_else(|| self.row_of(problem.kind()))
    }

    /// The status of a problem in this catalogue: its own, else that of its row, else that of its kind.
    #[must_use]
    pub fn status_of(&self, problem: &Problem) -> StatusCode {
        messages::status(problem, self.definition_of(problem))
    }

    fn row_of(&self, kind: Kind) -> Option<usize> {
        self.rows.get(kind as usize).copied().flatten()
    }
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
            "the key {:?} occurs twice in the catalogue; keys have to be unique",
            self.key
        )
    }
}

impl Error for CatalogError {}

/// The index of the first row for this kind, else for its parent.
const fn row_index(definitions: &[Definition], kind: Kind) -> Option<usize> {
    let mut at = 0;
    while at < definitions.len() {
        if definitions[at].kind() as usize == kind as usize {
            return Some(at);
        }
        at += 1;
    }
    match kind.parent() {
        Some(parent) => row_index(definitions, parent),
        None => None,
    }
}

/// `str` equality, which is not yet const.
const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    static ROWS: [Definition; 3] = [
        Definition::new("UNAUTHORIZED", Kind::Unauthenticated),
        Definition::new("NO_CREDENTIALS", Kind::Unauthenticated),
        Definition::new("NOT_FOUND", Kind::NotFound),
    ];
    static FOREIGN: Definition = Definition::new("NOT_FOUND", Kind::Conflict);

    #[test]
    fn refuses_a_key_that_occurs_twice() {
        static TWICE: [Definition; 2] = [
            Definition::new("A", Kind::NotFound),
            Definition::new("A", Kind::Internal),
        ];

        let error = Catalog::new(&TWICE).map(|_| ()).unwrap_err();

        assert_eq!(
            error.to_string(),
            "the key \"A\" occurs twice in the catalogue; keys have to be unique"
        );
    }

    #[test]
    fn a_problem_with_a_definition_keeps_its_row() {
        let catalog = Catalog::new(&ROWS).unwrap();

        let row = catalog.definition_of(&Problem::from(&ROWS[1]));

        assert_eq!(row.map(Definition::key), Some("NO_CREDENTIALS"));
    }

    #[test]
    fn a_definition_of_another_catalogue_is_found_by_kind() {
        let catalog = Catalog::new(&ROWS).unwrap();

        assert_eq!(catalog.definition_of(&Problem::from(&FOREIGN)), None);
    }

    #[test]
    fn the_first_row_of_a_kind_stands_for_it() {
        let catalog = Catalog::new(&ROWS).unwrap();

        assert_eq!(
            catalog.by_kind(Kind::Unauthenticated).map(Definition::key),
            Some("UNAUTHORIZED")
        );
        assert_eq!(
            catalog.by_kind(Kind::RouteNotFound).map(Definition::key),
            Some("NOT_FOUND")
        );
        assert_eq!(catalog.by_kind(Kind::Internal), None);
    }
}
