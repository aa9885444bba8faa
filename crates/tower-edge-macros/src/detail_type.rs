use std::fmt;

use syn::spanned::Spanned;
use syn::{GenericArgument, PathArguments, PathSegment, Type, TypeParamBound};

use crate::attributes::{Value, Word};
use crate::errors::{Errors, one_of, unknown};

/// The type of a detail in JSON: a variant of core's `DetailType`, within this many arrays.
#[derive(Clone, Copy)]
pub(crate) struct DetailType {
    variant: &'static str,
    arrays: usize,
}

impl DetailType {
    pub(crate) const ANY: Self = Self::new("Any");
    pub(crate) const STRING: Self = Self::new("String");

    const fn new(variant: &'static str) -> Self {
        Self { variant, arrays: 0 }
    }

    const fn array(self) -> Self {
        Self {
            arrays: self.arrays + 1,
            ..self
        }
    }

    /// The type in `type = array(string)`.
    pub(crate) fn named(word: &Word, errors: &mut Errors) -> Option<Self> {
        let Value::Word(word) = &word.value else {
            let names: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
            errors.push(word.span(), format_args!("`type` takes {}", one_of(&names)));
            return None;
        };
        Self::of_word(word, errors)
    }

    fn of_word(word: &Word, errors: &mut Errors) -> Option<Self> {
        let name = word.text.as_str();
        match &word.value {
            Value::List(words) if name == "array" => match words.as_slice() {
                [inner] => return Some(Self::of_word(inner, errors)?.array()),
                _ => errors.push(word.span(), "an array has one type: `array(string)`"),
            },
            Value::Flag => match NAMES.iter().find(|(known, _)| *known == name) {
                Some((_, "")) => errors.push(word.span(), "an array has one type: `array(string)`"),
                Some((_, variant)) => return Some(Self::new(variant)),
                None => {
                    let names: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
                    errors.push(word.span(), unknown("type ", name, &names));
                }
            },
            _ => errors.push(word.span(), format_args!("`{name}` takes no value")),
        }
        None
    }

    /// The JSON type that serde writes for a Rust type, by the name of that type.
    pub(crate) fn of(ty: &Type) -> syn::Result<Self> {
        match ty {
            Type::Array(array) => return Ok(Self::of(&array.elem)?.array()),
            Type::Group(group) => return Self::of(&group.elem),
            Type::Paren(paren) => return Self::of(&paren.elem),
            Type::Reference(reference) => return Self::of(&reference.elem),
            Type::Slice(slice) => return Ok(Self::of(&slice.elem)?.array()),
            _ => {}
        }
        let Some(last) = last_segment(ty) else {
            return Err(unknown_type(ty));
        };
        let name = last.ident.to_string();
        if let Some((_, variant)) = BY_NAME
            .iter()
            .find(|(names, _)| names.contains(&name.as_str()))
        {
            return Ok(Self::new(variant));
        }
        let inner = || first_argument(last).ok_or_else(|| unknown_type(ty));
        match name.as_str() {
            "Arc" | "Box" | "Cow" | "Option" | "Rc" => Self::of(inner()?),
            "BTreeSet" | "HashSet" | "IndexSet" | "Vec" | "VecDeque" => {
                Ok(Self::of(inner()?)?.array())
            }
            _ if name.starts_with("NonZero") => Ok(Self::new("Integer")),
            _ => Err(unknown_type(ty)),
        }
    }

    /// Whether it is a type of Rust's own that serde writes.
    pub(crate) fn is_primitive(ty: &Type) -> bool {
        let name = match ty {
            Type::Path(path) => path.path.get_ident(),
            _ => None,
        };
        name.is_some_and(|name| PRIMITIVES.iter().any(|known| name == known))
    }

    /// Whether it is a `Box<dyn Error>` without `Send + Sync`.
    pub(crate) fn is_box_of_one_thread(ty: &Type) -> bool {
        let last = last_segment(ty).filter(|last| last.ident == "Box");
        let Some(Type::TraitObject(object)) = last.and_then(first_argument) else {
            return false;
        };
        let has = |name: &str| {
            object.bounds.iter().any(|bound| match bound {
                TypeParamBound::Trait(bound) => {
                    let last = bound.path.segments.last();
                    last.is_some_and(|last| last.ident == name)
                }
                _ => false,
            })
        };
        has("Error") && !(has("Send") && has("Sync"))
    }

    /// The type in an `Option`, and whether there was an `Option`.
    pub(crate) fn without_option(ty: &Type) -> (&Type, bool) {
        let last = last_segment(ty).filter(|last| last.ident == "Option");
        match last.and_then(first_argument) {
            Some(inner) => (inner, true),
            None => (ty, false),
        }
    }
}

/// As code.
impl fmt::Display for DetailType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for _ in 0..self.arrays {
            f.write_str("__edge::DetailType::Array(&")?;
        }
        write!(f, "__edge::DetailType::{}", self.variant)?;
        (0..self.arrays).try_for_each(|_| f.write_str(")"))
    }
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        _ => None,
    }
}

/// The first type in angle brackets.
fn first_argument(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

fn unknown_type(ty: &Type) -> syn::Error {
    let message = "this type does not say what it is in JSON: name that, as in `#[api(detail(type = object))]`";
    syn::Error::new(ty.span(), message)
}

/// The words of `type`, which are those of `catalog!`.
const NAMES: [(&str, &str); 8] = [
    ("any", "Any"),
    ("array", ""),
    ("boolean", "Boolean"),
    ("date_time", "DateTime"),
    ("integer", "Integer"),
    ("number", "Number"),
    ("object", "Object"),
    ("string", "String"),
];

/// The list is short, since each comparison of an identifier costs.
const PRIMITIVES: [&str; 7] = ["String", "bool", "f64", "i64", "u32", "u64", "usize"];

/// The JSON types of these Rust types. `OffsetDateTime` of time is not among them: it does not serialize to RFC 3339.
const BY_NAME: [(&[&str], &str); 6] = [
    (
        &[
            "IpAddr",
            "Ipv4Addr",
            "Ipv6Addr",
            "Path",
            "PathBuf",
            "SocketAddr",
            "SocketAddrV4",
            "SocketAddrV6",
            "String",
            "Url",
            "Uuid",
            "char",
            "str",
        ],
        "String",
    ),
    (
        &[
            "i128", "i16", "i32", "i64", "i8", "isize", "u128", "u16", "u32", "u64", "u8", "usize",
        ],
        "Integer",
    ),
    (&["f32", "f64"], "Number"),
    (&["bool"], "Boolean"),
    (&["BTreeMap", "HashMap", "IndexMap"], "Object"),
    (&["DateTime", "Timestamp"], "DateTime"),
];
