//! The foreign key that refused a statement, found by looking for the rows that are missing or in the way.

use super::MAIN;
use super::catalog::{Database, ForeignKey};
use crate::call::Call;
use crate::connection::Connection;
use peristyle_query::query::ast::{
    Binding, Delete, Expression, Insert, InsertSource, Join, Operation, OutputColumn, Select, Source, Step, Update,
};
use peristyle_query::schema::{FieldMeta, SchemaMeta};
use peristyle_query::statement::{Dialect, Statement};
use peristyle_query::value::Value;
use peristyle_sql::quoted;
use rusqlite::Result;

/// How many tables a delete may cascade through to the rows that are in its way.
const DEPTH: usize = 8;

impl Connection {
    /// The foreign key that refused the statement of a call, and whether it did since rows still point at its rows.
    pub(super) fn violated_key(
        &self,
        database: &Database,
        call: &Call,
        row: &[Value],
        prefix: &str,
    ) -> Result<Option<(ForeignKey, bool)>> {
        let search = Search { connection: self, database, call, prefix };
        match call.written.as_deref() {
            Some(Operation::Insert(insert)) => search.inserted(insert, row),
            Some(Operation::Update(update)) => search.updated(update),
            Some(Operation::Delete(delete)) => search.deleted(delete),
            _ => Ok(None),
        }
    }

    /// The first foreign key with a row that points at none: at a COMMIT, one that was deferred.
    pub(super) fn deferred_key(&self) -> Result<Option<ForeignKey>> {
        let sql = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND sql LIKE '%references%' \
                   ORDER BY sql NOT LIKE '%deferred%', rowid";
        let mut statement = self.sqlite.prepare(sql)?;
        let tables: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_>>()?;
        let database = self.database(MAIN)?;
        for table in tables {
            let mut check = self.sqlite.prepare("SELECT fkid FROM pragma_foreign_key_check(?1, ?2) LIMIT 1")?;
            let mut rows = check.query([table.as_str(), MAIN])?;
            if let Some(row) = rows.next()? {
                // The numbers count down.
                let number = usize::try_from(row.get::<_, i64>(0)?).unwrap_or_default();
                return Ok(database.foreign_keys.iter().filter(|key| key.table == table).rev().nth(number).cloned());
            }
        }
        Ok(None)
    }
}

struct Search<'s> {
    connection: &'s Connection,
    database: &'s Database,
    call: &'s Call,
    prefix: &'s str,
}

