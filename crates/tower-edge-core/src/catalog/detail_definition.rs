use crate::Visibility;

/// A detail that an error may have: its name and its type, for the reference and for clients' types.
///
/// ```
/// use tower_edge_core::{Definition, DetailDefinition, DetailType, Kind, Visibility};
///
/// const OUT_OF_STOCK: Definition = Definition::new("out_of_stock", Kind::Conflict).with_details(&[
///     DetailDefinition::new("left", DetailType::Integer),
///     DetailDefinition::new("warehouses", DetailType::Array(&DetailType::String)).optional(),
///     DetailDefinition::new("shard", DetailType::Integer).with_visibility(Visibility::Development),
/// ]);
///
/// assert_eq!(OUT_OF_STOCK.details()[0].name(), "left");
/// assert_eq!(OUT_OF_STOCK.visibility("shard"), Visibility::Development);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DetailDefinition {
    #[doc(hidden)]
    pub name: &'static str,
    #[doc(hidden)]
    pub detail_type: DetailType,
    #[doc(hidden)]
    pub options: DetailOptions,
}

/// Settings that most details leave at their defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DetailOptions {
    description: &'static str,
    is_optional: bool,
    visibility: Visibility,
}

impl DetailOptions {
    /// The defaults: a public detail that each problem of the row has.
    pub const PUBLIC: Self = Self {
        description: "",
        is_optional: false,
        visibility: Visibility::Public,
    };
}

impl DetailDefinition {
    /// A public detail that each problem of the row has.
    #[must_use]
    pub const fn new(name: &'static str, detail_type: DetailType) -> Self {
        Self {
            name,
            detail_type,
            options: DetailOptions::PUBLIC,
        }
    }

    /// Marks the detail as optional: a problem of the row may lack it, or have it as `null`.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.options.is_optional = true;
        self
    }

    /// Sets a description, in a sentence.
    #[must_use]
    pub const fn with_description(mut self, description: &'static str) -> Self {
        self.options.description = description;
        self
    }

    /// Sets who may see the detail. The default is every client.
    #[must_use]
    pub const fn with_visibility(mut self, visibility: Visibility) -> Self {
        self.options.visibility = visibility;
        self
    }

    /// The description in a sentence. It may be empty.
    #[must_use]
    pub const fn description(&self) -> &'static str {
        self.options.description
    }

    /// The type of the value in JSON.
    #[must_use]
    pub const fn detail_type(&self) -> DetailType {
        self.detail_type
    }

    /// Whether a problem of the row may lack the detail, or have it as `null`.
    #[must_use]
    pub const fn is_optional(&self) -> bool {
        self.options.is_optional
    }

    /// The name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Who may see the detail.
    #[must_use]
    pub const fn visibility(&self) -> Visibility {
        self.options.visibility
    }
}

/// The type of a detail in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DetailType {
    /// A value of any type.
    Any,
    /// A list.
    Array(&'static DetailType),
    /// `true` or `false`.
    Boolean,
    /// A time as text, by [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339#section-5.6).
    DateTime,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// An object with any members.
    Object,
    /// Text.
    String,
}
