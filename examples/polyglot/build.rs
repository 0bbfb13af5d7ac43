//! New files of migrations are noticed by the next build.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
