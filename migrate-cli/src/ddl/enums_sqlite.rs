//! Enums on SQLite: text columns, with a check of their values where these are known.
//!
//! The name of a check says which enum it stands for, so that a later migration finds it: `posts_status_is_post_status`.

use super::alter_sqlite::Copies;
use super::{Context, Rendered, literal};
use crate::catalog::{Catalog, Check, Column, ColumnType, ObjectName, Table};
use peristyle_sql::quoted;

/// The table with a check for each column of an enum whose values are known.
pub(super) fn with_checks(table: &Table, catalog: &Catalog) -> Table {
    let mut with = table.clone();
    for column in &table.columns {
        let Some(check) = check(table, column, catalog) else {
            continue;
        };
        if with.checks.iter().all(|each| each.name != check.name) {
            with.checks.push(check);
        }
    }
    with
}

/// The check of a column of an enum whose values are known.
pub(super) fn check(table: &Table, column: &Column, catalog: &Catalog) -> Option<Check> {
    let ColumnType::Enum(name) = &column.column_type else {
        return None;
    };
    let values = known_values(name, catalog)?;
    Some(Check {
        name: Some(check_name(&table.name.name, &column.name, &name.name)),
        condition: condition(&column.name, &values)?,
        not_valid: false,
        comment: None,
    })
}

/// The values of an enum: of the type itself, or of another column's check.
fn known_values(name: &ObjectName, catalog: &Catalog) -> Option<Vec<String>> {
    if let Some(each) = catalog.enum_type(name) {
        return Some(each.values.clone());
    }
    catalog.tables.iter().find_map(|table| checks(table, name).next().map(|(_, _, values)| values))
}

fn check_name(table: &str, column: &str, name: &str) -> String {
    format!("{table}_{column}_is_{name}")
}

fn condition(column: &str, values: &[String]) -> Option<String> {
    Some(format!("{} IN ({})", quoted(column), literal::texts(values).ok()?))
}

/// The values of a check that [`condition`] made for a column.
fn values(column: &str, condition: &str) -> Option<Vec<String>> {
    let list = condition.strip_prefix(&format!("{} IN (", quoted(column)))?.strip_suffix(')')?;
    let mut rest = list;
    let mut values = Vec::new();
    loop {
        rest = rest.strip_prefix('\'')?;
        let mut value = String::new();
        loop {
            let end = rest.find('\'')?;
            value.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            match rest.strip_prefix('\'') {
                Some(more) => {
                    value.push('\'');
                    rest = more;
                }
                None => break,
            }
        }
        values.push(value);
        match rest.strip_prefix(", ") {
            Some(more) => rest = more,
            None => return rest.is_empty().then_some(values),
        }
    }
}

/// The column and the values of each check of a table that stands for an enum.
fn checks<'a>(table: &'a Table, name: &'a ObjectName) -> impl Iterator<Item = (usize, &'a str, Vec<String>)> {
    table.checks.iter().enumerate().filter_map(|(position, check)| {
        let column = table.columns.iter().find(|column| {
            let ends = format!("_{}_is_{}", column.name, name.name);
            check.name.as_ref().is_some_and(|check| check.ends_with(&ends))
        })?;
        Some((position, column.name.as_str(), values(&column.name, &check.condition)?))
    })
}

/// Changes the values of an enum wherever a description has them.
pub(super) fn change_values(catalog: &mut Catalog, name: &ObjectName, change: impl Fn(&mut Vec<String>)) {
    for each in catalog.enums.iter_mut().filter(|each| each.name == *name) {
        change(&mut each.values);
    }
    for table in &mut catalog.tables {
        *table = changed(table, name, &change);
    }
}

/// The table with other values in its checks of an enum.
fn changed(table: &Table, name: &ObjectName, change: &impl Fn(&mut Vec<String>)) -> Table {
    let mut new = table.clone();
    for (position, column, mut values) in checks(table, name) {
        change(&mut values);
        if let (Some(condition), Some(check)) = (condition(column, &values), new.checks.get_mut(position)) {
            check.condition = condition;
        }
    }
    new
}

impl<'a> Context<'a> {
    /// Tables with a check of the enum; an error if there is none.
    fn tables_of(self, name: &ObjectName) -> Result<Vec<&'a Table>, String> {
        let tables: Vec<&Table> =
            self.before.tables.iter().filter(|table| checks(table, name).next().is_some()).collect();
        if tables.is_empty() && self.before.enum_type(name).is_none() {
            return Err(format!(
                "no check of SQLite is known to hold the values of the enum {name}, which are text there; \
                 change the columns with `m.execute(..)`"
            ));
        }
        Ok(tables)
    }

    pub(super) fn add_value_to_checks(
        self,
        name: &ObjectName,
        value: &str,
        before: Option<&str>,
        if_not_exists: bool,
    ) -> Result<Rendered, String> {
        let mut rendered = Rendered::default();
        for table in self.tables_of(name)? {
            for (_, column, values) in checks(table, name) {
                if values.iter().any(|each| each == value) && !if_not_exists {
                    return Err(format!("the column \"{column}\" of table {} takes \"{value}\" already", table.name));
                }
            }
            let new = changed(table, name, &|values: &mut Vec<String>| {
                if !values.iter().any(|each| each == value) {
                    let end = values.len();
                    let at = before.and_then(|before| values.iter().position(|each| each == before));
                    values.insert(at.unwrap_or(end), value.to_owned());
                }
            });
            if new != *table {
                rendered.append(self.rebuild(table, &new, &Copies::of(table).without_generated(table))?);
            }
        }
        Ok(rendered)
    }

    pub(super) fn rename_value_in_checks(self, name: &ObjectName, from: &str, to: &str) -> Result<Rendered, String> {
        let (old, new) = (literal::text(from)?, literal::text(to)?);
        let mut rendered = Rendered::default();
        for table in self.tables_of(name)? {
            let mut renamed = changed(table, name, &|values: &mut Vec<String>| {
                for value in values.iter_mut().filter(|value| *value == from) {
                    to.clone_into(value);
                }
            });
            let mut copies = Copies::of(table).without_generated(table);
            for (_, column, _) in checks(table, name) {
                copies.replace(column, |source| format!("CASE {source} WHEN {old} THEN {new} ELSE {source} END"));
                for column in renamed.columns.iter_mut().filter(|each| each.name == column) {
                    rename_default(column, from, to, (&old, &new));
                }
            }
            rendered.append(self.rebuild(table, &renamed, &copies)?);
        }
        Ok(rendered)
    }

    pub(super) fn rename_checks(self, from: &ObjectName, to: &str) -> Result<Rendered, String> {
        let mut rendered = Rendered::default();
        for table in self.tables_of(from)? {
            let mut renamed = table.clone();
            for (position, column, _) in checks(table, from) {
                if let Some(check) = renamed.checks.get_mut(position) {
                    check.name = Some(check_name(&table.name.name, column, to));
                }
            }
            rendered.append(self.rebuild(table, &renamed, &Copies::of(table).without_generated(table))?);
        }
        Ok(rendered)
    }
}

/// The default follows the value that it names, as it does on Postgres.
fn rename_default(column: &mut Column, from: &str, to: &str, literals: (&str, &str)) {
    use crate::catalog::Default;
    match &mut column.default {
        Some(Default::Text(text)) if text == from => to.clone_into(text),
        Some(Default::Sql(sql)) if sql == literals.0 => literals.1.clone_into(sql),
        _ => {}
    }
}