impl Search<'_> {
    /// The first key whose row is missing for an inserted row.
    fn inserted(&self, insert: &Insert, row: &[Value]) -> Result<Option<(ForeignKey, bool)>> {
        match &insert.source {
            _ if !row.is_empty() => self.inserted_row(insert, row),
            InsertSource::Rows { values, .. } if !insert.columns.is_empty() => {
                for row in values.chunks_exact(insert.columns.len()) {
                    if let Some(found) = self.inserted_row(insert, row)? {
                        return Ok(Some(found));
                    }
                }
                Ok(None)
            }
            InsertSource::Query(select) => {
                let query = Operation::Select((**select).clone());
                let prefix = self.call.prefix.as_deref();
                let Ok(rows) = peristyle_sql::render(Dialect::Sqlite, &query, prefix) else { return Ok(None) };
                let place = |column: &String| insert.columns.iter().position(|field| is(field, column));
                for key in self.of_table(insert.schema) {
                    let Some(places) = key.columns.iter().map(place).collect::<Option<Vec<_>>>() else { continue };
                    if self
                        .connection
                        .gives_row(&self.missing(key, &rows, insert.columns.len(), &places), values_of(&rows))?
                    {
                        return Ok(Some((key.clone(), false)));
                    }
                }
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    fn inserted_row(&self, insert: &Insert, row: &[Value]) -> Result<Option<(ForeignKey, bool)>> {
        let given =
            |column: &String| insert.columns.iter().zip(row).find(|(field, _)| is(field, column)).map(|(_, v)| v);
        for key in self.of_table(insert.schema) {
            let Some(values) = key.columns.iter().map(given).collect::<Option<Vec<&Value>>>() else { continue };
            // A row may point at itself.
            let itself = same(&key.parent, insert.schema.table)
                && key.keys.iter().map(given).eq(values.iter().map(|value| Some(*value)));
            if itself || values.iter().any(|value| value.is_null()) {
                continue;
            }
            let condition: Vec<String> =
                key.keys.iter().enumerate().map(|(index, key)| format!("{} = ?{}", quoted(key), index + 1)).collect();
            let sql = format!("SELECT 1 FROM {} WHERE {}", self.table(&key.parent), condition.join(" AND "));
            if !self.connection.gives_row(&sql, values)? {
                return Ok(Some((key.clone(), false)));
            }
        }
        Ok(None)
    }

    /// A query for a row among `rows`, which have `width` columns, that points by those at `places` at no row.
    fn missing(&self, key: &ForeignKey, rows: &Statement, width: usize, places: &[usize]) -> String {
        let names: Vec<String> = (0..width).map(|index| format!("c{index}")).collect();
        let given: Vec<String> = places.iter().map(|place| format!("v.c{place} IS NOT NULL")).collect();
        let found: Vec<String> =
            key.keys.iter().zip(places).map(|(key, place)| format!("p.{} = v.c{place}", quoted(key))).collect();
        format!(
            "WITH v({}) AS ({}) SELECT 1 FROM v WHERE {} AND NOT EXISTS (SELECT 1 FROM {} AS p WHERE {}) LIMIT 1",
            names.join(", "),
            rows.sql(),
            given.join(" AND "),
            self.table(&key.parent),
            found.join(" AND "),
        )
    }

    /// The first key whose row is missing for an updated row; else the first that still points at the row as it was.
    fn updated(&self, update: &Update) -> Result<Option<(ForeignKey, bool)>> {
        let set = |column: &String| update.set.iter().find(|(field, _)| is(field, column)).map(|(_, set)| set.clone());
        for key in self.of_table(update.schema) {
            if key.columns.iter().all(|column| set(column).is_none()) {
                continue;
            }
            let value = |column: &String| set(column).or_else(|| stored(update.schema, column));
            let Some(values) = key.columns.iter().map(value).collect::<Option<Vec<Expression>>>() else { continue };
            let Some(rows) = self.rows(Rows::of_update(update), values) else { continue };
            let places: Vec<usize> = (0..key.columns.len()).collect();
            let sql = self.missing(key, &rows, places.len(), &places);
            if self.connection.gives_row(&sql, values_of(&rows))? {
                return Ok(Some((key.clone(), false)));
            }
        }
        let changes_key =
            |key: &&ForeignKey| restricts(&key.on_update) && key.keys.iter().any(|key| set(key).is_some());
        for key in self.pointing_at(update.schema.table).into_iter().filter(changes_key) {
            if let Some(rows) = self.keys(Rows::of_update(update), key)
                && self.connection.gives_row(&self.pointing(key, rows.sql()), values_of(&rows))?
            {
                return Ok(Some((key.clone(), true)));
            }
        }
        Ok(None)
    }

    /// The first key that still points at a deleted row, or at one that would go with it.
    fn deleted(&self, delete: &Delete) -> Result<Option<(ForeignKey, bool)>> {
        let keys = self.pointing_at(delete.schema.table);
        let (cascading, restricting): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| key.on_delete == "CASCADE");
        for key in restricting.into_iter().filter(|key| restricts(&key.on_delete)) {
            if let Some(rows) = self.keys(Rows::of_delete(delete), key)
                && self.connection.gives_row(&self.pointing(key, rows.sql()), values_of(&rows))?
            {
                return Ok(Some((key.clone(), true)));
            }
        }
        for key in cascading {
            let Some(rows) = self.keys(Rows::of_delete(delete), key) else { continue };
            if let Some(key) = self.deleted_along(key, rows.sql(), &rows, DEPTH)? {
                return Ok(Some((key, true)));
            }
        }
        Ok(None)
    }

    /// The first key that still points at rows which go since `cascading` points at the rows that `keys` gives.
    fn deleted_along(
        &self,
        cascading: &ForeignKey,
        keys: &str,
        rows: &Statement,
        depth: usize,
    ) -> Result<Option<ForeignKey>> {
        if depth == 0 {
            return Ok(None);
        }
        for key in self.pointing_at(&cascading.table) {
            let going = self.pointing_columns(cascading, keys, &key.keys);
            if restricts(&key.on_delete) {
                if self.connection.gives_row(&self.pointing(key, &going), values_of(rows))? {
                    return Ok(Some(key.clone()));
                }
            } else if key.on_delete == "CASCADE"
                && let Some(found) = self.deleted_along(key, &going, rows, depth - 1)?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// A query for a row that points by `key` at one of the keys that another query gives.
    fn pointing(&self, key: &ForeignKey, keys: &str) -> String {
        format!("{} LIMIT 1", self.pointing_columns(key, keys, &key.columns))
    }

    fn pointing_columns(&self, key: &ForeignKey, keys: &str, columns: &[String]) -> String {
        format!("SELECT {} FROM {} WHERE ({}) IN ({keys})", list(columns), self.table(&key.table), list(&key.columns))
    }

    fn of_table(&self, schema: &SchemaMeta) -> impl Iterator<Item = &ForeignKey> {
        self.database.foreign_keys.iter().filter(|key| same(&key.table, schema.table))
    }

    /// The keys that point at a table; those of the table itself last, since such rows may go together.
    fn pointing_at(&self, table: &str) -> Vec<&ForeignKey> {
        let mut keys: Vec<_> = self.database.foreign_keys.iter().filter(|key| same(&key.parent, table)).collect();
        keys.sort_by_key(|key| same(&key.table, table));
        keys
    }

    /// The query for the columns that `key` points at, of the rows that a statement was about.
    fn keys(&self, rows: Rows<'_>, key: &ForeignKey) -> Option<Statement> {
        let columns = key.keys.iter().map(|column| stored(rows.schema, column)).collect::<Option<_>>()?;
        self.rows(rows, columns)
    }

    /// The query for expressions over the rows that a statement was about.
    fn rows(&self, rows: Rows<'_>, expressions: Vec<Expression>) -> Option<Statement> {
        let prefix = rows.prefix.map(str::to_owned);
        let mut select = Select::new(Source::Table { schema: rows.schema, prefix });
        select.joins = rows.from.to_vec();
        select.filter = rows.filter.to_vec();
        select.columns =
            expressions.into_iter().map(|expression| OutputColumn::Expression { expression, alias: None }).collect();
        peristyle_sql::render(Dialect::Sqlite, &Operation::Select(select), self.call.prefix.as_deref()).ok()
    }

    fn table(&self, table: &str) -> String {
        format!("{}.{}", quoted(self.prefix), quoted(table))
    }
}

/// The rows that a statement was about.
#[derive(Clone, Copy)]
struct Rows<'s> {
    schema: &'static SchemaMeta,
    prefix: Option<&'s str>,
    from: &'s [Join],
    filter: &'s [Expression],
}

impl<'s> Rows<'s> {
    fn of_update(update: &'s Update) -> Self {
        Rows { schema: update.schema, prefix: update.prefix.as_deref(), from: &update.from, filter: &update.filter }
    }

    fn of_delete(delete: &'s Delete) -> Self {
        Rows { schema: delete.schema, prefix: delete.prefix.as_deref(), from: &[], filter: &delete.filter }
    }
}

/// Whether a statement is refused while rows point at its rows.
fn restricts(action: &str) -> bool {
    matches!(action, "NO ACTION" | "RESTRICT")
}

fn stored(schema: &'static SchemaMeta, column: &str) -> Option<Expression> {
    let (_, field) = schema.stored_fields().find(|(_, field)| is(field, column))?;
    Some(vec![Step::Column(Binding::of(0, 0), field)])
}

fn is(field: &FieldMeta, column: &str) -> bool {
    same(field.column, column)
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

fn list(columns: &[String]) -> String {
    columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ")
}

fn values_of(statement: &Statement) -> impl Iterator<Item = &Value> {
    statement.parameters().iter().map(|parameter| &parameter.value)
}
