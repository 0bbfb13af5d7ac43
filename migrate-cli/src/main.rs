//! The command `peristyle`.

fn main() {}
