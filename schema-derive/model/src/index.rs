//! Indexes and checks that a struct declares: `unique(a, b)`, `index(a, where = "..")`, `check(name, "..")`.

use crate::attribute::{Argument, Entry, Value};
use crate::errors::{Errors, suggestion};
use crate::field::Field;
use crate::identifiers;
use syn::ext::IdentExt;
use syn::{Ident, Lit};

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// The positions of its fields, in the index's order.
    pub fields: Vec<usize>,
    /// Whether it is unique.
    pub unique: bool,
    /// The SQL condition of a partial index.
    pub filter: Option<String>,
}

/// A check constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// Its SQL condition.
    pub condition: String,
}

const KNOWN: &[&str] = &["where", "name"];

/// The index that `unique(..)` or `index(..)` declares.
pub(crate) fn parse(entry: &Entry, table: &str, fields: &[Field], errors: &mut Errors) -> Option<Index> {
    let arguments = errors.keep(entry.list("first_name, last_name"))?;
    let mut columns = Vec::new();
    let (mut filter, mut name) = (None, None);
    for argument in arguments {
        match argument {
            Argument::Entry(Entry { name, value: Value::Flag }) => columns.push(name),
            Argument::Entry(option) if option.is("where") => {
                filter = errors.keep(option.string("deleted_at IS NULL")).map(|text| text.value());
            }
            Argument::Entry(option) if option.is("name") => name = errors.keep(option.string("users_name_index")),
            Argument::Entry(option) => errors.push(option.unknown(&entry.name.to_string(), KNOWN)),
            Argument::Literal(literal) => errors.at(literal, "name a field here, without quotes"),
        }
    }
    let positions = field_positions(&columns, fields, errors)?;
    if positions.is_empty() {
        errors.push(entry.error(format!("`{0}` names no field: write `{0}(first_name, last_name)`", entry.name)));
        return None;
    }
    let span = name.as_ref().map_or(entry.span(), syn::LitStr::span);
    let name = match name {
        Some(name) => name.value(),
        None => {
            let columns: Vec<&str> = positions.iter().map(|&position| fields[position].column.as_str()).collect();
            identifiers::index_name(table, &columns)
        }
    };
    if let Some(reason) = identifiers::refusal(&name) {
        errors.push(syn::Error::new(span, format!("{reason}: add `name = \"..\"`")));
    }
    Some(Index { name, fields: positions, unique: entry.is("unique"), filter })
}

/// The positions of the fields that a list names, each once; `None` if a name is wrong, which is reported.
pub(crate) fn field_positions(names: &[&Ident], fields: &[Field], errors: &mut Errors) -> Option<Vec<usize>> {
    let mut positions = Vec::with_capacity(names.len());
    let mut correct = true;
    for name in names {
        let plain = name.unraw().to_string();
        let mistake = match fields.iter().position(|field| field.name == plain) {
            Some(position) if fields[position].is_virtual => format!("`{plain}` is virtual: it has no column"),
            Some(position) if positions.contains(&position) => format!("`{plain}` is named twice"),
            Some(position) => {
                positions.push(position);
                continue;
            }
            None => {
                let stored = fields.iter().filter(|field| !field.is_virtual).map(|field| field.name.as_str());
                format!("there is no field `{plain}`{}", suggestion(&plain, stored))
            }
        };
        errors.at(name, mistake);
        correct = false;
    }
    correct.then_some(positions)
}

/// The check that `check(name, "..")` declares.
pub(crate) fn parse_check(entry: &Entry) -> syn::Result<Check> {
    const EXAMPLE: &str = "write `check(age_is_positive, \"age > 0\")`";
    let mistake = || syn::Error::new(entry.span(), format!("`check` takes a name and an SQL condition: {EXAMPLE}"));
    let Value::List(arguments) = &entry.value else { return Err(mistake()) };
    let [name, Argument::Literal(Lit::Str(condition))] = &arguments[..] else { return Err(mistake()) };
    let name = match name {
        Argument::Entry(Entry { name, value: Value::Flag }) => name.unraw().to_string(),
        Argument::Literal(Lit::Str(name)) => name.value(),
        _ => return Err(mistake()),
    };
    if let Some(reason) = identifiers::refusal(&name) {
        return Err(syn::Error::new(entry.span(), reason));
    }
    Ok(Check { name, condition: condition.value() })
}
