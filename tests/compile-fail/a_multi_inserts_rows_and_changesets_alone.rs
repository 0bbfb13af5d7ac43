use peristyle::prelude::*;

fn main() {
    let mut multi = Multi::new();
    multi.insert("answer", 42);
}
