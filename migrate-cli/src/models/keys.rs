//! Foreign keys, and the tables between two others.

use super::build::{self, table_name};
use super::scope::{Definition, Found, Kind, Scope};
use super::table::{ModelColumn, ModelForeignKey, ModelTable};
use super::{Models, Site, SourceError};
use crate::catalog::{ForeignKey, LONGEST_NAME, ObjectName, ReferentialAction};
use peristyle_derive_model::{Association, JoinSource, Keys, OnDelete, Prefix, Schema};
use syn::ext::IdentExt;
use syn::{Ident, Path, Type};

/// Adds the foreign keys that fields and associations tell, and the tables between.
pub(super) fn add(scope: &Scope, models: &mut Models, errors: &mut Vec<SourceError>) {
    for (definition, schema) in scope.schemas() {
        let owner = Owner { scope, definition, schema };
        if schema.managed {
            owner.add_references(models, errors);
        }
        for association in &schema.associations {
            match &association.keys {
                Keys::Own { fields, references } if schema.managed => {
                    owner.add_belongs_to(association, fields, references, models, errors);
                }
                Keys::Join { source: JoinSource::Table(table), own, other, references } => {
                    owner.add_join_table(association, &table.value(), own, other, references, models, errors);
                }
                _ => {}
            }
        }
    }
    check_targets(models, errors);
}

/// A schema whose keys are looked at.
struct Owner<'a> {
    scope: &'a Scope,
    definition: &'a Definition,
    schema: &'a Schema,
}

impl<'a> Owner<'a> {
    fn site(&self, name: &str, ident: &Ident) -> Site {
        Site::new(format!("{}.{name}", self.schema.name), &self.definition.place.file, ident.span())
    }

    /// `references = "orgs.id"` of fields.
    fn add_references(&self, models: &mut Models, errors: &mut Vec<SourceError>) {
        let own = table_name(self.schema);
        for field in self.schema.fields.iter().filter(|field| !field.is_virtual) {
            let Some(reference) = &field.references else { continue };
            let beside = ObjectName { prefix: own.prefix.clone(), name: reference.table.clone() };
            let known = models.table(&beside).is_some() || models.unmanaged.contains(&beside);
            let table = if known { beside } else { ObjectName::new(&reference.table) };
            let columns = vec![field.column.clone()];
            let key = ForeignKey::new(reference.name.clone(), columns, table, vec![reference.column.clone()]);
            add_key(models, &own, ModelForeignKey { key, site: self.site(&field.name, &field.ident) }, errors);
        }
    }

    fn add_belongs_to(
        &self,
        association: &Association,
        fields: &[usize],
        references: &[Ident],
        models: &mut Models,
        errors: &mut Vec<SourceError>,
    ) {
        let own = table_name(self.schema);
        let site = self.site(&association.name, &association.ident);
        let columns: Vec<String> = fields.iter().map(|&position| self.schema.fields[position].column.clone()).collect();
        let Some((_, target)) = self.target(&association.target, &site, models, errors) else { return };
        let references = match references {
            [] => target.primary_key.iter().map(|&position| target.fields[position].column.clone()).collect(),
            names => match columns_of(target, names) {
                Some(columns) => columns,
                None => return,
            },
        };
        if references.len() != columns.len() {
            // The derive itself refuses this where it is compiled.
            return;
        }
        let name = foreign_key_name(&own.name, &columns);
        let mut key = ForeignKey::new(name, columns, table_name(target), references);
        key.on_delete = match association.on_delete {
            Some(OnDelete::Cascade) => ReferentialAction::Cascade,
            Some(OnDelete::SetNull) => ReferentialAction::SetNull,
            Some(OnDelete::Restrict) => ReferentialAction::Restrict,
            _ => ReferentialAction::Nothing,
        };
        add_key(models, &own, ModelForeignKey { key, site }, errors);
    }

    /// The table of the rows between, which no schema describes.
    #[allow(clippy::too_many_arguments)]
    fn add_join_table(
        &self,
        association: &Association,
        table: &str,
        own: &[Ident],
        other: &[Ident],
        references: &[usize],
        models: &mut Models,
        errors: &mut Vec<SourceError>,
    ) {
        let site = self.site(&association.name, &association.ident);
        let prefix = match &self.schema.prefix {
            Prefix::Named(prefix) => Some(prefix.clone()),
            _ => None,
        };
        let name = ObjectName { prefix, name: table.to_owned() };
        if models.unmanaged.contains(&name) || models.table(&name).is_some_and(|table| !table.is_join_table) {
            return;
        }
        let Some((target_definition, target)) = self.target(&association.target, &site, models, errors) else { return };
        let halves = [
            (own, self.definition, self.schema, references.to_vec()),
            (other, target_definition, target, target.primary_key.clone()),
        ];
        let mut join = ModelTable {
            name: name.clone(),
            sites: vec![site.clone()],
            is_join_table: true,
            columns: Vec::new(),
            primary_key: Vec::new(),
            foreign_keys: Vec::new(),
            indexes: Vec::new(),
            checks: Vec::new(),
        };
        for (position, (names, definition, schema, fields)) in halves.into_iter().enumerate() {
            let mut columns = Vec::new();
            for (column, &field) in names.iter().zip(&fields) {
                let field = &schema.fields[field];
                let stored = match &field.sql_type {
                    Some(sql) => super::Stored::Sql(sql.clone()),
                    None => match self.scope.stored(&field.ty, &definition.place) {
                        Ok(stored) => stored,
                        // The field of the schema itself is reported.
                        Err(_) => return,
                    },
                };
                columns.push(column.unraw().to_string());
                join.columns.push(ModelColumn {
                    name: column.unraw().to_string(),
                    stored,
                    nullable: false,
                    is_generated_key: false,
                    is_generated: false,
                    default: None,
                    size: field.size,
                    precision: field.precision,
                    sites: vec![site.clone()],
                });
            }
            join.primary_key.extend(columns.iter().cloned());
            let references = fields.iter().map(|&field| schema.fields[field].column.clone()).collect();
            let mut key = ForeignKey::new(foreign_key_name(table, &columns), columns, table_name(schema), references);
            if position == 0 && association.on_delete == Some(OnDelete::Delete) {
                key.on_delete = ReferentialAction::Cascade;
            }
            if let Some(error) = too_long(&key, &site, "name the columns with `join_keys(..)`") {
                errors.push(error);
            }
            join.foreign_keys.push(ModelForeignKey { key, site: site.clone() });
        }
        build::add(&mut models.tables, join, errors);
    }

