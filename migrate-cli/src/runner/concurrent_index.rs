//! What a CREATE INDEX CONCURRENTLY that was cut off left behind.

use super::error::MigrateError;
use super::event::Event;
use super::run::Run;
use super::script::Step;
use crate::catalog::{LONGEST_NAME, ObjectName, cut};
use peristyle_migration_files::Flavor;
use peristyle_migration_files::lexer::{Token, TokenKind, tokens};
use peristyle_query::repo::Repo;
use peristyle_query::statement::Dialect;
use peristyle_sql::quoted;

/// How an index that a statement builds was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// It is there and valid.
    Built,
    /// The statement is to run: there is none, it was invalid and is dropped now, or the statement builds none.
    ToRun,
}

/// Looks for the index of a statement that is to run again, and drops it if it is invalid.
pub(crate) async fn settle(run: &Run, connection: &Repo, step: &Step) -> Result<Settled, MigrateError> {
    let Step::Sql(sql) = step else { return Ok(Settled::ToRun) };
    let Some(built) = Some(run.dialect).filter(|each| *each == Dialect::Postgres).and_then(|_| index_of(&sql.text))
    else {
        return Ok(Settled::ToRun);
    };
    let Some(index) = &built.index else {
        return warn_of_invalid(run, connection, &built.table).await.map(|()| Settled::ToRun);
    };
    let found = connection
        .sql::<(String, bool)>(
            "select n.nspname::text, i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid \
             join pg_namespace n on n.oid = c.relnamespace where c.relname = {} and i.indrelid = to_regclass({})",
        )
        .bind((index.as_str(), built.table.as_str()))
        .one()
        .await?;
    match found {
        Some((_, true)) => Ok(Settled::Built),
        None => Ok(Settled::ToRun),
        Some((schema, false)) => {
            let name = ObjectName::with_prefix(schema, index.as_str());
            let warning = format!("the index {name} was left invalid, and is dropped to be built again");
            run.settings.watch.emit(&Event::Warning(&warning));
            let drop = format!("DROP INDEX CONCURRENTLY IF EXISTS {}", name.quoted());
            run.settings.watch.own(&drop);
            connection.script(drop).await?;
            Ok(Settled::ToRun)
        }
    }
}

/// Names the invalid indexes of a table: one of them may be what is left of an index without a name.
async fn warn_of_invalid(run: &Run, connection: &Repo, table: &str) -> Result<(), MigrateError> {
    let invalid = connection.sql::<String>(
        "select c.relname::text from pg_index i join pg_class c on c.oid = i.indexrelid \
         where not i.indisvalid and i.indrelid = to_regclass({}) order by 1",
    );
    let invalid = invalid.bind(table).await?;
    if !invalid.is_empty() {
        let warning = format!(
            "the table {table} has invalid indexes: {}; drop what was left behind, and name an index that is built \
             concurrently, so that it is found and dropped for you",
            invalid.join(", ")
        );
        run.settings.watch.emit(&Event::Warning(&warning));
    }
    Ok(())
}

/// Whether a statement builds an index unless there is one, which may be an invalid one.
pub(crate) fn is_conditional(step: &Step) -> bool {
    matches!(step, Step::Sql(sql) if index_of(&sql.text).is_some_and(|built| built.conditional))
}

/// The index that a statement builds, as the catalog has its name, and the table, as SQL has it.
#[derive(Debug, PartialEq, Eq)]
struct BuiltIndex {
    /// None, if the server gives it a name.
    index: Option<String>,
    table: String,
    /// Whether it says IF NOT EXISTS.
    conditional: bool,
}

/// Reads `CREATE [UNIQUE] INDEX CONCURRENTLY [[IF NOT EXISTS] name] ON [ONLY] table ..`.
fn index_of(sql: &str) -> Option<BuiltIndex> {
    let found = tokens(sql, Flavor::Postgres).ok()?;
    let mut rest = found.into_iter().filter(|token| !token.is_trivia()).peekable();
    let word = |wanted: &str, rest: &mut std::iter::Peekable<_>| {
        rest.next_if(|token: &Token| token.is_word(sql, wanted)).is_some()
    };
    if !word("CREATE", &mut rest) {
        return None;
    }
    word("UNIQUE", &mut rest);
    if !(word("INDEX", &mut rest) && word("CONCURRENTLY", &mut rest)) {
        return None;
    }
    let conditional = word("IF", &mut rest) && word("NOT", &mut rest) && word("EXISTS", &mut rest);
    let index = match rest.next_if(|token| !token.is_word(sql, "ON")) {
        Some(token) => Some(name(sql, token)?),
        None => None,
    };
    if !word("ON", &mut rest) {
        return None;
    }
    word("ONLY", &mut rest);
    let mut table = quoted(&name(sql, rest.next()?)?);
    if rest.next_if(|token| token.is_punctuation(sql, ".")).is_some() {
        table = format!("{table}.{}", quoted(&name(sql, rest.next()?)?));
    }
    Some(BuiltIndex { index, table, conditional })
}

/// An identifier as the catalog has it: without quotes, and else in lower case, as long as a name may be.
fn name(sql: &str, token: Token) -> Option<String> {
    let text = token.text(sql);
    let name = match token.kind {
        TokenKind::Word => text.to_lowercase(),
        TokenKind::Quoted => text.strip_prefix('"')?.strip_suffix('"')?.replace("\"\"", "\""),
        _ => return None,
    };
    Some(cut(&name, LONGEST_NAME).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_and_the_table_of_a_statement_are_found() {
        let built = |sql: &str| index_of(sql).map(|built| (built.index, built.table));
        let named = |index: &str, table: &str| Some((Some(index.to_owned()), table.to_owned()));
        assert_eq!(built("create index concurrently Posts_I on posts (a)"), named("posts_i", "\"posts\""));
        assert_eq!(
            built(
                "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"A \"\"b\" /* x */ ON ONLY blog.\"Posts\" USING gin (a)"
            ),
            named("A \"b", "\"blog\".\"Posts\"")
        );
        assert_eq!(built("create index concurrently on posts (a)"), Some((None, "\"posts\"".to_owned())));
        let long = format!("{}üü", "i".repeat(62));
        assert_eq!(
            built(&format!("create index concurrently {long} on posts (a)")),
            named(&"i".repeat(62), "\"posts\"")
        );
        assert_eq!(built("create index posts_i on posts (a)"), None);
        assert_eq!(built("select 1"), None);
    }
}
