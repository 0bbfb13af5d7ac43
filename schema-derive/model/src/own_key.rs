//! The key of a `BelongsTo`, which this struct has itself.

use crate::association::{Draft, Keys, OnDelete, OnReplace};
use crate::association_keys::identifier;
use crate::errors::{Errors, suggestion};
use crate::field::Field;
use crate::index::field_positions;
use syn::Ident;
use syn::ext::IdentExt;

/// The keys of a `BelongsTo` among the fields of its struct; `None` if there is a mistake, which is reported.
pub(crate) fn belongs_to(draft: &Draft<'_>, fields: &[Field], errors: &mut Errors) -> Option<Keys> {
    OwnKey { fields, errors }.keys(draft)
}

struct OwnKey<'a> {
    fields: &'a [Field],
    errors: &'a mut Errors,
}

impl OwnKey<'_> {
    fn keys(&mut self, draft: &Draft<'_>) -> Option<Keys> {
        let names = match &draft.foreign_key {
            Some(names) => names.clone(),
            None => vec![self.default_key(draft)?],
        };
        let fields = positions(&names, self.fields, self.errors)?;
        let references = draft.references.clone().unwrap_or_default();
        if !references.is_empty() {
            as_many(&names, references.len(), self.errors)?;
        }
        let key: Vec<&Field> = fields.iter().map(|&position| &self.fields[position]).collect();
        self.check_null(draft, &key)?;
        Some(Keys::Own { fields, references })
    }

    /// The name of the field that has the key if no attribute says so; `None` if there is no such field.
    fn default_key(&mut self, draft: &Draft<'_>) -> Option<Ident> {
        let key = identifier(&draft.name, draft.ident.span());
        if self.fields.iter().any(|field| key == field.name) {
            return Some(key);
        }
        let ty = if draft.optional { "Option<i64>" } else { "i64" };
        let stored = self.fields.iter().filter(|field| !field.is_virtual).map(|field| field.name.as_str());
        let close = suggestion(&key.to_string(), stored);
        let message = format!("`{}` needs a field `{key}` with the key", draft.name);
        let message = format!("{message}: add `{key}: {ty}`, or name it with `foreign_key = ..`{close}");
        self.errors.at(&draft.ident, message);
        None
    }

    /// Checks that the type, the key's fields and the attributes agree on whether the target may be missing.
    fn check_null(&mut self, draft: &Draft<'_>, key: &[&Field]) -> Option<()> {
        let target = crate::types::text(&draft.target);
        let nullable = key.iter().find(|field| field.nullable);
        let never_null = key.iter().find(|field| !field.nullable);
        let message = match (draft.optional, nullable, never_null) {
            (false, Some(field), _) => {
                let reason = format!("`{}` is an Option, so the {} may be missing", field.name, draft.name);
                format!("{reason}: write `BelongsTo<Option<{target}>>`")
            }
            (true, None, Some(field)) => format!("`{}` is never NULL: write `BelongsTo<{target}>`", field.name),
            (_, _, Some(field)) if draft.on_delete == Some(OnDelete::SetNull) => {
                let optional = crate::field_rules::optional(field);
                let fix = format!("write `BelongsTo<Option<{target}>>` with `{}: {optional}`", field.name);
                format!("`on_delete = set_null` needs a key that may be NULL: {fix}")
            }
            (false, _, Some(field)) if draft.on_replace == Some(OnReplace::Nilify) => {
                let optional = crate::field_rules::optional(field);
                let fix = format!("write `BelongsTo<Option<{target}>>` with `{}: {optional}`", field.name);
                format!("`on_replace = nilify` needs a key that may be NULL: {fix}")
            }
            _ => return Some(()),
        };
        self.errors.push(draft.type_error(message));
        None
    }
}

/// The positions of fields of this struct that are compared, and so must be loaded.
pub(crate) fn positions(names: &[Ident], fields: &[Field], errors: &mut Errors) -> Option<Vec<usize>> {
    let positions = field_positions(&names.iter().collect::<Vec<_>>(), fields, errors)?;
    for (name, &position) in names.iter().zip(&positions) {
        if !fields[position].load {
            let message = format!("`{}` is a key, which is always loaded: remove `load = false`", name.unraw());
            errors.at(name, message);
            return None;
        }
    }
    Some(positions)
}

/// Checks that a foreign key has as many fields as `references` names.
pub(crate) fn as_many(foreign_key: &[Ident], references: usize, errors: &mut Errors) -> Option<()> {
    if foreign_key.len() == references {
        return Some(());
    }
    let message = format!("the foreign key and `references` differ in length, {} and {references}", foreign_key.len());
    errors.at(&foreign_key[0], format!("{message}: name as many fields with `foreign_key` as with `references`"));
    None
}
