//! A folder of migrations is read while the program is compiled.

use peristyle::migrate::migrations;

fn main() {
    let _all = migrations!("no/such/folder");
}
