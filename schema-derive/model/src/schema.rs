//! A schema: `#[derive(Schema)]` with its `#[schema(..)]` on the struct.

use crate::association::{Association, Draft};
use crate::attribute::{self, Entry};
use crate::errors::Errors;
use crate::field::{Context, Field, Generation, Writable};
use crate::index::{self, Check, Index};
use crate::rename::Rename;
use crate::{association_keys, duration, identifiers, item, plural, primary_key};
use heck::ToSnakeCase;
use std::time::Duration;
use syn::ext::IdentExt;
use syn::{DeriveInput, Ident, Visibility};

/// A struct with `#[derive(Schema)]`.
#[derive(Clone, Debug)]
pub struct Schema {
    /// The struct's identifier.
    pub ident: Ident,
    /// The struct's visibility.
    pub vis: Visibility,
    /// The path of the facade crate.
    pub root: syn::Path,
    /// The name of the struct, without `r#`.
    pub name: String,
    /// The name of the table.
    pub table: String,
    /// The database schema of the table.
    pub prefix: Prefix,
    /// The fields, virtual ones too, in the struct's order; without the associations.
    pub fields: Vec<Field>,
    /// The associations, in the struct's order.
    pub associations: Vec<Association>,
    /// The positions of the fields that make the primary key; empty if there is none.
    pub primary_key: Vec<usize>,
    /// The indexes: the struct's, then the fields'.
    pub indexes: Vec<Index>,
    /// The check constraints.
    pub checks: Vec<Check>,
    /// Whether migrations care for the table.
    pub managed: bool,
    /// How long a row lives in a key-value store.
    pub ttl: Option<Duration>,
    /// How many rows a key-value store may read for a condition without an index.
    pub allow_filtering: Option<u64>,
    /// Over how many parts a key-value store spreads the rows.
    pub buckets: Option<u16>,
}

/// The database schema of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// The store's usual one.
    None,
    /// This one.
    Named(String),
    /// One that the repo gives; a repo without is refused.
    Required,
}

/// Every attribute of a struct.
const KNOWN: &[&str] = &[
    "table",
    "prefix",
    "rename_all",
    "primary_key",
    "unique",
    "index",
    "check",
    "managed",
    "ttl",
    "allow_filtering",
    "buckets",
    "crate",
];

impl Schema {
    /// The schema that a struct describes. A [`syn::ItemStruct`] becomes the input by `.into()`.
    ///
    /// # Errors
    ///
    /// All mistakes in the attributes, combined, each pointing at its token.
    pub fn parse(input: &DeriveInput) -> syn::Result<Self> {
        let named = item::named_fields(input, "Schema")?;
        let mut errors = Errors::default();
        item::refuse_generics(input, "Schema", &mut errors);
        let name = input.ident.unraw().to_string();
        let mut schema = Schema {
            ident: input.ident.clone(),
            vis: input.vis.clone(),
            root: attribute::default_crate(),
            table: plural::pluralize(&name.to_snake_case()),
            name,
            prefix: Prefix::None,
            fields: Vec::new(),
            associations: Vec::new(),
            primary_key: Vec::new(),
            indexes: Vec::new(),
            checks: Vec::new(),
            managed: true,
            ttl: None,
            allow_filtering: None,
            buckets: None,
        };
        let entries = attribute::entries(&input.attrs, "schema", &mut errors);
        attribute::refuse_repeated(&entries, &["unique", "index", "check"], &mut errors);
        let mut rename = None;
        for entry in &entries {
            if let Err(error) = schema.apply(entry, &mut rename) {
                errors.push(error);
            }
        }
        let context = Context { table: &schema.table, rename };
        let (mut fields, mut drafts) = (Vec::new(), Vec::new());
        for field in &named.named {
            match Draft::parse(field, "schema", &mut errors) {
                Some(draft) => drafts.push(draft),
                None => fields.extend(Field::parse(field, &context, &mut errors)),
            }
        }
        schema.fields = fields;
        schema.resolve(&entries, drafts, &mut errors);
        errors.finish(schema)
    }

    fn apply(&mut self, entry: &Entry, rename: &mut Option<Rename>) -> syn::Result<()> {
        match entry.name.to_string().as_str() {
            "table" => {
                self.table = entry.string("users")?.value();
                identifiers::refusal(&self.table).map_or(Ok(()), |reason| Err(entry.error(reason)))
            }
            "prefix" => prefix(entry).map(|prefix| self.prefix = prefix),
            "rename_all" => Rename::parse(entry).map(|style| *rename = Some(style)),
            "check" => index::parse_check(entry).map(|check| self.checks.push(check)),
            "managed" => entry.boolean().map(|managed| self.managed = managed),
            "ttl" => ttl(entry).map(|ttl| self.ttl = Some(ttl)),
            "allow_filtering" => allow_filtering(entry).map(|limit| self.allow_filtering = Some(limit)),
            "buckets" => buckets(entry).map(|count| self.buckets = Some(count)),
            "crate" => entry.crate_path().map(|root| self.root = root),
            // These need the fields.
            "primary_key" | "unique" | "index" => Ok(()),
            _ => Err(entry.unknown("struct", KNOWN)),
        }
    }

