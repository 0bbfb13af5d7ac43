//! The styles of `rename_all`.

use crate::attribute::Entry;
use crate::errors::suggestion;
use heck::{ToKebabCase, ToLowerCamelCase, ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

/// A style of names, as serde calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Rename {
    CamelCase,
    PascalCase,
    SnakeCase,
    ScreamingSnakeCase,
    KebabCase,
    Lowercase,
    Uppercase,
}

const STYLES: [(&str, Rename); 7] = [
    ("camelCase", Rename::CamelCase),
    ("PascalCase", Rename::PascalCase),
    ("snake_case", Rename::SnakeCase),
    ("SCREAMING_SNAKE_CASE", Rename::ScreamingSnakeCase),
    ("kebab-case", Rename::KebabCase),
    ("lowercase", Rename::Lowercase),
    ("UPPERCASE", Rename::Uppercase),
];

impl Rename {
    /// The style of this name, such as `camelCase`.
    pub fn of(name: &str) -> Option<Self> {
        STYLES.iter().find(|(known, _)| *known == name).map(|(_, style)| *style)
    }

    pub(crate) fn parse(entry: &Entry) -> syn::Result<Self> {
        let name = entry.string("camelCase")?.value();
        Self::of(&name).ok_or_else(|| {
            let known = STYLES.map(|(name, _)| name);
            entry.error(format!("unknown style \"{name}\"{} (known: {})", suggestion(&name, known), known.join(", ")))
        })
    }

    /// `name` in this style.
    ///
    /// ```
    /// use peristyle_derive_model::Rename;
    /// assert_eq!(Rename::PascalCase.apply("album_id"), "AlbumId");
    /// assert_eq!(Rename::SnakeCase.apply("InProgress"), "in_progress");
    /// ```
    pub fn apply(self, name: &str) -> String {
        match self {
            Rename::CamelCase => name.to_lower_camel_case(),
            Rename::PascalCase => name.to_upper_camel_case(),
            Rename::SnakeCase => name.to_snake_case(),
            Rename::ScreamingSnakeCase => name.to_shouty_snake_case(),
            Rename::KebabCase => name.to_kebab_case(),
            Rename::Lowercase => name.to_lowercase(),
            Rename::Uppercase => name.to_uppercase(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_take_every_style() {
        let styled = STYLES.map(|(_, style)| style.apply("first_name"));
        let expected = ["firstName", "FirstName", "first_name", "FIRST_NAME", "first-name", "first_name", "FIRST_NAME"];
        assert_eq!(styled, expected);
    }

    #[test]
    fn variants_take_every_style() {
        let styled = STYLES.map(|(_, style)| style.apply("InProgress"));
        let expected =
            ["inProgress", "InProgress", "in_progress", "IN_PROGRESS", "in-progress", "inprogress", "INPROGRESS"];
        assert_eq!(styled, expected);
    }

    #[test]
    fn an_unknown_style_is_refused() {
        let entry: Entry = syn::parse_str("rename_all = \"pascalCase\"").unwrap();
        let error = Rename::parse(&entry).unwrap_err().to_string();
        assert!(
            error.starts_with("unknown style \"pascalCase\"; did you mean `PascalCase`? (known: camelCase,"),
            "{error}"
        );
    }
}
