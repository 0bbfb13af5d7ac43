//! What a database has besides tables and views.

use super::relations::Relations;
use super::rows::{DatabaseWideRow, EnumRow, ExtensionRow, FunctionRow, OtherRow};
use super::{Scope, rows};
use crate::catalog::{Catalog, EnumType, Extension, Function};
use peristyle_query::error::Error;
use peristyle_query::repo::Repo;
use peristyle_sql::quoted;

pub(super) async fn read(
    repo: &Repo,
    scope: &Scope,
    relations: &Relations,
    catalog: &mut Catalog,
) -> Result<(), Error> {
    let oids = || scope.oids();
    for row in rows::<EnumRow>(repo, include_str!("enums.sql"), (oids(),)).await? {
        let name = scope.name(&row.schema, &row.name);
        catalog.enums.push(EnumType { name, values: row.values.unwrap_or_default() });
    }
    for row in rows::<FunctionRow>(repo, include_str!("functions.sql"), (oids(),)).await? {
        catalog.functions.push(function(scope, row));
    }
    for row in rows::<ExtensionRow>(repo, include_str!("extensions.sql"), (scope.everything, oids())).await? {
        // In the current schema it would be anyway.
        let schema = Some(row.schema).filter(|schema| Some(schema) != scope.current.as_ref());
        catalog.extensions.push(Extension { name: row.name, schema });
    }
    for row in rows::<OtherRow>(repo, include_str!("others.sql"), (oids(),)).await? {
        if !relations.implied_sequences.contains(&row.oid) && !relations.ignored.contains(&row.oid) {
            let name = scope.name(&row.schema, &row.name).quoted();
            catalog.others.push(format!("{} {name}{}", row.kind, row.place));
        }
    }
    if scope.everything {
        for row in rows::<DatabaseWideRow>(repo, include_str!("database_wide.sql"), ()).await? {
            catalog.others.push(format!("{} {}", row.kind, quoted(&row.name)));
        }
    }
    Ok(())
}

/// Postgres writes the schema even where it is the current one.
fn function(scope: &Scope, row: FunctionRow) -> Function {
    let name = scope.name(&row.schema, &row.name);
    let definition = row.definition.trim_end();
    let definition = match name.prefix {
        Some(_) => definition.to_owned(),
        None => ["CREATE OR REPLACE FUNCTION ", "CREATE OR REPLACE PROCEDURE "]
            .iter()
            .find_map(|start| {
                let rest = definition.strip_prefix(start)?;
                Some(format!("{start}{}", rest.strip_prefix(&row.quoted_schema)?.strip_prefix('.')?))
            })
            .unwrap_or_else(|| definition.to_owned()),
    };
    Function { name, arguments: row.arguments, definition }
}
