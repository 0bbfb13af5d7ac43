//! SQLite keeps the statements that made its structure.

use super::layout::statement;
use super::script::HEADER;
use peristyle_migration_files::lexer::Flavor;
use peristyle_query::error::Error;
use peristyle_query::repo::Repo;

/// Tables first, then what hangs on them, each by name. The tables of a virtual one come with it, those of SQLite by
/// themselves.
const STATEMENTS: &str = "\
    select s.sql \
    from sqlite_schema s left join pragma_table_list l on l.schema = 'main' and l.name = s.name and s.type = 'table' \
    where s.sql is not null and s.name not like 'sqlite\\_%' escape '\\' and coalesce(l.type, '') <> 'shadow' \
    order by s.type = 'table' desc, s.type = 'view' desc, s.tbl_name, s.type, s.name";

/// The script of the main database's structure.
pub(super) async fn structure(repo: &Repo) -> Result<String, Error> {
    let mut text = HEADER.to_owned();
    for sql in repo.sql::<String>(STATEMENTS).await? {
        text.push('\n');
        text.push_str(&statement(&sql.replace("\r\n", "\n"), Flavor::Sqlite));
    }
    Ok(text)
}
