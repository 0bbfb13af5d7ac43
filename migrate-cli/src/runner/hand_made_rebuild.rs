//! A table of SQLite that a file makes again by itself, while foreign keys act.
//!
//! DROP TABLE then deletes every row first, as [SQLite's documentation](https://www.sqlite.org/lang_droptable.html) says, and
//! with them the rows of other tables that refer to them by ON DELETE CASCADE, although the table is there again a
//! statement later.

use super::error::MigrateError;
use super::id::MigrationId;
use super::script::{Script, Step};
use crate::introspect::Cursor;
use peristyle_query::repo::Repo;

/// Refuses a migration that would lose the rows of other tables so.
pub(crate) async fn refuse(tx: &Repo, migration: &MigrationId, script: &Script) -> Result<(), MigrateError> {
    for table in made_again(script) {
        let child = tx
            .sql::<(String, String)>(
                "select s.name, f.on_delete from sqlite_schema s join pragma_foreign_key_list(s.name) f \
                 where s.type = 'table' and lower(f.\"table\") = lower({}) and lower(s.name) <> lower({}) \
                 and f.on_delete in ('CASCADE', 'SET NULL', 'SET DEFAULT') order by 1 limit 1",
            )
            .bind((table.as_str(), table.as_str()))
            .one()
            .await?;
        if let Some((child, action)) = child {
            let reason = format!(
                "it drops the table {table:?} and makes it again, and SQLite would first apply ON DELETE {action} to the rows \
                 of {child:?}: write `-- migrate:foreign-keys off` above `-- migrate:up`"
            );
            return Err(MigrateError::Refused { migration: migration.clone(), reason });
        }
    }
    Ok(())
}

/// The tables that are dropped, and there again at the end.
fn made_again(script: &Script) -> Vec<String> {
    let mut dropped = Vec::new();
    let mut again: Vec<String> = Vec::new();
    for step in &script.steps {
        let Step::Sql(sql) = step else { continue };
        let Some(mut cursor) = Cursor::new(&sql.text) else { continue };
        if cursor.words(&["DROP", "TABLE"]) {
            cursor.words(&["IF", "EXISTS"]);
            dropped.extend(cursor.object_name());
        } else if let Some(name) = made(&mut cursor)
            && let Some(name) = dropped.iter().find(|dropped: &&String| dropped.eq_ignore_ascii_case(&name))
        {
            again.push(name.clone());
        }
    }
    again
}

/// The name that a statement gives to a table.
fn made(cursor: &mut Cursor<'_>) -> Option<String> {
    if cursor.words(&["ALTER", "TABLE"]) {
        cursor.object_name()?;
        return if cursor.words(&["RENAME", "TO"]) { cursor.name() } else { None };
    }
    if !cursor.words(&["CREATE", "TABLE"]) {
        return None;
    }
    cursor.words(&["IF", "NOT", "EXISTS"]);
    cursor.object_name()
}

#[cfg(test)]
mod tests {
    use super::super::script::Sql;
    use super::*;

    fn made_again_by(statements: &[&str]) -> Vec<String> {
        let step = |text: &&str| Step::Sql(Sql { text: (*text).to_owned(), start: None });
        let steps = statements.iter().map(step).collect();
        made_again(&Script { steps, transaction: true, lock_timeout: None, foreign_keys_off: false })
    }

    #[test]
    fn a_table_is_made_again_under_its_old_name_or_anew() {
        let renamed = ["create table \"p new\" (id)", "drop table main.P", "alter table \"p new\" rename to [p]"];
        assert_eq!(made_again_by(&renamed), ["P"]);
        assert_eq!(made_again_by(&["DROP TABLE IF EXISTS `p`", "CREATE TABLE IF NOT EXISTS p (id)"]), ["p"]);
        assert_eq!(made_again_by(&["drop table p", "alter table q rename column a to p"]), [""; 0]);
        assert_eq!(made_again_by(&["create table p (id)", "drop table p"]), [""; 0]);
    }
}
