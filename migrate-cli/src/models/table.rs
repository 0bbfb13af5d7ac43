//! The tables that structs describe; structs on one table merge.

use super::default::ModelDefault;
use super::stored::Stored;
use super::{Site, SourceError};
use crate::catalog::{ForeignKey, ObjectName};

/// A table that structs describe.
#[derive(Clone, Debug)]
pub struct ModelTable {
    /// The name.
    pub name: ObjectName,
    /// The structs; of a table between two others, the fields that name it.
    pub sites: Vec<Site>,
    /// Whether no struct describes it: a table between two others.
    pub is_join_table: bool,
    /// The columns.
    pub columns: Vec<ModelColumn>,
    /// The columns of the primary key.
    pub primary_key: Vec<String>,
    /// The foreign keys.
    pub foreign_keys: Vec<ModelForeignKey>,
    /// The indexes.
    pub indexes: Vec<ModelIndex>,
    /// The checks.
    pub checks: Vec<ModelCheck>,
}

/// A column that fields describe.
#[derive(Clone, Debug)]
pub struct ModelColumn {
    /// The name.
    pub name: String,
    /// What it holds.
    pub stored: Stored,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// Whether the database numbers it.
    pub is_generated_key: bool,
    /// Whether the database gives the value, in a way that the struct does not say.
    pub is_generated: bool,
    /// The default.
    pub default: Option<ModelDefault>,
    /// The greatest length of a text.
    pub size: Option<u32>,
    /// The digits of a decimal, and those after the point.
    pub precision: Option<(u32, u32)>,
    /// The fields.
    pub sites: Vec<Site>,
}

/// A foreign key that a field describes.
#[derive(Clone, Debug)]
pub struct ModelForeignKey {
    /// The foreign key.
    pub key: ForeignKey,
    /// The field.
    pub site: Site,
}

/// An index that a struct describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelIndex {
    /// The name.
    pub name: String,
    /// The columns.
    pub columns: Vec<String>,
    /// Whether it is unique.
    pub unique: bool,
    /// Which rows are indexed, in SQL.
    pub filter: Option<String>,
    /// The struct.
    pub site: Site,
}

/// A check that a struct describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelCheck {
    /// The name.
    pub name: String,
    /// The condition, in SQL.
    pub condition: String,
    /// The struct.
    pub site: Site,
}

impl ModelTable {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&ModelColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Adds what another struct says of the table.
    pub(super) fn merge(&mut self, other: ModelTable, errors: &mut Vec<SourceError>) {
        // A table between two others that a struct describes is as the struct says.
        if other.is_join_table && !self.is_join_table {
            return;
        }
        if self.is_join_table && !other.is_join_table {
            *self = other;
            return;
        }
        for column in other.columns {
            match self.columns.iter_mut().find(|own| own.name == column.name) {
                Some(own) => own.merge(column, errors),
                None => self.columns.push(column),
            }
        }
        let sorted = |columns: &[String]| {
            let mut columns = columns.to_vec();
            columns.sort();
            columns
        };
        if self.primary_key.is_empty() {
            self.primary_key = other.primary_key;
        } else if !other.primary_key.is_empty() && sorted(&self.primary_key) != sorted(&other.primary_key) {
            let (own, theirs) = (self.primary_key.join(", "), other.primary_key.join(", "));
            let message = format!("the primary key of `{}` is ({theirs}) here and ({own})", self.name);
            errors.extend(conflict(&other.sites, &self.sites, &message, "give both structs the same key"));
        }
        for key in other.foreign_keys {
            self.add_foreign_key(key, errors);
        }
        for index in other.indexes {
            self.add_index(index, errors);
        }
        for check in other.checks {
            match self.checks.iter().find(|own| own.name == check.name) {
                Some(own) if own.condition.trim() != check.condition.trim() => {
                    let message = format!("the check `{}` is another one here than", check.name);
                    errors.push(
                        check
                            .site
                            .error(format!("{message} {}", conflict_end(&own.site, "give one of them another name"))),
                    );
                }
                Some(_) => {}
                None => self.checks.push(check),
            }
        }
        self.sites.extend(other.sites);
    }

