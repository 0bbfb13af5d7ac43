//! The changes of a table that is there.

use super::convert::{self, Conversion};
use super::plan::Plan;
use super::{DiffError, same};
use crate::catalog::{
    Catalog, Check, Column, ColumnType, Default, ForeignKey, Index, IndexPart, LONGEST_NAME, ObjectName, Table, Unique,
    cut,
};
use crate::ddl;
use crate::operation::{Alteration, ColumnChange, Constraint, Operation};
use peristyle_query::statement::Dialect;
use peristyle_sql::{quoted, text_literal};

/// Changes the table to what is wanted of it, but for indexes and, on Postgres, foreign keys.
pub(super) fn alter(plan: &mut Plan<'_>, wanted: &Table) -> Result<(), DiffError> {
    let Some(table) = plan.state.table(&wanted.name).cloned() else { return Ok(()) };
    let mut changes = Changes {
        plan,
        table: &table,
        wanted,
        first: Vec::new(),
        before: Vec::new(),
        all: Vec::new(),
        between: Vec::new(),
        after: Vec::new(),
    };
    changes.drop_constraints();
    changes.columns()?;
    changes.add_constraints();
    let Changes { first, before, all, between, after, .. } = changes;
    let rows = format!("the rows of {}", wanted.name);
    plan.alter(&wanted.name, first)?;
    for statement in before {
        plan.push_sql(rows.clone(), vec![statement])?;
    }
    plan.alter(&wanted.name, all)?;
    for statement in between {
        plan.push_sql(rows.clone(), vec![statement])?;
    }
    plan.alter(&wanted.name, after)?;
    number(plan, &table, wanted)?;
    settle(plan, wanted);
    Ok(())
}

/// Takes over the spelling of what is the same already.
fn settle(plan: &mut Plan<'_>, wanted: &Table) {
    let Some(table) = plan.state.tables.iter_mut().find(|table| table.name == wanted.name) else { return };
    for column in &mut table.columns {
        if let Some(other) = wanted.column(&column.name) {
            let nullable = column.nullable;
            *column = other.clone();
            column.nullable = nullable;
        }
    }
}

struct Changes<'p, 'a, 't> {
    plan: &'p mut Plan<'a>,
    table: &'t Table,
    wanted: &'t Table,
    /// Changes that statements need.
    first: Vec<Alteration>,
    /// Statements that go before the others.
    before: Vec<String>,
    all: Vec<Alteration>,
    /// Statements that go between them and those that follow.
    between: Vec<String>,
    /// Changes that need the others to be done.
    after: Vec<Alteration>,
}

