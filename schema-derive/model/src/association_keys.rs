//! Looks up the fields that associations compare, and fills in those that no attribute names.

use crate::association::{Association, AssociationKind, Draft, JoinSource, Keys, refuse_doubles};
use crate::errors::{Errors, suggestion};
use crate::{Schema, identifiers, own_key, plural};
use heck::ToSnakeCase;
use proc_macro2::Span;
use syn::Ident;
use syn::ext::IdentExt;

/// The most associations that a schema has.
const MOST: usize = 250;

/// The associations with their keys. `key_is_known` is false if the list of the primary key's fields is wrong.
pub(crate) fn resolve(
    drafts: Vec<Draft<'_>>,
    schema: &Schema,
    key_is_known: bool,
    errors: &mut Errors,
) -> Vec<Association> {
    if let Some(draft) = drafts.get(MOST) {
        errors.at(&draft.ident, format!("a schema has at most {MOST} associations"));
        return Vec::new();
    }
    let mut owner = Owner { schema, key_is_known, errors };
    let keys: Vec<Option<Keys>> = drafts.iter().map(|draft| owner.keys(draft, &drafts)).collect();
    drafts.into_iter().zip(keys).filter_map(|(draft, keys)| keys.map(|keys| draft.finish(keys))).collect()
}

/// The struct that has the associations.
struct Owner<'a> {
    schema: &'a Schema,
    key_is_known: bool,
    errors: &'a mut Errors,
}

