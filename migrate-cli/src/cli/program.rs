//! How the command is called: `peristyle`, or an app's own binary.

use std::sync::OnceLock;

static NAME: OnceLock<String> = OnceLock::new();

/// Says that this is an app's own binary. `name` is how it is called.
pub fn is_own(name: String) {
    // The first name stays.
    let _ = NAME.set(name);
}

/// The name: `peristyle`, or that of the app's own binary.
pub fn name() -> &'static str {
    NAME.get().map_or("peristyle", String::as_str)
}

/// A text in which `peristyle`, where it stands after `before`, has another name, which also stands for `peristyle migrate`.
fn named(text: &str, before: &str, name: &str) -> String {
    let new = format!("{before}{name} ");
    text.replace(&format!("{before}peristyle migrate "), &new).replace(&format!("{before}peristyle "), &new)
}

/// Examples, each after two blanks, in which commands are called as this one is.
pub fn examples(text: &str) -> String {
    match NAME.get() {
        Some(name) => named(text, "  ", name),
        None => text.to_owned(),
    }
}

/// A text in which commands are called as this one is: "`peristyle db create` makes it".
pub fn called(text: &str) -> String {
    match NAME.get() {
        Some(name) => named(text, "`", name),
        None => text.to_owned(),
    }
}