impl Changes<'_, '_, '_> {
    fn dialect(&self) -> Dialect {
        self.plan.mode.dialect
    }

    fn drop_constraints(&mut self) {
        let (table, wanted) = (self.table, self.wanted);
        let mut drops = Vec::new();
        if self.dialect() == Dialect::Sqlite {
            let gone = table.foreign_keys.iter().filter(|key| !self.plan.keeps(table, wanted, key));
            drops.extend(gone.cloned().map(drop_foreign_key));
        }
        for check in &table.checks {
            let stays = |other: &&Check| other.name == check.name && same::same_check(check, other);
            let found = wanted.checks.iter().find(stays);
            if found.is_some_and(|other| check.not_valid && !other.not_valid)
                && let Some(name) = &check.name
            {
                drops.push(Alteration::ValidateConstraint { name: name.clone() });
            }
            if found.is_none() && check.name.is_some() {
                drops.push(drop_check(check.clone()));
            }
        }
        for unique in &table.uniques {
            let stays = |other: &Unique| other.name == unique.name && same::same_unique(unique, other);
            if let (false, Some(name)) = (wanted.uniques.iter().any(stays), &unique.name) {
                drops.push(drop_constraint(name, Some(Constraint::Unique(unique.clone()))));
            }
        }
        for exclusion in &table.exclusions {
            let stays = |other: &crate::catalog::Exclusion| {
                other.name == exclusion.name && same::same_sql(&other.definition, &exclusion.definition)
            };
            if !wanted.exclusions.iter().any(stays) {
                drops.push(drop_constraint(&exclusion.name, Some(Constraint::Exclusion(exclusion.clone()))));
            }
        }
        if let Some(key) = table.primary_key.as_ref().filter(|_| !same::same_key(table, wanted)) {
            let name = key.name.clone().unwrap_or_else(|| format!("{}_pkey", table.name.name));
            drops.push(drop_constraint(&name, Some(Constraint::PrimaryKey(key.clone()))));
        }
        for key in table.foreign_keys.iter().filter(|key| key.not_valid && self.dialect() == Dialect::Postgres) {
            if wanted.foreign_keys.iter().any(|other| other.name == key.name && !other.not_valid) {
                drops.push(Alteration::ValidateConstraint { name: key.name.clone() });
            }
        }
        self.all.extend(drops);
    }

    fn columns(&mut self) -> Result<(), DiffError> {
        for column in &self.table.columns {
            let stays = self.wanted.column(&column.name).is_some_and(|other| !self.is_remade(column, other));
            if !stays {
                self.all.push(Alteration::DropColumn {
                    name: column.name.clone(),
                    if_exists: false,
                    references: None,
                    primary_key: false,
                    column: Some(Box::new(column.clone())),
                });
            }
        }
        for column in &self.wanted.columns {
            match self.table.column(&column.name) {
                Some(own) if !self.is_remade(own, column) => self.modify(own, column)?,
                _ => self.add(column),
            }
        }
        Ok(())
    }

    /// Whether a column is dropped and made again.
    fn is_remade(&self, own: &Column, wanted: &Column) -> bool {
        is_remade(own, wanted, self.dialect(), &self.plan.state)
    }

    fn value(&self, column: &Column) -> Option<String> {
        let given = self.plan.mode.values.get(&(self.wanted.name.clone(), column.name.clone())).cloned();
        let fill = || {
            let first = |name: &str| first_value(&self.plan.state, name);
            convert::filler(column, self.dialect(), first).filter(|_| self.plan.mode.back)
        };
        given.or_else(fill)
    }

    fn add(&mut self, column: &Column) {
        let mut added = column.clone();
        let fills_itself = same::is_numbered(column) || column.generated.is_some();
        let without = column.default.as_ref().is_none_or(|default| *default == Default::Null);
        let value = self.value(column).filter(|_| !column.nullable && without && !fills_itself);
        if let (Some(value), Dialect::Sqlite) = (&value, self.dialect()) {
            // The table is written anew once, to forbid NULL, and not a second time to forget the default.
            added.nullable = true;
            let (table, name) = (self.wanted.name.quoted(), quoted(&column.name));
            self.first.push(add_column(added));
            self.before.push(format!("UPDATE {table} SET {name} = {value}"));
            self.all.push(set_not_null(&column.name));
            return;
        }
        if let Some(value) = value {
            added.default = Some(Default::Sql(value));
            self.after.push(Alteration::ModifyColumn {
                name: column.name.clone(),
                to: Box::new(ColumnChange { default: Some(None), ..ColumnChange::default() }),
                from: Some(Box::new(ColumnChange { default: Some(added.default.clone()), ..ColumnChange::default() })),
            });
        }
        self.all.push(add_column(added));
    }

    fn modify(&mut self, own: &Column, wanted: &Column) -> Result<(), DiffError> {
        let dialect = self.dialect();
        let (mut to, mut from) = (ColumnChange::default(), ColumnChange::default());
        let type_changes = !same::same_type(own, wanted, dialect);
        if type_changes {
            let is_enum = |name: &str| first_value(&self.plan.state, name).is_some();
            let change = convert::type_change(own, wanted, dialect, is_enum);
            let new = same::type_name(&wanted.column_type, dialect);
            // A serial is a type of new columns alone.
            to.column_type = Some(match (&wanted.column_type, same::is_numbered(wanted)) {
                (ColumnType::Sql(_), true) if dialect == Dialect::Postgres => ColumnType::Sql(new.clone()),
                (other, _) => other.clone(),
            });
            to.collation.clone_from(&wanted.collation);
            to.using = match change.conversion {
                Conversion::Cast => Some(cast(own, wanted, &new, is_enum)),
                _ => None,
            };
            from.column_type = Some(own.column_type.clone());
            from.collation.clone_from(&own.collation);
        }
        let same_default =
            same::same_default(own.default.as_ref(), wanted.default.as_ref(), &wanted.column_type, dialect);
        if !same_default || type_changes && own.default.is_some() {
            // The old default may not fit the new type.
            if type_changes && own.default.is_some() && dialect == Dialect::Postgres {
                let without = ColumnChange { default: Some(None), ..ColumnChange::default() };
                self.all.push(Alteration::ModifyColumn { name: own.name.clone(), to: Box::new(without), from: None });
            }
            let rendered = |column: &Column| match &column.default {
                Some(value) => ddl::default(value, &column.column_type, dialect).map(|sql| Some(Default::Sql(sql))),
                None => Ok(None),
            };
            let new = rendered(wanted).map_err(|message| DiffError::Default {
                column: format!("{}.{}", self.wanted.name, wanted.name),
                message,
            })?;
            to.default = Some(new);
            from.default = Some(own.default.clone());
        }
        self.nullability(own, wanted, &mut to, &mut from);
        if to != ColumnChange::default() {
            self.all.push(Alteration::ModifyColumn {
                name: own.name.clone(),
                to: Box::new(to),
                from: Some(Box::new(from)),
            });
        }
        Ok(())
    }

    fn nullability(&mut self, own: &Column, wanted: &Column, to: &mut ColumnChange, from: &mut ColumnChange) {
        if own.nullable == wanted.nullable {
            return;
        }
        let dialect = self.dialect();
        let change = (Some(wanted.nullable), Some(own.nullable));
        if wanted.nullable {
            (to.nullable, from.nullable) = change;
            return;
        }
        let default = wanted.default.as_ref().filter(|default| **default != Default::Null);
        let default = default.and_then(|value| ddl::default(value, &own.column_type, dialect).ok());
        if let Some(value) = self.value(wanted).or(default) {
            let (table, column) = (self.wanted.name.quoted(), quoted(&own.name));
            let fill = format!("UPDATE {table} SET {column} = {value} WHERE {column} IS NULL");
            // The value is one of the new type.
            if to.column_type.is_some() { self.between.push(fill) } else { self.before.push(fill) }
        }
        let checked_later = self.plan.mode.online && dialect == Dialect::Postgres;
        if !checked_later && !self.between.is_empty() {
            self.after.push(set_not_null(&own.name));
            return;
        }
        if !checked_later {
            (to.nullable, from.nullable) = change;
            return;
        }
        // Postgres needs not read the rows for NOT NULL where a check that is valid says the same.
        let name = shortened(&format!("{}_{}", self.wanted.name.name, own.name), "_is_there");
        let condition = format!("{} IS NOT NULL", quoted(&own.name));
        let check = Check { name: Some(name.clone()), condition, not_valid: true, comment: None };
        self.all.push(Alteration::AddConstraint(Constraint::Check(check.clone())));
        self.plan.validations.push(validate(&self.wanted.name, &name));
        let set = vec![set_not_null(&own.name)];
        self.plan.validations.push(Operation::AlterTable { name: self.wanted.name.clone(), changes: set });
        let drop = drop_check(Check { not_valid: false, ..check });
        self.plan.validations.push(Operation::AlterTable { name: self.wanted.name.clone(), changes: vec![drop] });
    }

    fn add_constraints(&mut self) {
        let (table, wanted) = (self.table, self.wanted);
        if let Some(key) = wanted.primary_key.as_ref().filter(|_| !same::same_key(table, wanted)) {
            self.all.push(Alteration::AddConstraint(Constraint::PrimaryKey(key.clone())));
        }
        for unique in &wanted.uniques {
            let there = |own: &Unique| own.name == unique.name && same::same_unique(own, unique);
            if !table.uniques.iter().any(there) {
                self.all.push(Alteration::AddConstraint(Constraint::Unique(unique.clone())));
            }
        }
        let checked_later = self.plan.mode.online && self.dialect() == Dialect::Postgres;
        for check in &wanted.checks {
            if table.checks.iter().any(|own| own.name == check.name && same::same_check(own, check)) {
                continue;
            }
            let mut check = check.clone();
            if let (true, false, Some(name)) = (checked_later, check.not_valid, &check.name) {
                self.plan.validations.push(validate(&wanted.name, name));
                check.not_valid = true;
            }
            self.all.push(Alteration::AddConstraint(Constraint::Check(check)));
        }
        for exclusion in &wanted.exclusions {
            let there = |own: &crate::catalog::Exclusion| {
                own.name == exclusion.name && same::same_sql(&own.definition, &exclusion.definition)
            };
            if !table.exclusions.iter().any(there) {
                self.all.push(Alteration::AddConstraint(Constraint::Exclusion(exclusion.clone())));
            }
        }
        if self.dialect() == Dialect::Sqlite {
            let stays = |key: &ForeignKey| {
                table.foreign_keys.iter().any(|own| {
                    self.plan.keeps(table, wanted, own)
                        && same::same_foreign_key(own, key)
                        && (own.name == key.name || own.name.is_empty() || key.name.is_empty())
                })
            };
            let missing: Vec<ForeignKey> = wanted.foreign_keys.iter().filter(|key| !stays(key)).cloned().collect();
            let add = |key| Alteration::AddConstraint(Constraint::ForeignKey(key));
            self.all.extend(missing.into_iter().map(add));
        }
    }
}