    /// Completes what depends on several fields.
    fn resolve(&mut self, entries: &[Entry], drafts: Vec<Draft<'_>>, errors: &mut Errors) {
        let key = entries.iter().find(|entry| entry.is("primary_key"));
        self.primary_key = primary_key::resolve(key, &mut self.fields, errors);
        for entry in entries.iter().filter(|entry| entry.is("unique") || entry.is("index")) {
            self.indexes.extend(index::parse(entry, &self.table, &self.fields, errors));
        }
        for (position, field) in self.fields.iter().enumerate() {
            if let (Some(unique), Some(name)) = (field.index, &field.index_name) {
                self.indexes.push(Index { name: name.clone(), fields: vec![position], unique, filter: None });
            }
        }
        timestamp("inserted_at", Generation::InsertedAt, &mut self.fields, errors);
        timestamp("updated_at", Generation::UpdatedAt, &mut self.fields, errors);
        // A list of the key's fields that names none is reported already.
        let key_is_known = key.is_none() || !self.primary_key.is_empty();
        self.associations = association_keys::resolve(drafts, self, key_is_known, errors);
        self.refuse_doubles(errors);
        if !self.fields.iter().any(|field| !field.is_virtual && field.load) {
            errors.at(&self.ident, "a schema needs at least one field with a column that is loaded");
        }
    }

    /// Reports names that are used twice.
    fn refuse_doubles(&self, errors: &mut Errors) {
        let stored: Vec<&Field> = self.fields.iter().filter(|field| !field.is_virtual).collect();
        for (position, field) in stored.iter().enumerate() {
            if let Some(earlier) = stored[..position].iter().find(|earlier| earlier.column == field.column) {
                let message = format!("`{}` has the column `{}` already", earlier.name, field.column);
                errors.at(&field.ident, format!("{message}: give one of them another `column = \"..\"`"));
            }
        }
        for (position, field) in stored.iter().enumerate().filter(|(_, field)| field.version) {
            if stored[..position].iter().any(|earlier| earlier.version) {
                errors.at(&field.ident, "a schema has one `version`");
            }
        }
        for (position, index) in self.indexes.iter().enumerate() {
            if self.indexes[..position].iter().any(|earlier| earlier.name == index.name) {
                let message = format!("two indexes are called `{}`: give one another `name = \"..\"`", index.name);
                errors.at(&self.ident, message);
            }
        }
        for (position, check) in self.checks.iter().enumerate() {
            if self.checks[..position].iter().any(|earlier| earlier.name == check.name) {
                errors.at(&self.ident, format!("two checks are called `{}`", check.name));
            }
        }
    }
}

/// Marks the timestamp called `name`, unless an attribute marks another one, and reports a second one.
fn timestamp(name: &str, generation: Generation, fields: &mut [Field], errors: &mut Errors) {
    let mut marked = fields.iter().filter(|field| field.generation == generation);
    if marked.next().is_some() {
        for second in marked {
            errors.at(&second.ident, format!("a schema has one `{name}`"));
        }
        return;
    }
    let by_name = fields.iter_mut().find(|field| {
        let plain = field.generation == Generation::None && field.default.is_none();
        field.name == name && plain && !field.is_virtual && field.writable != Writable::Never
    });
    if let Some(field) = by_name {
        field.generation = generation;
        field.by_name = true;
    }
}

fn prefix(entry: &Entry) -> syn::Result<Prefix> {
    if entry.word().as_deref() == Some("required") {
        return Ok(Prefix::Required);
    }
    match entry.string("auth") {
        Ok(name) => match identifiers::refusal(&name.value()) {
            Some(reason) => Err(entry.error(reason)),
            None => Ok(Prefix::Named(name.value())),
        },
        Err(_) => Err(entry.error(
            "`prefix` takes the name of a database schema, or `required`: write `prefix = \"auth\"` or `prefix = required`",
        )),
    }
}

fn ttl(entry: &Entry) -> syn::Result<Duration> {
    let text = entry.string("30m")?;
    duration::parse(&text.value()).ok_or_else(|| {
        entry.error(
            "`ttl` takes numbers above zero with the units w, d, h, m, s and ms: write `ttl = \"30m\"` or `ttl = \"1h30m\"`",
        )
    })
}

fn allow_filtering(entry: &Entry) -> syn::Result<u64> {
    match entry.number(1000)? {
        0 => Err(entry.error("`allow_filtering` takes how many rows may be read: write `allow_filtering = 1000`")),
        limit => Ok(limit),
    }
}

/// The slots of Redis Cluster: more buckets would share them.
const SLOTS: u16 = 16_384;

fn buckets(entry: &Entry) -> syn::Result<u16> {
    match entry.number(16)? {
        count @ 2..=SLOTS => Ok(count),
        _ => Err(entry.error(format!("`buckets` takes a number from 2 to {SLOTS}: write `buckets = 16`"))),
    }
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
