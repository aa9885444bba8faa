use crate::http_ext::percent_encode;

/// The [JSON pointer](https://www.rfc-editor.org/rfc/rfc6901#section-3) of a member of the document
/// itself.
pub(super) fn of_member(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A pointer as a [URI fragment](https://www.rfc-editor.org/rfc/rfc6901#section-6), with its `#`.
pub(super) fn fragment(pointer: &str) -> String {
    let mut fragment = String::from("#");
    let is_kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(&byte);
    percent_encode(pointer, is_kept, &mut fragment);
    fragment
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 6901, section 3: `~` is `~0`, and `/` is `~1`.
    #[test]
    fn the_two_marks_of_a_pointer_are_escaped_in_a_name() {
        assert_eq!(of_member("a/b~1"), "/a~1b~01");
    }

    // RFC 6901, section 6: the examples.
    #[test]
    fn a_fragment_has_no_character_that_a_fragment_cannot_have() {
        for (pointer, expected) in [
            ("", "#"),
            ("/foo/0", "#/foo/0"),
            ("/a~1b", "#/a~1b"),
            ("/c%d", "#/c%25d"),
            ("/e^f", "#/e%5Ef"),
            ("/k\"l", "#/k%22l"),
            ("/ ", "#/%20"),
            ("/m~0n", "#/m~0n"),
        ] {
            assert_eq!(fragment(pointer), expected);
        }
    }
}
