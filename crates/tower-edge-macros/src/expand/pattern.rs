use std::fmt::Write;

use crate::attributes::{Field, Input, Variant};

/// A pattern of the variant, which binds these of its fields.
pub(super) fn pattern<'a>(
    input: &Input,
    variant: &Variant,
    bound: impl Iterator<Item = &'a Field>,
) -> String {
    let mut pattern = path(input, variant);
    pattern.push_str(" { ");
    let mut count = 0;
    for field in bound {
        // Writing to a `String` does not fail.
        let _ = write!(pattern, "{}: {}, ", field.member_text, field.binding_text());
        count += 1;
    }
    if count < variant.fields.len() {
        pattern.push_str("..");
    }
    pattern.push('}');
    pattern
}

pub(super) fn path(input: &Input, variant: &Variant) -> String {
    if input.is_struct {
        input.name.to_string()
    } else {
        format!("{}::{}", input.name, variant.name)
    }
}
