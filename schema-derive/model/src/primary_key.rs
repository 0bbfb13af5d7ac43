//! Which fields make the primary key, and whether it is generated.

use crate::attribute::{Argument, Entry, Value};
use crate::errors::Errors;
use crate::field::{Field, Generation};
use crate::field_rules::plain;
use crate::index::field_positions;
use proc_macro2::Span;

/// The most fields that a key has.
const WIDEST: usize = 6;

/// The positions of the key's fields: those that `#[schema(primary_key(..))]` on the struct names, or those marked
/// `primary_key`, or the field named `id`; and marks the field of a single key as generated unless it is `natural`.
pub(crate) fn resolve(list: Option<&Entry>, fields: &mut [Field], errors: &mut Errors) -> Vec<usize> {
    let key = match list {
        Some(entry) => listed(entry, fields, errors),
        None => marked(fields),
    };
    for (position, field) in fields.iter().enumerate() {
        match field.natural {
            Some(span) if !key.contains(&position) && !field.is_virtual => {
                let message = "`natural` is for a primary key: write `primary_key, natural`";
                errors.push(syn::Error::new(span, message));
            }
            _ => {}
        }
    }
    if key.len() > WIDEST {
        let message = format!("a primary key has at most {WIDEST} fields");
        errors.push(syn::Error::new(list.map_or(fields[key[WIDEST]].ident.span(), Entry::span), message));
    }
    for &position in &key {
        check(&fields[position], key.len(), errors);
    }
    if let [position] = key[..] {
        let field = &mut fields[position];
        if field.natural.is_none() && field.generation == Generation::None {
            field.generation = Generation::Key;
        }
    }
    key
}

fn listed(entry: &Entry, fields: &[Field], errors: &mut Errors) -> Vec<usize> {
    for span in fields.iter().filter_map(|field| field.primary_key) {
        let message = "the struct's `primary_key(..)` names the key already: remove one of the two";
        errors.push(syn::Error::new(span, message));
    }
    let Some(arguments) = errors.keep(entry.list("order_id, position")) else { return Vec::new() };
    let mut names = Vec::new();
    for argument in arguments {
        match argument {
            Argument::Entry(Entry { name, value: Value::Flag }) => names.push(name),
            other => errors.at(other, "name a field here, without quotes"),
        }
    }
    field_positions(&names, fields, errors).unwrap_or_default()
}

fn marked(fields: &[Field]) -> Vec<usize> {
    let stored = || fields.iter().enumerate().filter(|(_, field)| !field.is_virtual);
    let marked: Vec<usize> =
        stored().filter(|(_, field)| field.primary_key.is_some()).map(|(position, _)| position).collect();
    if !marked.is_empty() {
        return marked;
    }
    stored().filter(|(_, field)| field.name == "id").map(|(position, _)| position).collect()
}

/// Reports what contradicts being part of the key.
fn check(field: &Field, width: usize, errors: &mut Errors) {
    let span = field.primary_key.unwrap_or_else(|| field.ident.span());
    let mut refuse = |span: Span, message: String| errors.push(syn::Error::new(span, message));
    if field.nullable {
        let generated = if width == 1 && field.natural.is_none() {
            "; a new row keeps the type's default and gets its key"
        } else {
            ""
        };
        refuse(span, format!("a primary key is never NULL: write `{}: {}`{generated}", field.name, plain(field)));
    } else if !field.load {
        refuse(span, "a primary key is always loaded: remove `load = false`".to_owned());
    }
    if field.default.is_some() {
        refuse(span, "a primary key has no default: remove `default`".to_owned());
    }
    if field.version {
        refuse(span, "a version changes with every write, a primary key never: remove `version`".to_owned());
    }
    if field.embed {
        refuse(span, "an embedded struct cannot be a primary key: remove `embed`".to_owned());
    }
    if width == 1 && field.index.is_some() {
        refuse(span, "a primary key has an index already: remove `unique` or `index`".to_owned());
    }
}
