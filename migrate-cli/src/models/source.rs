//! Finds and parses the Rust files of a project.

use super::SourceError;
use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use syn::punctuated::Punctuated;
use syn::{Attribute, Item, ItemMod, Meta, Token};

/// A parsed file.
pub(super) struct SourceFile {
    /// The path from the root, with slashes.
    pub name: String,
    /// The items.
    pub items: Vec<Item>,
    /// The names of the modules that lead to it, from the path.
    pub module: Vec<String>,
}

/// The files that the places name: folders, files, or patterns such as `crates/*/src/**/*.rs`.
///
/// What .gitignore names and folders called `target` are left out, and so are the modules that only tests have.
pub(super) fn files(places: &[String], root: &Path) -> Result<Vec<SourceFile>, Vec<SourceError>> {
    let mut paths = BTreeSet::new();
    let mut errors = Vec::new();
    for place in places {
        match find(place, root) {
            Ok(found) => paths.extend(found),
            Err(message) => errors.push(SourceError { file: place.clone(), line: 0, column: 0, message }),
        }
    }
    let mut files = Vec::new();
    for path in &paths {
        match parse(path, root) {
            Ok(file) => files.push((path.clone(), file)),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let of_tests: Vec<PathBuf> = files.iter().flat_map(|(path, file)| modules_of_tests(path, &file.items)).collect();
    files.retain(|(path, _)| !of_tests.iter().any(|test| path == test || path.starts_with(test.with_extension(""))));
    Ok(files.into_iter().map(|(_, file)| file).collect())
}

fn find(place: &str, root: &Path) -> Result<Vec<PathBuf>, String> {
    let is_pattern = place.contains(['*', '?', '[', '{']);
    let path = root.join(place);
    if !is_pattern && path.is_file() {
        return Ok(vec![path]);
    }
    if !is_pattern && !path.is_dir() {
        return Err("there is no such file or folder: name the places of the structs in peristyle.toml".to_owned());
    }
    let mut walk = WalkBuilder::new(if is_pattern { root } else { &path });
    if is_pattern {
        let mut overrides = OverrideBuilder::new(root);
        let pattern = if place.starts_with('/') { place.to_owned() } else { format!("/{place}") };
        let built = overrides.add(&pattern).and_then(|overrides| overrides.build());
        walk.overrides(built.map_err(|error| format!("this is no pattern of files: {error}"))?);
    }
    walk.require_git(false).filter_entry(|entry| entry.file_name() != "target" || entry.depth() == 0);
    let mut paths = Vec::new();
    for entry in walk.build() {
        let entry = entry.map_err(|error| format!("it cannot be read: {error}"))?;
        let path = entry.into_path();
        if path.extension().is_some_and(|extension| extension == "rs") && path.is_file() {
            paths.push(path);
        }
    }
    Ok(paths)
}

fn parse(path: &Path, root: &Path) -> Result<SourceFile, SourceError> {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let name = relative.display().to_string().replace('\\', "/");
    let text = std::fs::read_to_string(path).map_err(|error| SourceError {
        file: name.clone(),
        line: 0,
        column: 0,
        message: format!("the file cannot be read: {error}"),
    })?;
    let file = syn::parse_file(&text).map_err(|error| SourceError::at(&name, error.span(), &error))?;
    Ok(SourceFile { module: module_of(relative), items: file.items, name })
}

/// The modules that lead to a file, as its path tells: `crates/blog/src/user/mod.rs` is `crates, blog, user`.
fn module_of(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = path
        .with_extension("")
        .components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        })
        .filter(|name| name != "src")
        .collect();
    if names.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        names.pop();
    }
    names
}

/// The files of the modules that a file declares under `#[cfg(test)]`.
fn modules_of_tests(path: &Path, items: &[Item]) -> Vec<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let inside = if ["mod", "lib", "main"].contains(&stem.as_str()) { folder.to_owned() } else { folder.join(stem) };
    let mut found = Vec::new();
    for item in items {
        let Item::Mod(ItemMod { attrs, ident, content: None, .. }) = item else { continue };
        if !is_of_tests(attrs) {
            continue;
        }
        match given_path(attrs) {
            Some(given) => found.push(folder.join(given)),
            None => found.extend([inside.join(format!("{ident}.rs")), inside.join(ident.to_string()).join("mod.rs")]),
        }
    }
    // A module of `name/mod.rs` takes its whole folder along.
    let folders: Vec<PathBuf> = found
        .iter()
        .filter(|path| path.file_name().is_some_and(|name| name == "mod.rs"))
        .filter_map(|path| path.parent().map(Path::to_owned))
        .collect();
    found.extend(folders);
    found
}

/// The file that `#[path = ".."]` names.
fn given_path(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("path")).find_map(|attribute| {
        match &attribute.meta.require_name_value().ok()?.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        }
    })
}

/// Whether an item is there for tests alone: `#[cfg(test)]`, or `#[cfg(all(test, ..))]`.
pub(super) fn is_of_tests(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .any(|attribute| attribute.parse_args::<Meta>().is_ok_and(|condition| needs_test(&condition)))
}

fn needs_test(condition: &Meta) -> bool {
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => list
            .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .is_ok_and(|all| all.iter().any(needs_test)),
        _ => false,
    }
}

/// Calls `visit` with every item in the modules of a file, with the names of the modules. What is inside of functions, or
/// for tests alone, is left out.
pub(super) fn each_item<'a>(items: &'a [Item], module: &mut Vec<String>, visit: &mut impl FnMut(&'a Item, &[String])) {
    for item in items {
        match item {
            Item::Mod(inner) => {
                if let (Some((_, items)), false) = (&inner.content, is_of_tests(&inner.attrs)) {
                    module.push(inner.ident.to_string());
                    each_item(items, module, visit);
                    module.pop();
                }
            }
            item => visit(item, module),
        }
    }
}