fn add_column(column: Column) -> Alteration {
    Alteration::AddColumn { column: Box::new(column), primary_key: false, references: None, if_not_exists: false }
}

fn set_not_null(name: &str) -> Alteration {
    let set = ColumnChange { nullable: Some(false), ..ColumnChange::default() };
    let unset = ColumnChange { nullable: Some(true), ..ColumnChange::default() };
    Alteration::ModifyColumn { name: name.to_owned(), to: Box::new(set), from: Some(Box::new(unset)) }
}

/// Whether a column cannot be changed, and so is dropped and made again.
pub(super) fn is_remade(own: &Column, wanted: &Column, dialect: Dialect, state: &Catalog) -> bool {
    let generated = match (&own.generated, &wanted.generated) {
        (Some(a), Some(b)) => a.stored != b.stored || !same::same_sql(&a.expression, &b.expression),
        (None, None) => false,
        _ => true,
    };
    if generated {
        return true;
    }
    let is_enum = |name: &str| first_value(state, name).is_some();
    !same::same_type(own, wanted, dialect)
        && (own.generated.is_some()
            || convert::type_change(own, wanted, dialect, is_enum).conversion == Conversion::Impossible)
}

/// The first value of the enum type of this name, as [`same::type_name`] spells it.
pub(super) fn first_value(catalog: &Catalog, name: &str) -> Option<String> {
    let is_it =
        |name: &str, each: &ObjectName| same::type_name(&ColumnType::Enum(each.clone()), Dialect::Postgres) == name;
    catalog.enums.iter().find(|each| is_it(name, &each.name)).and_then(|each| each.values.first().cloned())
}

