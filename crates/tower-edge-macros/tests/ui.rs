//! What compiles, and what the compiler says where something does not. `TRYBUILD=overwrite` writes the texts anew.

#[test]
fn a_mistake_is_one_sentence_at_its_place() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/*.rs");
}
