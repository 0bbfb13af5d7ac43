//! Which attributes of a field contradict each other.

use crate::attribute::Entry;
use crate::errors::Errors;
use crate::field::Field;
use crate::types;

/// Pairs that cannot both be given, and why.
const CONTRADICTIONS: &[(&str, &str, &str)] = &[
    ("unique", "index", "a unique field has an index already"),
    ("inserted_at", "updated_at", "a timestamp is one of the two"),
    ("generated", "inserted_at", "either the database gives the value or the program does"),
    ("generated", "updated_at", "either the database gives the value or the program does"),
    ("inserted_at", "default", "a timestamp is always given"),
    ("updated_at", "default", "a timestamp is always given"),
    ("size", "precision", "`size` is for texts and `precision` for decimals"),
    ("embed", "size", "`size` is for texts, and an embedded struct is JSON"),
    ("embed", "precision", "`precision` is for decimals, and an embedded struct is JSON"),
    ("embed", "version", "a version is an integer"),
    ("version", "size", "a version is an integer"),
    ("version", "precision", "a version is an integer"),
];

/// What a virtual field may say.
const VIRTUAL: &[&str] = &["virtual", "redact"];

/// Reports the contradictions of one field. Those with the primary key are its own matter.
pub(crate) fn check(field: &Field, entries: &[Entry], errors: &mut Errors) {
    let find = |name: &str| entries.iter().find(|entry| entry.is(name));
    if field.is_virtual {
        for entry in entries.iter().filter(|entry| !VIRTUAL.iter().any(|name| entry.is(name))) {
            if crate::field::KNOWN.iter().any(|name| entry.is(name)) {
                let message = format!("a virtual field has no column: remove `{}` or `virtual`", entry.name);
                errors.at(&entry.name, message);
            }
        }
        return;
    }
    for (one, other, reason) in CONTRADICTIONS {
        if let (Some(_), Some(entry)) = (find(one), find(other)) {
            errors.at(&entry.name, format!("`{one}` and `{other}` contradict each other: {reason}"));
        }
    }
    if let Some(entry) = find("load")
        && !field.load
        && !field.nullable
    {
        errors.at(
            &entry.name,
            format!("a field that is not loaded is None: write `{}: {}`", field.name, optional(field)),
        );
    }
    if let Some(entry) = find("version")
        && field.nullable
    {
        errors.at(&entry.name, format!("a version is never NULL: write `{}: {}`", field.name, plain(field)));
    }
    if let Some(entry) = find("constraint") {
        let indexed = find("unique").or_else(|| find("index"));
        match (indexed, find("references")) {
            (None, None) => errors.at(
                &entry.name,
                "`constraint` names the field's unique index or foreign key: add `unique` or `references = \"..\"`",
            ),
            (Some(index), Some(_)) => errors.at(
                &entry.name,
                format!(
                    "`constraint` names either the index or the foreign key: write the index on the struct, as `{}({}, name = \"..\")`",
                    index.name, field.name
                ),
            ),
            _ => {}
        }
    }
}

/// The field's type inside an Option.
pub(crate) fn optional(field: &Field) -> String {
    format!("Option<{}>", plain(field))
}

/// The field's type without its Option.
pub(crate) fn plain(field: &Field) -> String {
    types::text(types::option_item(&field.ty).unwrap_or(&field.ty))
}