    /// Adds an index, unless it is there.
    fn add_index(&mut self, index: ModelIndex, errors: &mut Vec<SourceError>) {
        match self.indexes.iter_mut().find(|own| own.name == index.name) {
            Some(own) if (&own.columns, own.unique, &own.filter) != (&index.columns, index.unique, &index.filter) => {
                let message = format!("the index `{}` is another one here than", index.name);
                errors.push(
                    index.site.error(format!("{message} {}", conflict_end(&own.site, "give one of them another name"))),
                );
            }
            Some(_) => {}
            None => self.indexes.push(index),
        }
    }

    /// Adds a foreign key, or what it says of one that is there.
    pub(super) fn add_foreign_key(&mut self, other: ModelForeignKey, errors: &mut Vec<SourceError>) {
        let same =
            |own: &&mut ModelForeignKey| own.key.columns == other.key.columns && own.key.table == other.key.table;
        let Some(own) = self.foreign_keys.iter_mut().find(same) else {
            self.foreign_keys.push(other);
            return;
        };
        let nothing = crate::catalog::ReferentialAction::Nothing;
        if own.key.on_delete == nothing {
            own.key.on_delete = other.key.on_delete;
        } else if other.key.on_delete != nothing && own.key.on_delete != other.key.on_delete {
            let message = format!("`on_delete` of ({}) is another one here than", own.key.columns.join(", "));
            errors.push(other.site.error(format!("{message} {}", conflict_end(&own.site, "give both the same"))));
        }
    }
}

impl ModelColumn {
    fn merge(&mut self, other: ModelColumn, errors: &mut Vec<SourceError>) {
        let mut differ = |what: String, fix: &str| {
            let message = format!("the column `{}` {what}", self.name);
            errors.extend(conflict(&other.sites, &self.sites, &message, fix));
        };
        match (&self.stored, &other.stored) {
            (Stored::Sql(_), Stored::Sql(_)) if self.stored != other.stored => {
                differ("has another `sql_type` here than".to_owned(), "give both fields the same");
            }
            (Stored::Sql(_), _) => {}
            (_, Stored::Sql(_)) => self.stored = other.stored.clone(),
            (own, theirs) if own != theirs => {
                differ("has another type here than".to_owned(), "give both fields the same");
            }
            _ => {}
        }
        if self.nullable != other.nullable {
            let may = if other.nullable { "may be NULL here, and not" } else { "may not be NULL here, but may" };
            differ(may.to_owned(), "write an Option in both structs, or in none");
        }
        if let (Some(own), Some(theirs)) = (self.size, other.size)
            && own != theirs
        {
            differ(format!("has the size {theirs} here, and {own}"), "give both fields the same");
        }
        if let (Some(own), Some(theirs)) = (self.precision, other.precision)
            && own != theirs
        {
            differ("has another `precision` here than".to_owned(), "give both fields the same");
        }
        if let (Some(own), Some(theirs)) = (&self.default, &other.default)
            && own != theirs
        {
            differ("has another `default` here than".to_owned(), "give both fields the same");
        }
        self.size = self.size.or(other.size);
        self.precision = self.precision.or(other.precision);
        self.default = self.default.take().or(other.default);
        self.is_generated_key |= other.is_generated_key;
        self.is_generated |= other.is_generated;
        self.sites.extend(other.sites);
    }
}

fn conflict(here: &[Site], there: &[Site], message: &str, fix: &str) -> Option<SourceError> {
    let (here, there) = (here.first()?, there.first()?);
    Some(here.error(format!("{message} {}", conflict_end(there, fix))))
}

fn conflict_end(there: &Site, fix: &str) -> String {
    format!("at `{}` ({}): {fix}", there.name, there.position())
}
