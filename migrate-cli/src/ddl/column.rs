//! The definition of a column.

use super::{Context, column_type, default, flag};
use crate::catalog::{Column, ColumnType, Identity, Table};
use peristyle_sql::quoted;

impl Context<'_> {
    /// A column as CREATE TABLE and ADD COLUMN have it, without the table's constraints.
    pub(super) fn column(self, column: &Column, in_key: bool) -> Result<String, String> {
        self.column_parts(column, in_key).map_err(|message| format!("column \"{}\": {message}", column.name))
    }

    fn column_parts(self, column: &Column, in_key: bool) -> Result<String, String> {
        if numbered(column) && self.sqlite() {
            return Err("SQLite numbers the rows of a table's only primary key alone".to_owned());
        }
        let mut sql = format!("{} {}", quoted(&column.name), self.type_and_collation(column));
        if let Some(identity) = &column.identity {
            sql.push_str(&identity_clause(identity));
        }
        if let Some(generated) = &column.generated {
            let kept = if generated.stored { "STORED" } else { "VIRTUAL" };
            sql.push_str(&format!(" GENERATED ALWAYS AS ({}) {kept}", generated.expression));
        }
        if let Some(value) = &column.default {
            sql.push_str(" DEFAULT ");
            sql.push_str(&default::expression(value, &column.column_type, self.dialect)?);
        }
        let implied = !self.sqlite() && (in_key || numbered(column));
        sql.push_str(flag(!column.nullable && !implied, " NOT NULL"));
        Ok(sql)
    }

    pub(super) fn type_and_collation(self, column: &Column) -> String {
        let name = match (&column.collation, &column.column_type) {
            (Some(_), ColumnType::Decimal(_)) if self.sqlite() => "TEXT".to_owned(),
            _ => column_type::name(&column.column_type, self.dialect),
        };
        match &column.collation {
            Some(collation) => format!("{name} COLLATE {}", quoted(collation)),
            None => name,
        }
    }

    /// SQLite's own primary key that numbers the rows, if this is it.
    pub(super) fn autoincrement(self, table: &Table, column: &Column) -> Result<Option<String>, String> {
        let key = table.primary_key.as_ref().is_some_and(|key| key.columns == [column.name.as_str()]);
        if !self.sqlite() || !key || !numbered(column) {
            return Ok(None);
        }
        if let Some(Identity { always: true, .. }) = &column.identity {
            return Err(format!("column \"{}\": SQLite always lets an INSERT give the number", column.name));
        }
        if let Some(increment) = column.identity.as_ref().and_then(|identity| identity.increment)
            && increment != 1
        {
            return Err(format!("column \"{}\": SQLite numbers rows by 1, not by {increment}", column.name));
        }
        Ok(Some(format!("{} INTEGER PRIMARY KEY AUTOINCREMENT", quoted(&column.name))))
    }
}

/// Whether the database numbers the rows by the column.
pub(super) fn numbered(column: &Column) -> bool {
    column.identity.is_some() || matches!(column.column_type, ColumnType::Serial | ColumnType::BigSerial)
}

fn identity_clause(identity: &Identity) -> String {
    let mut options = Vec::new();
    match (identity.start, identity.increment.unwrap_or(1)) {
        // The least number is 1 unless it is said.
        (Some(start), increment) if start < 1 && increment > 0 => options.push(format!("MINVALUE {start}")),
        (Some(start), increment) if start > -1 && increment < 0 => options.push(format!("MAXVALUE {start}")),
        _ => {}
    }
    options.extend(identity.start.map(|start| format!("START WITH {start}")));
    options.extend(identity.increment.map(|increment| format!("INCREMENT BY {increment}")));
    let options = if options.is_empty() { String::new() } else { format!("({})", options.join(" ")) };
    format!(" GENERATED {} AS IDENTITY{options}", if identity.always { "ALWAYS" } else { "BY DEFAULT" })
}
