use std::fmt;
use std::sync::Arc;

use tower_edge_core::{Catalog, Definition, Format, Kind, LAYERS};

/// The error reference of one API, in each of its formats. It has the rows of the API's catalogue, and the rows of the
/// [layers](LAYERS) for all other kinds.
///
/// ```
/// use tower_edge::problem::catalog;
/// use tower_edge::reference::Reference;
/// use tower_edge_formats::PlexMcp;
///
/// catalog! {
///     /// The errors of the shop.
///     static ERRORS;
///     #[api(Conflict, message = "Not so many left")]
///     const OUT_OF_STOCK;
/// }
///
/// let reference = Reference::new("Shop API", &ERRORS).with_format(PlexMcp);
///
/// assert!(reference.to_markdown().starts_with("# Shop API"));
/// ```
#[derive(Clone, Debug)]
pub struct Reference {
    pub(super) title: String,
    pub(super) catalog: &'static Catalog,
    pub(super) formats: Vec<NamedFormat>,
}

/// A format, and its name in the reference.
#[derive(Clone)]
pub(super) struct NamedFormat {
    pub(super) name: String,
    pub(super) format: Arc<dyn Format>,
}

impl Reference {
    /// A reference with this title, without a format.
    #[must_use]
    pub fn new(title: impl Into<String>, catalog: &'static Catalog) -> Self {
        Self {
            title: title.into(),
            catalog,
            formats: Vec::new(),
        }
    }

    /// Adds a format under [its own name](Format::name).
    #[must_use]
    pub fn with_format(self, format: impl Format + 'static) -> Self {
        let name = format.name();
        self.with_named_format(name, format)
    }

    /// Adds a format under this name, such as `v1`, if several formats have the same name of their own. It replaces a
    /// format with the same name.
    #[must_use]
    pub fn with_named_format(
        mut self,
        name: impl Into<String>,
        format: impl Format + 'static,
    ) -> Self {
        let name = name.into();
        let format: Arc<dyn Format> = Arc::new(format);
        match self.formats.iter_mut().find(|known| known.name == name) {
            Some(known) => known.format = format,
            None => self.formats.push(NamedFormat { name, format }),
        }
        self
    }

    /// The reference as [a page of Markdown](Catalog::to_markdown).
    #[must_use]
    pub fn to_markdown(&self) -> String {
        Catalog::markdown_of(&self.title, self.rows())
    }

    /// The row that describes the problems of this kind that have no definition.
    pub(super) fn by_kind(&self, kind: Kind) -> Option<&'static Definition> {
        let own = self.catalog.by_kind(kind);
        own.or_else(|| LAYERS.by_kind(kind))
    }

    /// The rows of the catalogue, then those of the [layers](LAYERS) for all other kinds.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &'static Definition> + Clone + use<> {
        let catalog = self.catalog;
        let is_missing = move |row: &&Definition| {
            catalog.by_kind(row.kind()).is_none() && catalog.by_key(row.key()).is_none()
        };
        catalog
            .definitions()
            .chain(LAYERS.definitions().filter(is_missing))
    }
}

impl fmt::Debug for NamedFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
