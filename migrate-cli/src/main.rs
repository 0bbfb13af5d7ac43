//! The command `peristyle`.

use std::process::ExitCode;

fn main() -> ExitCode {
    peristyle_migrate::command()
}
