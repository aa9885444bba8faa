use syn::{LitStr, Path, parse_quote};

use super::row;
use super::word::Word;
use crate::case::Case;
use crate::derive_list;
use crate::errors::{Errors, unknown};
use crate::kinds::KINDS;

/// The attributes of the type.
pub(crate) struct Container {
    /// The path of tower-edge.
    pub(crate) krate: Path,
    pub(crate) case: Case,
    /// Whether thiserror writes `Display`, `Error` and `From`.
    pub(crate) has_thiserror: bool,
}

impl Container {
    /// The words on the type. On a struct they stand beside those of its row.
    pub(crate) fn new(words: &[Word], is_struct: bool, errors: &mut Errors) -> Self {
        let mut container = Self {
            krate: parse_quote!(::tower_edge),
            case: Case::Snake,
            has_thiserror: false,
        };
        for word in words {
            match word.text.as_str() {
                "crate" => {
                    let path = word.literal(errors).map(LitStr::parse);
                    if let Some(path) = path.and_then(|path| errors.take(path)) {
                        container.krate = path;
                    }
                }
                "rename_all" => {
                    let Some(text) = word.text(errors) else {
                        continue;
                    };
                    let name = &text.value;
                    if let Some(case) = Case::named(name) {
                        container.case = case;
                    } else {
                        errors.push(text.span, unknown("case ", name, &Case::NAMES));
                    }
                }
                "thiserror" => container.has_thiserror = word.flag(errors).is_some(),
                _ if is_struct => {}
                name if row::WORDS.contains(&name) || KINDS.contains(&name) => {
                    errors.push(word.span(), format_args!("`{name}` stands on a variant"));
                }
                name => errors.push(word.span(), unknown("", name, &WORDS)),
            }
        }
        // This reads the source file, which costs a little, so it comes last.
        container.has_thiserror = container.has_thiserror || derive_list::has_thiserror();
        container
    }
}

pub(super) const WORDS: [&str; 3] = ["crate", "rename_all", "thiserror"];