    /// The schema that an association leads to. One that is not found is noted: there is no foreign key then.
    fn target(
        &self,
        ty: &Type,
        site: &Site,
        models: &mut Models,
        errors: &mut Vec<SourceError>,
    ) -> Option<(&'a Definition, &'a Schema)> {
        let path: &Path = match ty {
            Type::Path(path) => &path.path,
            _ => return None,
        };
        let shown = super::stored::text(ty);
        match self.schema_of(path, 0) {
            Found::Definition(definition) => match &definition.kind {
                Kind::Schema(schema) => Some((definition, schema)),
                _ => None,
            },
            Found::Several(several) => {
                let places: Vec<String> = several.iter().map(|each| each.site.position()).collect();
                let message = format!("`{shown}` is defined in several places ({})", places.join(", "));
                errors.push(site.error(format!("{message}: import the one that is meant, or write its path")));
                None
            }
            Found::Nothing => {
                models.notes.push(format!(
                    "no foreign key for `{}` ({}): the files read have no `#[derive(Schema)] struct {shown}`",
                    site.name,
                    site.position()
                ));
                None
            }
        }
    }

    fn schema_of(&self, path: &Path, depth: usize) -> Found<'a> {
        let found =
            self.scope.find(path, &self.definition.place, |kind| matches!(kind, Kind::Schema(_) | Kind::Alias(_)));
        match found {
            Found::Definition(Definition { kind: Kind::Alias(Type::Path(path)), .. }) if depth < 32 => {
                self.schema_of(&path.path, depth + 1)
            }
            found => found,
        }
    }
}

fn columns_of(schema: &Schema, names: &[Ident]) -> Option<Vec<String>> {
    let column = |name: &Ident| {
        let name = name.unraw().to_string();
        schema.fields.iter().find(|field| field.name == name).map(|field| field.column.clone())
    };
    names.iter().map(column).collect()
}

fn add_key(models: &mut Models, table: &ObjectName, key: ModelForeignKey, errors: &mut Vec<SourceError>) {
    let Some(table) = models.tables.iter_mut().find(|own| own.name == *table) else { return };
    let fix = "name it with `#[schema(references = \"..\", constraint = \"..\")]` on the field of the key";
    let known = table.foreign_keys.iter().any(|own| own.key.columns == key.key.columns);
    if let (Some(error), false) = (too_long(&key.key, &key.site, fix), known) {
        errors.push(error);
    }
    table.add_foreign_key(key, errors);
}

fn too_long(key: &ForeignKey, site: &Site, fix: &str) -> Option<SourceError> {
    let (name, length) = (&key.name, key.name.len());
    (length > LONGEST_NAME)
        .then(|| site.error(format!("`{name}` has {length} bytes; Postgres cuts names at {LONGEST_NAME}: {fix}")))
}

/// `posts_author_id_fkey`, as the derive names it.
fn foreign_key_name(table: &str, columns: &[String]) -> String {
    let word = |name: &str| {
        let word: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        word.trim_end_matches('_').to_owned()
    };
    let columns: Vec<String> = columns.iter().map(|column| word(column)).collect();
    format!("{}_{}_fkey", word(table), columns.join("_"))
}

/// Leaves out the foreign keys to columns that nothing makes unique, which a database refuses, and reports those to columns
/// that are not there.
fn check_targets(models: &mut Models, errors: &mut Vec<SourceError>) {
    let targets = models.tables.clone();
    for table in &mut models.tables {
        table.foreign_keys.retain(|foreign| {
            let key = &foreign.key;
            let Some(target) = targets.iter().find(|target| target.name == key.table) else { return true };
            if let Some(missing) = key.references.iter().find(|column| target.column(column).is_none()) {
                let message = format!("the table `{}` has no column `{missing}`", target.name);
                errors.push(foreign.site.error(format!("{message}: name one of its columns")));
                return false;
            }
            let same = |columns: &[String]| {
                columns.len() == key.references.len() && columns.iter().all(|column| key.references.contains(column))
            };
            let is_unique = same(&target.primary_key)
                || target.indexes.iter().any(|index| index.unique && index.filter.is_none() && same(&index.columns));
            if !is_unique {
                models.notes.push(format!(
                    "no foreign key for `{}` ({}): nothing makes {}({}) unique",
                    foreign.site.name,
                    foreign.site.position(),
                    key.table,
                    key.references.join(", ")
                ));
            }
            is_unique
        });
    }
}
