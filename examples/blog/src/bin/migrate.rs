//! The command `peristyle` with the app's migrations inside, for where there are no files: `migrate up`, `migrate status`.

use std::process::ExitCode;

fn main() -> ExitCode {
    peristyle::migrate::main(blog::migrations(&blog::database_url()))
}
