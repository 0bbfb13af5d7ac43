//! The folder of migrations is known to the compiler, so it is a literal.

use peristyle::migrate::migrations;

const FOLDER: &str = "migrations";

fn main() {
    let _all = migrations!(FOLDER);
}
