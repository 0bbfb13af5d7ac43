//! `migrations!(..)`.

use std::path::Path as FilePath;

use peristyle_migration_files::{FileError, MigrationFile, read_folder};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{LitStr, Path, Token, parse_quote};

/// What stands in the parentheses.
pub(crate) struct Input {
    folder: String,
    span: Span,
    root: Path,
}

impl Parse for Input {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let mut parsed =
            Input { folder: "migrations".to_owned(), span: Span::call_site(), root: parse_quote!(::peristyle) };
        if input.peek(LitStr) {
            let folder: LitStr = input.parse()?;
            parsed.folder = folder.value();
            parsed.span = folder.span();
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        if input.peek(Token![crate]) {
            input.parse::<Token![crate]>()?;
            input.parse::<Token![=]>()?;
            parsed.root = input.parse::<LitStr>()?.parse_with(Path::parse_mod_style)?;
            input.parse::<Option<Token![,]>>()?;
        }
        if input.is_empty() {
            Ok(parsed)
        } else {
            Err(input.error("expected the folder of the migrations, and perhaps `crate = \"..\"`"))
        }
    }
}

/// Expands to the migrations of a folder below the package's own.
pub(crate) fn expand(input: &Input, package: &FilePath) -> syn::Result<TokenStream> {
    let folder = package.join(&input.folder);
    let files = read_folder(&folder).map_err(|errors| refusal(input, package, errors))?;
    let mut embedded = Vec::new();
    for section in files.iter().flat_map(sections) {
        let (name, path) = (relative(section, package), section);
        embedded.push(quote!((#name, ::core::include_str!(#path))));
    }
    let root = &input.root;
    Ok(quote!(#root::migrate::Migrations::embedded(&[#(#embedded),*])))
}

/// The files of a migration: one, or the two of a pair.
fn sections(file: &MigrationFile) -> impl Iterator<Item = &str> {
    let down = file.down.as_ref().map(|down| down.path.as_str()).filter(|path| *path != file.up.path);
    std::iter::once(file.up.path.as_str()).chain(down)
}

/// The path below the package's folder, with slashes on every system.
fn relative(path: &str, package: &FilePath) -> String {
    let below = FilePath::new(path).strip_prefix(package).unwrap_or(FilePath::new(path));
    below.to_string_lossy().replace('\\', "/")
}

fn refusal(input: &Input, package: &FilePath, errors: Vec<FileError>) -> syn::Error {
    let mut errors = errors.into_iter().map(|mut error| {
        error.path = relative(&error.path, package);
        syn::Error::new(input.span, error)
    });
    let Some(mut all) = errors.next() else {
        return syn::Error::new(input.span, format!("{}: cannot be read", input.folder));
    };
    all.extend(errors);
    all
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn expanded(files: &[(&str, &str)], input: &str) -> Result<String, String> {
        let package = tempfile::tempdir().unwrap();
        fs::create_dir(package.path().join("migrations")).unwrap();
        for (name, text) in files {
            fs::write(package.path().join("migrations").join(name), text).unwrap();
        }
        let input: Input = syn::parse_str(input).map_err(|error| error.to_string())?;
        match expand(&input, package.path()) {
            Ok(tokens) => Ok(tokens.to_string().replace(&package.path().display().to_string(), "/p")),
            Err(errors) => Err(errors.into_iter().map(|error| error.to_string()).collect::<Vec<_>>().join("\n")),
        }
    }

    #[test]
    fn files_are_embedded_in_the_order_of_their_versions() {
        let files = [
            ("10_b.sql", "-- migrate:up\nSELECT 2;"),
            ("9_a.up.sql", "SELECT 1;"),
            ("9_a.down.sql", "SELECT 0;"),
            ("notes.txt", "Not SQL."),
        ];
        assert_eq!(
            expanded(&files, "crate = \"app::db\"").unwrap(),
            "app :: db :: migrate :: Migrations :: embedded (& [\
             (\"migrations/9_a.up.sql\" , :: core :: include_str ! (\"/p/migrations/9_a.up.sql\")) , \
             (\"migrations/9_a.down.sql\" , :: core :: include_str ! (\"/p/migrations/9_a.down.sql\")) , \
             (\"migrations/10_b.sql\" , :: core :: include_str ! (\"/p/migrations/10_b.sql\"))])"
        );
    }

    #[test]
    fn an_empty_folder_is_a_program_without_migrations() {
        let expected = ":: peristyle :: migrate :: Migrations :: embedded (& [])";
        assert_eq!(expanded(&[], "\"migrations\"").unwrap(), expected);
        assert_eq!(expanded(&[], "").unwrap(), expected);
    }

    #[test]
    fn every_mistake_of_every_file_is_an_error_of_the_compiler() {
        let files = [("1_a.sql", "SELECT 1;"), ("2_b.sql", "-- migrate:up\nSELECT 'x;\n"), ("c.sql", "")];
        let errors = expanded(&files, "\"migrations\"").unwrap_err();
        let starts: Vec<_> = errors.lines().map(|line| line.get(..30).unwrap_or(line)).collect();
        assert_eq!(
            starts,
            ["migrations/1_a.sql:1:1: no `--", "migrations/2_b.sql:2:8: the st", "migrations/c.sql: not named as"]
        );
    }

    #[test]
    fn what_is_no_folder_is_refused() {
        let error = expanded(&[], "\"none\"").unwrap_err();
        assert_eq!(error, "none: there is no such folder: create it, or name the one that holds the migrations");
        let error = expanded(&[], "folder").unwrap_err();
        assert!(error.starts_with("expected the folder of the migrations"), "{error}");
    }
}
