//! SQLite: the statements that `sqlite_schema` keeps, read by a parser; pragmas know less than they say.

mod cursor;
mod index;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use cursor::Cursor;

use super::{Options, Schemas};
use crate::catalog::{Catalog, IndexPart, ObjectName, Table, Trigger, View};
use peristyle_query::adapter::TransactionOptions;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::repo::{Repo, TrustedSql};
use peristyle_sql::{quoted, text_literal};
use std::collections::HashMap;

/// An object of `sqlite_schema`: its kind, its name, that of its table, and its statement.
type Row = (String, String, String, String);

/// The database that a connection is opened with; others are attached to it.
const MAIN: &str = "main";

/// Reads the objects of a database. The kind is `shadow` for the tables that a virtual one keeps its data in.
fn objects(database: &str) -> TrustedSql {
    TrustedSql::verbatim(&format!(
        "select coalesce(l.type, s.type), s.name, s.tbl_name, s.sql \
         from {}.sqlite_schema s left join pragma_table_list l on l.schema = {} and l.name = s.name and s.type = 'table' \
         where s.sql is not null and s.name not like 'sqlite\\_%' escape '\\' \
         order by s.type = 'table' desc, s.type = 'view' desc, s.name",
        quoted(database),
        text_literal(database)
    ))
}

/// Reads the catalog of the main database, and of attached ones that the options ask for, whose names have a prefix.
pub(super) async fn read(repo: &Repo, options: &Options) -> Result<Catalog, Error> {
    // A connection of the caller's own may be in a transaction that the repo knows nothing of.
    if repo.checked_out() {
        return read_all(repo, options).await;
    }
    repo.transaction_with(TransactionOptions::read_only(), async |repo: Repo| read_all(&repo, options).await).await
}

async fn read_all(repo: &Repo, options: &Options) -> Result<Catalog, Error> {
    let mut all = Catalog::default();
    for database in databases(repo, options).await? {
        let rows = repo.sql::<Row>(objects(&database)).await?;
        let mut found = catalog(rows, options)?;
        if !database.eq_ignore_ascii_case(MAIN) {
            give_prefix(&mut found, &database);
        }
        all.tables.extend(found.tables);
        all.views.extend(found.views);
        all.others.extend(found.others);
    }
    Ok(all)
}

/// The databases that are read.
async fn databases(repo: &Repo, options: &Options) -> Result<Vec<String>, Error> {
    if options.schemas == Schemas::Current {
        return Ok(vec![MAIN.to_owned()]);
    }
    let known = repo.sql::<String>("select name from pragma_database_list where name <> 'temp' order by seq").await?;
    let Schemas::Named(names) = &options.schemas else { return Ok(known) };
    match names.iter().find(|name| known.iter().all(|database| !database.eq_ignore_ascii_case(name))) {
        Some(missing) => Err(QueryError::new(format!("no database is attached as {missing:?}")).into()),
        None => Ok(names.clone()),
    }
}

fn give_prefix(catalog: &mut Catalog, database: &str) {
    let tables = catalog.tables.iter_mut().flat_map(|table| {
        let keys = table.foreign_keys.iter_mut().map(|key| &mut key.table);
        std::iter::once(&mut table.name).chain(keys)
    });
    for name in tables.chain(catalog.views.iter_mut().map(|view| &mut view.name)) {
        name.prefix = Some(database.to_owned());
    }
}

/// The catalog that these objects make.
fn catalog(rows: Vec<Row>, options: &Options) -> Result<Catalog, Error> {
    let mut catalog = Catalog::default();
    let mut tables: HashMap<String, Table> = HashMap::new();
    let mut views = Vec::new();
    for (kind, name, table_name, sql) in rows {
        if kind == "shadow" || options.ignores(&table_name) {
            continue;
        }
        // Names mean the same in any case.
        let key = table_name.to_ascii_lowercase();
        let unreadable =
            || QueryError::new(format!("the statement of the {kind} {name:?} in sqlite_schema makes no sense: {sql}"));
        match kind.as_str() {
            "virtual" => catalog.others.push(format!("virtual table {}", quoted(&name))),
            "table" => {
                let parsed = table::parse(&sql).ok_or_else(unreadable)?;
                catalog.others.extend(parsed.others);
                tables.insert(key, parsed.table);
            }
            "view" => {
                let (query, has_columns) = index::parse_view(&sql).ok_or_else(unreadable)?;
                if has_columns {
                    catalog.others.push(format!("names of the columns of the view {}", quoted(&name)));
                }
                views.push(key);
                let (name, indexes) = (ObjectName::new(name), Vec::new());
                catalog.views.push(View { name, query, materialized: false, indexes });
            }
            "index" => {
                let index = index::parse_index(&sql).ok_or_else(unreadable)?;
                if let Some(table) = tables.get_mut(&key) {
                    table.indexes.push(index);
                }
            }
            "trigger" => match tables.get_mut(&key) {
                Some(table) => table.triggers.push(Trigger { name, definition: sql }),
                None => catalog.others.push(format!("trigger {} on the view {}", quoted(&name), quoted(&table_name))),
            },
            _ => catalog.others.push(format!("{kind} {}", quoted(&name))),
        }
    }
    spell_alike(&mut tables);
    catalog.tables = tables.into_values().collect();
    Ok(catalog)
}

/// Writes names of columns and tables as their definitions do, and what a foreign key left out.
fn spell_alike(tables: &mut HashMap<String, Table>) {
    let targets: HashMap<String, (ObjectName, Vec<String>, Vec<String>)> = tables
        .iter()
        .map(|(key, table)| {
            let columns = table.columns.iter().map(|column| column.name.clone()).collect();
            let primary_key = table.primary_key.as_ref().map(|primary_key| primary_key.columns.clone());
            (key.clone(), (table.name.clone(), columns, primary_key.unwrap_or_default()))
        })
        .collect();
    for table in tables.values_mut() {
        let own: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        for key in &mut table.foreign_keys {
            key.columns.iter_mut().for_each(|name| spell(name, &own));
            if key.name.is_empty() {
                key.name = format!("{}_{}_fkey", table.name.name, key.columns.join("_"));
            }
            if let Some((name, columns, primary_key)) = targets.get(&key.table.name.to_ascii_lowercase()) {
                key.table.clone_from(name);
                match key.references.is_empty() {
                    true => key.references.clone_from(primary_key),
                    false => key.references.iter_mut().for_each(|name| spell(name, columns)),
                }
            }
        }
        table.uniques.iter_mut().flat_map(|unique| &mut unique.columns).for_each(|name| spell(name, &own));
        for part in table.indexes.iter_mut().flat_map(|index| &mut index.columns) {
            if let IndexPart::Column(name) = &mut part.part {
                spell(name, &own);
            }
        }
    }
}

fn spell(name: &mut String, columns: &[String]) {
    if let Some(column) = columns.iter().find(|column| column.eq_ignore_ascii_case(name)) {
        name.clone_from(column);
    }
}
