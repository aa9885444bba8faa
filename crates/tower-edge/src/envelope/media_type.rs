//! Media types, as bytes of a field's value.

/// The type and subtype, without parameters.
pub(super) fn essence(value: &[u8]) -> &[u8] {
    value
        .split(|byte| *byte == b';')
        .next()
        .unwrap_or_default()
        .trim_ascii()
}
