//! Wrong programs, and what the compiler says of them.

#[test]
fn wrong_programs_do_not_compile() {
    trybuild::TestCases::new().compile_fail("compile-fail/*.rs");
}
