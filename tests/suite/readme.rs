//! The README stays true.

use std::path::Path;
use std::process::Command;

/// The blocks of text between ```` ```text ```` and ```` ``` ````, in order.
fn text_blocks(markdown: &str) -> Vec<&str> {
    markdown.split("```text\n").skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

#[test]
fn its_output_of_the_quickstart_and_its_compile_error_are_the_real_ones() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let blocks = text_blocks(&readme);

    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "peristyle", "--example", "quickstart"])
        .current_dir(&root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let output = String::from_utf8(output.stdout).unwrap();
    // An ellipsis stands for what the README leaves out.
    for part in blocks[0].split("\n…\n") {
        assert!(output.contains(part.trim()), "the quickstart does not print:\n{part}\nbut:\n{output}");
    }

    let error = root.join("tests/compile-fail/comparing_with_none_is_refused.stderr");
    let error = std::fs::read_to_string(error).unwrap();
    assert!(error.starts_with(blocks[2]), "the compiler does not say:\n{}\nbut:\n{error}", blocks[2]);
}

#[test]
fn its_output_of_the_example_with_several_stores_is_the_real_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let redis =
        std::env::var("PERISTYLE_TEST_REDIS_URL").expect("run the tests with tests/run, which starts a Redis server");
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "polyglot"])
        .env("DATABASE_URL", format!("sqlite:{}", folder.path().join("polyglot.db").display()))
        .env("REDIS_URL", redis)
        .current_dir(&root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let output = String::from_utf8(output.stdout).unwrap();
    let shown = text_blocks(&readme).into_iter().find(|block| block.contains("{polyglot.sessions}")).unwrap();
    for part in shown.split("\n…\n") {
        assert!(output.contains(part.trim()), "the example does not print:\n{part}\nbut:\n{output}");
    }
}
