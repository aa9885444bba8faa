//! The attributes of a type, of its variants and of their fields.

mod container;
mod field;
mod input;
mod message;
mod row;
mod variant;
mod word;

pub(crate) use self::container::Container;
pub(crate) use self::field::{Detail, Field};
pub(crate) use self::input::Input;
pub(crate) use self::message::{Message, Template};
pub(crate) use self::row::Row;
pub(crate) use self::variant::Variant;
pub(crate) use self::word::{Text, Value, Word};
