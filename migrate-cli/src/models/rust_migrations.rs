//! Migrations that are written in Rust: `migration!` items.

use super::SourceError;
use super::source::{self, is_of_tests};
use proc_macro2::{TokenStream, TokenTree};
use std::path::Path;
use syn::Item;

/// A `migration!` that the source has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RustMigrationSite {
    /// Its version.
    pub version: u64,
    /// Its name.
    pub name: String,
    /// The file, from the root.
    pub file: String,
    /// The line.
    pub line: usize,
}

/// The `migration!` items in the modules of files, in the order of versions.
///
/// `places` and `root` are as those of [`read`](super::read). Nothing is compiled.
///
/// # Errors
///
/// Places that do not exist, and files that are no Rust.
pub fn find_rust_migrations(places: &[String], root: &Path) -> Result<Vec<RustMigrationSite>, Vec<SourceError>> {
    let mut found = Vec::new();
    for file in source::files(places, root)? {
        source::each_item(&file.items, &mut Vec::new(), &mut |item, _| {
            let Item::Macro(item) = item else { return };
            let called = item.mac.path.segments.last().is_some_and(|last| last.ident == "migration");
            if !called || is_of_tests(&item.attrs) {
                return;
            }
            if let Some((version, name)) = head(&item.mac.tokens) {
                let line = item.mac.path.segments.first().map_or(0, |first| first.ident.span().start().line);
                found.push(RustMigrationSite { version, name, file: file.name.clone(), line });
            }
        });
    }
    found.sort_by(|a, b| (a.version, &a.file, a.line).cmp(&(b.version, &b.file, b.line)));
    Ok(found)
}

/// The version and the name that a `migration!` begins with.
fn head(tokens: &TokenStream) -> Option<(u64, String)> {
    let mut tokens = tokens.clone().into_iter();
    let version = match tokens.next()? {
        TokenTree::Literal(literal) => syn::parse_str::<syn::LitInt>(&literal.to_string()).ok()?,
        _ => return None,
    };
    let name = tokens.find_map(|token| match token {
        TokenTree::Ident(name) if !["pub", "crate"].contains(&name.to_string().as_str()) => Some(name.to_string()),
        _ => None,
    })?;
    Some((version.base10_parse().ok()?, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::tests::project;

    #[test]
    fn migrations_are_found_by_their_macro() {
        let project = project(&[(
            "src/migrations.rs",
            "use peristyle::migration;\n\nmigration!(20261122143100, IndexPosts, no_transaction, |m| {});\n\
             mod old {\n    peristyle::migration!(2026_11_22_143000, CreatePosts, |m| { m.create_table(\"posts\", |t| {}); });\n}\n\
             #[cfg(test)]\nmod tests { super::migration!(1, Fake, |m| {}); }\n",
        )]);
        let found = find_rust_migrations(&["src".to_owned()], project.path()).unwrap();
        let found: Vec<String> =
            found.iter().map(|one| format!("{} {} {}:{}", one.version, one.name, one.file, one.line)).collect();
        assert_eq!(
            found,
            ["20261122143000 CreatePosts src/migrations.rs:5", "20261122143100 IndexPosts src/migrations.rs:3",]
        );
    }
}
