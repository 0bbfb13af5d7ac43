//! Enum types.

use super::names::{pascal, possible};
use crate::catalog::{Catalog, ObjectName};
use peristyle_derive_model::Rename;
use std::collections::HashSet;

/// An enum to be written.
pub(super) struct Enum {
    pub type_name: ObjectName,
    pub name: String,
    /// The variants: their names, and the values in the database.
    pub variants: Vec<(String, String)>,
}

impl Enum {
    /// The variant of a value.
    pub fn variant(&self, value: &str) -> Option<&str> {
        self.variants.iter().find(|(_, own)| own == value).map(|(name, _)| name.as_str())
    }
}

/// Whether the value of a variant is said by its name.
pub(super) fn is_usual(variant: &str, value: &str) -> bool {
    Rename::SnakeCase.apply(variant) == value
}

pub(super) fn plan(catalog: &Catalog, taken: &mut HashSet<String>) -> Vec<Enum> {
    let mut enums = Vec::new();
    // One without values can be no enum of Rust.
    for each in catalog.enums.iter().filter(|each| !each.values.is_empty()) {
        let name = free(&possible(pascal(&each.name.name)), taken);
        let mut names = HashSet::new();
        let variants = each.values.iter().map(|value| (free(&variant(value), &mut names), value.clone())).collect();
        enums.push(Enum { type_name: each.name.clone(), name, variants });
    }
    enums
}

fn variant(value: &str) -> String {
    let name = pascal(value);
    match name.strip_prefix("Type_") {
        Some(rest) => format!("Value{rest}"),
        None if name == "Type" && !value.eq_ignore_ascii_case("type") => "Value".to_owned(),
        None => possible(name),
    }
}

/// A name that is not taken, and now is.
pub(super) fn free(wish: &str, taken: &mut HashSet<String>) -> String {
    let candidates = [wish.to_owned(), format!("{wish}Row")].into_iter().chain((2..).map(|n| format!("{wish}{n}")));
    let name = candidates.into_iter().find(|name| !taken.contains(name)).unwrap_or_else(|| wish.to_owned());
    taken.insert(name.clone());
    name
}
