//! Files that patterns of the configuration name.

use super::exit::Exit;
use super::failure::{Failure, Outcome};
use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;
use std::path::{Path, PathBuf};

/// The files under a folder that match one of the patterns, sorted.
///
/// # Errors
///
/// A failure for a pattern that makes no sense, or a folder that cannot be read.
pub fn matching(root: &Path, patterns: &[String]) -> Outcome<Vec<PathBuf>> {
    let here = Path::new(".");
    let folder = if root.as_os_str().is_empty() { here } else { root };
    let wrong = |error: ignore::Error| Failure::new(Exit::Configuration, format!("a pattern of files: {error}"));
    let mut overrides = OverrideBuilder::new(folder);
    for pattern in patterns {
        // A pattern without a slash would match in every folder.
        let pattern = pattern.trim_start_matches("./").trim_start_matches('/');
        overrides.add(&format!("/{pattern}")).map_err(wrong)?;
    }
    let overrides = overrides.build().map_err(wrong)?;
    let walk = WalkBuilder::new(folder).overrides(overrides).standard_filters(false).hidden(true).build();
    let mut files = Vec::new();
    for entry in walk {
        let entry = entry.map_err(|error| Failure::new(Exit::File, format!("files cannot be listed: {error}")))?;
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            let path = entry.path();
            files.push(path.strip_prefix(here).unwrap_or(path).to_owned());
        }
    }
    files.sort();
    Ok(files)
}