/// How a value of the old type becomes one of the new, in SQL.
fn cast(own: &Column, wanted: &Column, new: &str, is_enum: impl Fn(&str) -> bool) -> String {
    let target = ddl::column_type(&wanted.column_type, Dialect::Postgres);
    let column = quoted(&own.name);
    let old = same::type_name(&own.column_type, Dialect::Postgres);
    let (old, list) = match old.strip_suffix("[]") {
        Some(item) => (item.to_owned(), "[]"),
        None => (old, ""),
    };
    // From one enum to another there is no way but by text.
    if is_enum(&old) && is_enum(new.trim_end_matches("[]")) {
        return format!("{column}::text{list}::{target}");
    }
    format!("{column}::{target}")
}

/// Makes Postgres number the rows, or not.
fn number(plan: &mut Plan<'_>, own: &Table, wanted: &Table) -> Result<(), DiffError> {
    if !plan.is_postgres() {
        return Ok(());
    }
    for column in &wanted.columns {
        let Some(before) =
            own.column(&column.name).filter(|before| !is_remade(before, column, Dialect::Postgres, &plan.state))
        else {
            continue;
        };
        let (table, name) = (wanted.name.quoted(), quoted(&column.name));
        let statements = match (same::is_numbered(before), same::is_numbered(column)) {
            (false, true) => vec![
                format!("ALTER TABLE {table} ALTER COLUMN {name} ADD GENERATED BY DEFAULT AS IDENTITY"),
                format!(
                    "SELECT setval(pg_get_serial_sequence({}, {}), coalesce((SELECT max({name}) FROM {table}), 0) + 1, false)",
                    text_literal(&table),
                    text_literal(&column.name)
                ),
            ],
            (true, false) if before.identity.is_some() => {
                vec![format!("ALTER TABLE {table} ALTER COLUMN {name} DROP IDENTITY")]
            }
            (true, false) => vec![format!("ALTER TABLE {table} ALTER COLUMN {name} DROP DEFAULT")],
            // The numbers of an identity column grow with its type; those of a serial do not.
            (true, true) if before.identity.is_none() && !same::same_type(before, column, Dialect::Postgres) => {
                let (table, name) = (text_literal(&table), text_literal(&column.name));
                let new = same::type_name(&column.column_type, Dialect::Postgres);
                let sequence = format!("pg_get_serial_sequence({table}, {name})");
                vec![format!("DO $$ BEGIN EXECUTE format('ALTER SEQUENCE %s AS {new}', {sequence}); END $$")]
            }
            _ => continue,
        };
        plan.push_sql(format!("the numbers of {}.{}", wanted.name, column.name), statements)?;
    }
    Ok(())
}

