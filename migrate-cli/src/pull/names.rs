//! Names of Rust for names of SQL.

use peristyle_derive_model::{Rename, pluralize};
use std::collections::HashSet;

/// The names of types that fields have, or that Rust always knows: no struct may take one.
pub(super) fn reserved() -> HashSet<String> {
    let names = [
        "Self",
        "String",
        "Vec",
        "Option",
        "Some",
        "None",
        "Ok",
        "Err",
        "Result",
        "Box",
        "Clone",
        "Copy",
        "Debug",
        "Default",
        "PartialEq",
        "Eq",
        "Iterator",
        "Fn",
        "FnMut",
        "FnOnce",
        "Drop",
        "Send",
        "Sync",
        "Sized",
        "From",
        "Into",
        "Decimal",
        "Uuid",
        "NaiveDate",
        "NaiveTime",
        "NaiveDateTime",
        "DateTime",
        "Utc",
        "Interval",
        "BelongsTo",
        "HasOne",
        "HasMany",
        "ManyToMany",
        "Schema",
        "DbEnum",
        "DbType",
        "Embedded",
        "Projection",
        "Changeset",
    ];
    names.into_iter().map(str::to_owned).collect()
}

/// The words of a name, as an identifier in snake_case.
pub(super) fn snake(name: &str) -> String {
    identifier(&Rename::SnakeCase.apply(&words(name)), "column")
}

/// The words of a name, as an identifier in PascalCase.
pub(super) fn pascal(name: &str) -> String {
    identifier(&Rename::PascalCase.apply(&words(name)), "Type")
}

fn words(name: &str) -> String {
    let fits = |character: char| match character.is_ascii() {
        true => character.is_ascii_alphanumeric(),
        // A digit such as ² is no part of a name for Rust.
        false => is_name(&format!("a{character}")),
    };
    name.chars().map(|character| if fits(character) { character } else { '_' }).collect()
}

fn is_name(text: &str) -> bool {
    syn::parse_str::<syn::Ident>(text).is_ok()
}

/// Something that Rust takes as an identifier, perhaps behind `r#`.
fn identifier(name: &str, otherwise: &str) -> String {
    match name.chars().next() {
        None => otherwise.to_owned(),
        Some(first) if is_name(&first.to_string()) && first != '_' => name.to_owned(),
        Some(_) => format!("{otherwise}_{name}"),
    }
}

/// The singular that the conventions make this plural of; the name itself if there is none.
pub(super) fn singular(plural: &str) -> String {
    const SAME: [&str; 3] = ["news", "series", "species"];
    let (before, last) = match plural.rsplit_once('_') {
        Some((before, last)) => (format!("{before}_"), last),
        None => (String::new(), plural),
    };
    if SAME.contains(&last) {
        return plural.to_owned();
    }
    let ending = |suffix: &str, other: &str| last.strip_suffix(suffix).map(|stem| format!("{stem}{other}"));
    let irregular = [
        ("people", "person"),
        ("children", "child"),
        ("criteria", "criterion"),
        ("data", "datum"),
        ("feet", "foot"),
        ("geese", "goose"),
        ("media", "medium"),
        ("mice", "mouse"),
        ("oxen", "ox"),
        ("phenomena", "phenomenon"),
        ("teeth", "tooth"),
        ("quizzes", "quiz"),
    ];
    let known = irregular.iter().find(|(known, _)| *known == last).map(|(_, word)| (*word).to_owned());
    // statuses and boxes, not houses.
    let es = last.strip_suffix("es").filter(|stem| {
        ["ss", "x", "z", "ch", "sh"].iter().any(|end| stem.ends_with(end))
            || stem.ends_with("us") && !["ous", "aus", "eus"].iter().any(|end| stem.ends_with(end)) && *stem != "us"
    });
    let sis = ["lyses", "theses", "crises", "gnoses"].iter().any(|end| last.ends_with(end));
    let candidates = [
        known,
        ending("men", "man"),
        ending("ies", "y"),
        ending("ves", "f"),
        ending("ves", "fe"),
        es.map(str::to_owned),
        if sis { ending("es", "is") } else { None },
        ending("s", ""),
        ending("es", ""),
    ];
    let back = |word: &String| !word.is_empty() && pluralize(&format!("{before}{word}")) == plural;
    candidates.into_iter().flatten().find(back).map_or_else(|| plural.to_owned(), |word| format!("{before}{word}"))
}

/// The name as code has it: `r#type`.
pub(super) fn raw(name: &str) -> String {
    if is_name(name) { name.to_owned() } else { format!("r#{name}") }
}

/// Makes it a name that Rust takes: these can't even stand behind `r#`.
pub(super) fn possible(name: String) -> String {
    match name.as_str() {
        "self" | "super" | "crate" | "Self" => format!("{name}_"),
        _ => name,
    }
}

/// Text as a literal of Rust.
pub(super) fn literal(text: &str) -> String {
    format!("{text:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_singular_leads_back_to_the_plural() {
        for (plural, expected) in [
            ("users", "user"),
            ("blog_categories", "blog_category"),
            ("people", "person"),
            ("statuses", "status"),
            ("boxes", "box"),
            ("houses", "house"),
            ("databases", "database"),
            ("analyses", "analysis"),
            ("wolves", "wolf"),
            ("keys", "key"),
            ("album", "album"),
            ("news", "news"),
            ("data", "datum"),
        ] {
            assert_eq!(singular(plural), expected, "{plural}");
        }
    }

    #[test]
    fn names_become_identifiers() {
        assert_eq!((snake("AlbumId").as_str(), pascal("album_id").as_str()), ("album_id", "AlbumId"));
        assert_eq!((snake("first name").as_str(), snake("2nd").as_str()), ("first_name", "column_2nd"));
        assert_eq!((snake("m²").as_str(), snake("٣x").as_str(), snake("日本").as_str()), ("m", "column_٣x", "日本"));
        assert_eq!((raw("type").as_str(), raw("name").as_str()), ("r#type", "name"));
        assert_eq!(possible("self".to_owned()), "self_");
    }
}