impl Owner<'_> {
    /// The keys of one association; `None` if there is a mistake, which is reported.
    fn keys(&mut self, draft: &Draft<'_>, all: &[Draft<'_>]) -> Option<Keys> {
        if !draft.correct {
            return None;
        }
        if let Some(path) = &draft.through {
            return self.through(draft, path, all);
        }
        match draft.kind {
            AssociationKind::BelongsTo => own_key::belongs_to(draft, &self.schema.fields, self.errors),
            AssociationKind::HasOne | AssociationKind::HasMany => self.has(draft),
            AssociationKind::ManyToMany => self.many_to_many(draft),
        }
    }

    fn has(&mut self, draft: &Draft<'_>) -> Option<Keys> {
        let references = self.references(draft)?;
        let default = || vec![identifier(&self.schema.name.to_snake_case(), draft.ident.span())];
        let foreign_key = draft.foreign_key.clone().unwrap_or_else(default);
        if draft.references.is_some() {
            own_key::as_many(&foreign_key, references.len(), self.errors)?;
        } else if foreign_key.len() != references.len() {
            let (name, target) = (&self.schema.name, draft.target_name());
            let (count, example) = match references.len() {
                1 => ("1 field".to_owned(), format!("foreign_key = {}", default()[0])),
                count => (format!("{count} fields"), "foreign_key(a, b)".to_owned()),
            };
            let message = format!("the primary key of `{name}` has {count}");
            self.errors.at(&foreign_key[0], format!("{message}: name as many fields of `{target}` with `{example}`"));
            return None;
        }
        Some(Keys::Foreign { foreign_key, references })
    }

    fn many_to_many(&mut self, draft: &Draft<'_>) -> Option<Keys> {
        let source = self.join_source(draft);
        let references = self.references(draft)?;
        let (own, other) = self.join_keys(draft, references.len())?;
        let source = source?;
        if let JoinSource::Table(_) = source {
            for (name, reason) in own
                .iter()
                .chain(&other)
                .filter_map(|name| identifiers::refusal(&name.unraw().to_string()).map(|reason| (name, reason)))
            {
                self.errors.at(name, format!("{reason}: name the columns with `join_keys(..)`"));
            }
        }
        Some(Keys::Join { source, own, other, references })
    }

    fn join_source(&mut self, draft: &Draft<'_>) -> Option<JoinSource> {
        match (&draft.join_table, &draft.join_schema) {
            (Some(table), _) => Some(JoinSource::Table(table.clone())),
            (None, Some(schema)) => Some(JoinSource::Schema(schema.clone())),
            (None, None) => {
                let target = draft.target_name();
                let table = format!("{}_{}", self.schema.table, plural::pluralize(&target.to_snake_case()));
                let message = format!("`{}` needs the table between `{}` and `{target}`", draft.name, self.schema.name);
                let schema = format!("{}{target}", self.schema.name);
                let message = format!("{message}: write `join_table = \"{table}\"`, or `join_schema = {schema}`");
                self.errors.at(&draft.ident, message);
                None
            }
        }
    }

    /// The names of this struct's key, which has `width` fields, and of the target's key in the rows between.
    fn join_keys(&mut self, draft: &Draft<'_>, width: usize) -> Option<(Vec<Ident>, Vec<Ident>)> {
        let (name, target, span) = (&self.schema.name, draft.target_name(), draft.ident.span());
        let own = identifier(&name.to_snake_case(), span);
        let other = identifier(&target.to_snake_case(), span);
        let (own, other) = match &draft.join_keys {
            Some(keys) if keys.len() > width => {
                let (own, other) = keys.split_at(width);
                for half in [own, other] {
                    self.errors.keep(refuse_doubles(half))?;
                }
                (own.to_vec(), other.to_vec())
            }
            Some(keys) => {
                let message = format!("the first {width} of `join_keys(..)` are the key of `{name}`");
                self.errors.at(&keys[0], format!("{message}: add the key of `{target}` after them"));
                return None;
            }
            None if width != 1 => {
                let message = format!("the key of `{name}` has {width} fields");
                let fix = format!("name as many columns with `join_keys(..)`, and after them the key of `{target}`");
                self.errors.at(&draft.ident, format!("{message}: {fix}"));
                return None;
            }
            None => (vec![own], vec![other]),
        };
        if own == other {
            let key = own.iter().map(|name| name.unraw().to_string()).collect::<Vec<_>>().join(", ");
            let message = format!("both keys of `{}` are called `{key}`", draft.name);
            let fix = format!("name the key of `{name}` and the other one with `join_keys({key}, ..)`");
            self.errors.at(&own[0], format!("{message}: {fix}"));
            return None;
        }
        Some((own, other))
    }

    fn through(&mut self, draft: &Draft<'_>, path: &[Ident], all: &[Draft<'_>]) -> Option<Keys> {
        let first = path.first()?;
        let plain = first.unraw().to_string();
        if !all.iter().any(|other| other.name == plain) {
            let others = all.iter().map(|other| other.name.as_str()).filter(|name| *name != draft.name);
            self.errors.at(first, format!("there is no association `{plain}`{}", suggestion(&plain, others)));
            return None;
        }
        if leads_to_itself(draft, all) {
            let message = format!("`{}` goes through itself", draft.name);
            self.errors.at(first, format!("{message}: begin `through` with another association of this struct"));
            return None;
        }
        Some(Keys::Through { path: path.to_vec() })
    }

    /// The positions of this struct's fields that keys elsewhere equal: those of `references`, or the primary key.
    fn references(&mut self, draft: &Draft<'_>) -> Option<Vec<usize>> {
        if let Some(names) = &draft.references {
            return own_key::positions(names, &self.schema.fields, self.errors);
        }
        if self.schema.primary_key.is_empty() {
            if self.key_is_known {
                let message = format!("`{}` needs a primary key, and `{}` has none", draft.name, self.schema.name);
                let fix = "add a field `id: i64`, or name the fields that are pointed at with `references = ..`";
                self.errors.at(&draft.ident, format!("{message}: {fix}"));
            }
            return None;
        }
        Some(self.schema.primary_key.clone())
    }
}

/// Whether the first steps of `through` come back to the association.
fn leads_to_itself(draft: &Draft<'_>, all: &[Draft<'_>]) -> bool {
    let mut current = draft;
    for _ in all {
        let Some(first) = current.through.as_ref().and_then(|path| path.first()) else { return false };
        let plain = first.unraw().to_string();
        match all.iter().find(|other| other.name == plain) {
            Some(next) if next.name == draft.name => return true,
            Some(next) => current = next,
            None => return false,
        }
    }
    false
}

/// The identifier `{name}_id`.
pub(crate) fn identifier(name: &str, span: Span) -> Ident {
    let key = format!("{name}_id");
    // The snake case of a struct called `_1` begins with a digit.
    let key = if syn::parse_str::<Ident>(&key).is_ok() { key } else { format!("_{key}") };
    Ident::new(&key, span)
}

#[cfg(test)]
#[path = "association_keys_tests.rs"]
mod tests;