/// `name` and `end` within the 63 bytes that Postgres keeps of a name.
fn shortened(name: &str, end: &str) -> String {
    format!("{}{end}", cut(name, LONGEST_NAME.saturating_sub(end.len())))
}

pub(super) fn validate(table: &ObjectName, name: &str) -> Operation {
    Operation::AlterTable {
        name: table.clone(),
        changes: vec![Alteration::ValidateConstraint { name: name.to_owned() }],
    }
}

fn drop_constraint(name: &str, constraint: Option<Constraint>) -> Alteration {
    Alteration::DropConstraint { name: name.to_owned(), if_exists: false, cascade: false, constraint }
}

pub(super) fn drop_check(check: Check) -> Alteration {
    drop_constraint(&check.name.clone().unwrap_or_default(), Some(Constraint::Check(check)))
}

pub(super) fn drop_foreign_key(key: ForeignKey) -> Alteration {
    if key.name.is_empty() {
        // SQLite's without a name goes with a change of its column.
        let name = key.columns.first().cloned().unwrap_or_default();
        let from = ColumnChange { references: Some(Box::new(key)), ..ColumnChange::default() };
        return Alteration::ModifyColumn { name, to: Box::default(), from: Some(Box::new(from)) };
    }
    drop_constraint(&key.name.clone(), Some(Constraint::ForeignKey(key)))
}

/// Whether what makes columns unique stays as it is, for foreign keys that point at them.
pub(super) fn keeps_unique(old: &Table, new: &Table, columns: &[String]) -> bool {
    let same = |others: &[String]| others.len() == columns.len() && others.iter().all(|each| columns.contains(each));
    let by_key = old.primary_key.as_ref().is_some_and(|key| same(&key.columns)) && same::same_key(old, new);
    let by_unique =
        old.uniques.iter().filter(|unique| same(&unique.columns)).any(|unique| {
            new.uniques.iter().any(|other| other.name == unique.name && same::same_unique(unique, other))
        });
    let by_index = old.indexes.iter().filter(|index| index.unique).any(|index| {
        plain_columns(index)
            .is_some_and(|own| own.len() == columns.len() && own.iter().all(|each| columns.contains(each)))
            && new.indexes.iter().any(|other| other.name == index.name && same::same_index(index, other))
    });
    by_key || by_unique || by_index
}

/// The columns of an index that has no expressions.
pub(super) fn plain_columns(index: &Index) -> Option<Vec<String>> {
    let name = |part: &IndexPart| match part {
        IndexPart::Column(name) => Some(name.clone()),
        IndexPart::Expression(_) => None,
    };
    index.columns.iter().map(|column| name(&column.part)).collect()
}
